"""Recall: how many reals lie among the fakes."""

from dataclasses import dataclass
from typing import ClassVar

from wgan.metrics.metric import Better
from wgan.metrics.neighbours import LIMIT
from wgan.metrics.precision import Precision
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Recall:
    """Kynkäänniemi et al. 2019, eq. 1 and 2: the share of reals within the k-nearest-neighbour ball of any fake."""

    extractor: str
    neighbours: int = 3
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = LIMIT
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @property
    def fewest(self) -> int:
        """A ball to the k-th neighbour takes k others."""
        return self.neighbours + 1

    def compare(self, real: Rows, fake: Rows) -> float:
        """0..1: precision with the parts exchanged."""
        return Precision(self.extractor, self.neighbours).compare(fake, real)
