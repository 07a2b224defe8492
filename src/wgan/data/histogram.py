"""Histograms of numbers of any size."""

import numpy as np

from wgan.system.pictures import Array

ROUNDING = 4
"""Numbers that are this many of the smallest steps apart are the same, computed in two ways."""


def constant(low: float, high: float) -> bool:
    """Whether numbers from `low` to `high` are all the same, but for rounding."""
    return bool(high / 2 - low / 2 <= ROUNDING / 2 * np.spacing(max(abs(low), abs(high))))


def histogram(numbers: Array, bins: int) -> list[int]:
    """How many of the finite numbers lie in each of equal parts, from the lowest to the highest.

    `np.histogram` needs edges that differ, and a range that does not overflow. Constant numbers are in the first part.
    """
    halves = np.asarray(numbers, np.float64).reshape(-1) / 2
    low, high = float(halves.min()), float(halves.max())
    if constant(2 * low, 2 * high):
        return [len(halves), *[0] * (bins - 1)]
    places = ((halves - low) / (high - low) * bins).astype(np.int64)
    return [int(count) for count in np.bincount(np.minimum(places, bins - 1), minlength=bins)]
