"""Recall: the share of reals that lie among the fakes."""

from dataclasses import dataclass

from wgan.metrics.neighbours import BallMetric
from wgan.metrics.precision import Precision
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class Recall(BallMetric):
    """Kynkäänniemi et al. 2019, eq. 1 and 2: the share of reals within the k-nearest-neighbour ball of any fake."""

    def compare(self, real: AllRows, fake: AllRows) -> float:
        return Precision(self.extractor, self.neighbours).compare(fake, real)
