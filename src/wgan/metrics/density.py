"""Density: how many reals' neighbourhoods a fake lies in."""

import math
from dataclasses import dataclass

from wgan.metrics.neighbours import BallMetric, inside
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class Density(BallMetric):
    """Naeem et al. 2020, eq. 4: like precision, but an outlier among the reals, with its large ball, counts only once.

    The mean number of reals' balls that hold a fake, divided by k. It can exceed one; equal distributions give one.
    """

    neighbours: int = 5
    bounds = (0.0, math.inf)

    def compare(self, real: AllRows, fake: AllRows) -> float:
        held = sum(int(within.sum()) for within in inside(real, self.neighbours, fake))
        return held / (self.neighbours * fake.count)
