"""What is computed of real samples alone, kept in the cache: every evaluation of the same data needs it again."""

from collections.abc import Callable

import numpy as np

from wgan.data.cache import key_of, shelf, writing
from wgan.files import replacing
from wgan.metrics.summaries import Arrays

VERSION = 1
"""Raised when the same reals would give other numbers."""


def kept(compute: Callable[[], Arrays], *parts: object) -> Arrays:
    """What `compute` gives, read from the cache if these parts were asked for before. Arrays only: nothing is run."""
    folder = shelf("statistics")
    path = folder / f"{key_of(VERSION, *parts)}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return dict(content)
    except FileNotFoundError:
        pass
    except Exception:  # NumPy raises many kinds for files that are cut short: it is made again
        path.unlink()
    arrays = compute()
    with writing("statistics", folder), replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    return arrays
