"""Density: how many reals' neighbourhoods a fake lies in."""

import math
from dataclasses import dataclass
from typing import ClassVar

from wgan.metrics.neighbours import BallMetric, inside
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Density(BallMetric):
    """Naeem et al. 2020, eq. 4: like precision, but one outlier among the reals, with its large ball, counts once.

    The mean number of reals' balls that hold a fake, over k. It may exceed one, and is one for equal distributions.
    """

    neighbours: int = 5
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)

    def compare(self, real: Rows, fake: Rows) -> float:
        """0 and up."""
        held = sum(int(within.sum()) for within in inside(real, self.neighbours, fake))
        return held / (self.neighbours * fake.count)
