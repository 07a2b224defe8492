"""Several processes that train one run together, and BatchNorm over their shared batch."""
