"""Combinations drawn at random."""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from wgan.sweeps.axes import Axis


def drawn(axes: Mapping[str, Axis], count: int, seed: int) -> list[dict[str, Any]]:
    """The settings of so many combinations, by dotted key.

    Each value is a function of (seed, place, key): more combinations begin with the same ones, and another axis leaves
    the values of the others.
    """
    return [{key: axis.at(_share(seed, place, key)) for key, axis in axes.items()} for place in range(count)]


def _share(seed: int, place: int, key: str) -> float:
    """A number in [0, 1), uniform over places."""
    return float(np.random.default_rng((seed, place, zlib.crc32(key.encode()))).random())
