"""Which of the data's classes the fakes have, as a classifier sees them."""

from dataclasses import dataclass

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import Counts


@dataclass(frozen=True)
class ClassCoverage(Metric[Counts]):
    """The share of the reals' classes that fakes have at least `least` times as often as the reals.

    A single fake is not enough, unlike in protocols with 1,000 modes: with ten classes that would count the
    classifier's errors.
    """

    extractor: str = "classes"
    least: float = 0.1
    summary = Counts
    better = "higher"
    bounds = (0.0, 1.0)

    def compare(self, real: Counts, fake: Counts) -> float:
        present = real.classes > 0
        found = fake.shares[present] >= self.least * real.shares[present]
        return float(found.mean())
