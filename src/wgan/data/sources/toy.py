"""Toy distributions in the plane: experiments in seconds, with modes that can be counted."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from wgan.data.source import Sample, Skipped, Survey, plain
from wgan.errors import unknown
from wgan.system.pictures import Array
from wgan.types import Progress

POINTS = 100_000


class Mixture(NamedTuple):
    """Equal round Gaussians at `centres` (K, 2), each of standard deviation `sigma`."""

    centres: Array
    sigma: float


def _ring(modes: int) -> Mixture:
    angles = 2 * math.pi * np.arange(modes) / modes
    return Mixture(np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.01)


def _grid(side: int) -> Mixture:
    ticks = 2.0 * np.arange(side) - (side - 1)
    return Mixture(np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2), 0.05)


MIXTURES = {"ring8": _ring(8), "grid25": _grid(5)}
"""Set-ups of Lin et al. 2018 (PacGAN, section 4.1): unit ring with sigma 0.01; grid on [-4, 4] with sigma 0.05."""

TOYS = (*MIXTURES, "swissroll")


class Toy:
    """`toy:ring8`, `toy:grid25`, `toy:swissroll`: 100,000 points each, always the same ones."""

    def __init__(self, kind: str) -> None:
        if kind not in TOYS:
            raise unknown("toy distribution", kind, TOYS)
        self.kind = kind
        self.name = f"toy-{kind}"

    def points(self) -> Array:
        """(N, 2) float32."""
        random = np.random.Generator(np.random.Philox(key=0))
        if self.kind in MIXTURES:
            centres, sigma = MIXTURES[self.kind]
            points = centres[random.integers(len(centres), size=POINTS)]
            points = points + sigma * random.standard_normal(points.shape)
        else:
            # The roll of Gulrajani et al. 2017, figure 1b: scaled to about unit standard deviation.
            angle = 1.5 * math.pi * (1 + 2 * random.random(POINTS))
            roll = angle[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
            points = (roll + 0.25 * random.standard_normal(roll.shape)) / 7.5
        return np.asarray(points, np.float32)

    def label_names(self) -> tuple[str, ...]:
        """None."""
        return ()

    def identity(self) -> str:
        """The points are a function of the name."""
        return f"toy {self.kind} {POINTS} v1"

    def survey(self, progress: Progress = plain) -> Survey:
        """How many points, of which size."""
        return Survey(POINTS, point_size=2)

    def samples(self) -> Iterator[Sample | Skipped]:
        """The points."""
        for point in self.points():
            yield Sample(point)
