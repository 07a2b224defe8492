"""Several processes that train one run together, and BatchNorm over the batch they share."""

from wgan.training.distributed.batch_norm import sync_norms, unsynced
from wgan.training.distributed.world import ALONE, World, is_follower, joined, restarted
