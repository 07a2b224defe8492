"""Toy distributions in the plane, for experiments in seconds with modes that can be counted."""

import math
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wgan.data.source import Beside, Sample, Source, Survey, no_progress
from wgan.errors import unknown
from wgan.system.pictures import Array
from wgan.types import Progress

POINTS = 100_000


class Mixture(NamedTuple):
    """Equal round Gaussians at `centres` (K, 2), each of standard deviation `sigma`."""

    centres: Array
    sigma: float


ANGLES = 2 * math.pi * np.arange(8) / 8


def _grid(side: int) -> Mixture:
    """`side` x `side` Gaussians around 0, 2 apart, each of standard deviation 0.05."""
    ticks = 2.0 * np.arange(side) - (side - 1)
    return Mixture(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), 0.05)


MIXTURES = {
    "ring8": Mixture(np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1), 0.01),
    "grid25": _grid(5),
    "grid100": _grid(10),
}
"""From Lin et al. 2018 (PacGAN, section 4.1): a unit ring with sigma 0.01, and a grid on [-4, 4] with sigma 0.05.
`grid100` goes on with that grid to 10 x 10, on [-9, 9]: neighbours are 40 sigma apart in both."""

CIRCLE = 0.05
"""The deviation of points around the unit circle, across and along."""
TOYS = (*MIXTURES, "swissroll", "circle")


class Drawn(NamedTuple):
    """Points (N, 2), and what each was drawn at (N,)."""

    points: Array
    beside: Beside


class Toy(Source):
    """`toy:ring8`, `toy:grid25`, `toy:grid100`, `toy:swissroll` or `toy:circle`: 100,000 points, always the same.

    Each knows its mode, or its angle in degrees, which a generator can be asked for.
    """

    def __init__(self, kind: str) -> None:
        if kind not in TOYS:
            raise unknown("toy distribution", kind, TOYS)
        self.kind = kind
        self.name = f"toy-{kind}"

    def points(self) -> Array:
        """(N, 2) float32."""
        return np.asarray(self._drawn.points, np.float32)

    def beside(self) -> tuple[Beside, ...]:
        return (self._drawn.beside,)

    @cached_property
    def _drawn(self) -> Drawn:
        random = np.random.Generator(np.random.Philox(key=0))
        if self.kind in MIXTURES:
            centres, sigma = MIXTURES[self.kind]
            modes = random.integers(len(centres), size=POINTS)
            points = centres[modes] + sigma * random.standard_normal((POINTS, 2))
            return Drawn(points, Beside("mode", modes.astype(str)))
        if self.kind == "circle":
            angle = 2 * math.pi * random.random(POINTS)
            circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
            points = circle + CIRCLE * random.standard_normal(circle.shape)
        else:
            # The roll of Gulrajani et al. 2017, figure 1b: scaled to about unit standard deviation.
            angle = 1.5 * math.pi * (1 + 2 * random.random(POINTS))
            roll = angle[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
            points = (roll + 0.25 * random.standard_normal(roll.shape)) / 7.5
        return Drawn(points, Beside("angle", np.degrees(angle)))

    def identity(self) -> str:
        return f"toy {self.kind} {POINTS} v1"

    def survey(self, progress: Progress = no_progress) -> Survey:
        return Survey(POINTS, point_size=2, kind="points", dtype="float32")

    def samples(self) -> Iterator[Sample]:
        return map(Sample, self.points())
