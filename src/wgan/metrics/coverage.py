"""Coverage: how many reals have a fake in their neighbourhood."""

from dataclasses import dataclass

from wgan.metrics.neighbours import BallMetric, inside
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Coverage(BallMetric):
    """Naeem et al. 2020, eq. 5: the share of reals whose k-nearest-neighbour ball holds a fake.

    The balls are the reals', so that fakes that are far from everything cover nothing, as they would in recall. For
    equal distributions it is not one but about 1 - 2^-k, where both have the same count (eq. 9).
    """

    neighbours: int = 5

    def compare(self, real: Rows, fake: Rows) -> float:
        """0..1."""
        return sum(int(within.any(1).sum()) for within in inside(real, self.neighbours, fake)) / real.count
