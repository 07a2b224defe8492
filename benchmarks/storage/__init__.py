"""Storage faults, and checks of a run after them, for the tests and for `soak.py`."""
