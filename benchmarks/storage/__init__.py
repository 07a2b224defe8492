"""Faults of storage, and what a run must be after them: for the tests and for `soak.py`."""
