"""Precision: how many fakes lie among the reals."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from wgan.metrics.metric import Better
from wgan.metrics.neighbours import LIMIT, inside
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Precision:
    """Kynkäänniemi et al. 2019, eq. 1 and 2: the share of fakes within the k-nearest-neighbour ball of any real."""

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
        """0..1."""
        covered = torch.zeros(fake.count, dtype=torch.bool)
        for within in inside(real, self.neighbours, fake):
            covered |= within.any(0)
        return float(covered.double().mean())
