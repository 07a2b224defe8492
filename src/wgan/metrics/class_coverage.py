"""Which of the data's classes the fakes have, by a classifier's word."""

from dataclasses import dataclass
from typing import ClassVar

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Counts


@dataclass(frozen=True)
class ClassCoverage:
    """The share of the reals' classes that fakes have too, at `least` a tenth as often as the reals.

    Counting a class as found from one fake on, as protocols of 1,000 modes do, would with ten classes count the
    classifier's errors.
    """

    extractor: str = "classes"
    least: float = 0.1
    summary: ClassVar[type[Counts]] = Counts
    limit: ClassVar[None] = None
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    fewest: ClassVar[int] = 1

    def compare(self, real: Counts, fake: Counts) -> float:
        """0..1."""
        there = real.classes > 0
        found = fake.shares[there] >= self.least * real.shares[there]
        return float(found.mean())
