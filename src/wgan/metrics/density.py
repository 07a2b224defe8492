"""Density: how many reals' neighbourhoods a fake lies in."""

import math
from dataclasses import dataclass
from typing import ClassVar

from wgan.metrics.metric import Better
from wgan.metrics.neighbours import LIMIT, inside
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Density:
    """Naeem et al. 2020, eq. 4: like precision, but one outlier among the reals, with its large ball, counts once.

    The mean number of reals' balls that hold a fake, over k. It may exceed one, and is one for equal distributions.
    """

    extractor: str
    neighbours: int = 5
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = LIMIT
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)

    @property
    def fewest(self) -> int:
        """A ball to the k-th neighbour takes k others."""
        return self.neighbours + 1

    def compare(self, real: Rows, fake: Rows) -> float:
        """0 and up."""
        held = sum(int(within.sum()) for within in inside(real, self.neighbours, fake))
        return held / (self.neighbours * fake.count)
