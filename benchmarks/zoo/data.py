"""Data for the zoo: bundled, generated, or real pictures beside the checkout."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from wgan.data import MIXTURES, Array

SHARED = Path(__file__).parents[3] / "shared" / "data"


def shapes(count: int, side: int) -> Array:
    """Discs and squares of one colour on a ground of another, (count, side, side, 3) in 0..255."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side]
    centre = random.uniform(0.3, 0.7, (2, count, 1, 1)) * side
    radius = random.uniform(0.15, 0.3, (count, 1, 1)) * side
    off = np.abs(rows - centre[0]), np.abs(columns - centre[1])
    disc = np.hypot(*off) < radius
    square = np.maximum(*off) < radius
    inside = np.where(random.random((count, 1, 1)) < 0.5, disc, square)
    ink, ground = random.integers(0, 256, (2, count, 1, 1, 3))
    return np.where(inside[..., None], ink, ground).astype(np.uint8)


def few_digits(count: int, start: int = 0) -> Array:
    """Some of the bundled digits, (count, 8, 8) in 0..255."""
    values = load_digits().images[start : start + count]
    return (values * 255 / 16).round().astype(np.uint8)


def wide_points(scale: float) -> Array:
    """The ring of eight Gaussians, `scale` times as large, (20000, 2)."""
    random = np.random.default_rng(0)
    centres, sigma = MIXTURES["ring8"]
    points = centres[random.integers(len(centres), size=20_000)] + sigma * random.standard_normal((20_000, 2))
    return (scale * points).astype(np.float32)
