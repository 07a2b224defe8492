"""Coverage: the share of reals that have a fake in their neighbourhood."""

from dataclasses import dataclass

from wgan.metrics.neighbours import BallMetric, inside
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class Coverage(BallMetric):
    """Naeem et al. 2020, eq. 5: the share of reals whose k-nearest-neighbour ball holds a fake.

    The balls are the reals', so fakes far from everything cover nothing; in recall they would. For equal distributions
    and equal counts the expectation is about 1 - 2^-k, not one (eq. 9).
    """

    neighbours: int = 5

    def compare(self, real: AllRows, fake: AllRows) -> float:
        return sum(int(within.any(1).sum()) for within in inside(real, self.neighbours, fake)) / real.count
