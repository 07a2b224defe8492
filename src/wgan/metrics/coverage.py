"""Coverage: how many reals have a fake in their neighbourhood."""

from dataclasses import dataclass
from typing import ClassVar

from wgan.metrics.metric import Better
from wgan.metrics.neighbours import LIMIT, inside
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Coverage:
    """Naeem et al. 2020, eq. 5: the share of reals whose k-nearest-neighbour ball holds a fake.

    The balls are the reals', so that fakes that are far from everything cover nothing, as they would in recall. For
    equal distributions it is not one but about 1 - 2^-k, where both have the same count (eq. 9).
    """

    extractor: str
    neighbours: int = 5
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = LIMIT
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @property
    def fewest(self) -> int:
        """A ball to the k-th neighbour takes k others."""
        return self.neighbours + 1

    def compare(self, real: Rows, fake: Rows) -> float:
        """0..1."""
        return sum(int(within.any(1).sum()) for within in inside(real, self.neighbours, fake)) / real.count
