"""Precision: the share of fakes that lie among the reals."""

from dataclasses import dataclass

import torch

from wgan.metrics.neighbours import BallMetric, inside
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class Precision(BallMetric):
    """Kynkäänniemi et al. 2019, eq. 1 and 2: the share of fakes within the k-nearest-neighbour ball of any real."""

    def compare(self, real: AllRows, fake: AllRows) -> float:
        covered = torch.zeros(fake.count, dtype=torch.bool)
        for within in inside(real, self.neighbours, fake):
            covered |= within.any(0)
        return float(covered.double().mean())
