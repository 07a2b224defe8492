"""The exact Wasserstein distance between two small samples."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class ExactWasserstein(Metric[AllRows]):
    """W1, or W2 with squared costs: the cheapest transport of fakes onto reals, by linear programming (POT).

    In units of the samples: points as they are, pictures as vectors of pixels in [-1, 1]. Two samples of one
    distribution have a distance above zero, which for pictures is most of the value (it falls as N^(-1/d), Dudley
    1969): compare the value with its floor.
    """

    order: Literal[1, 2]
    extractor: str = "samples"
    summary = AllRows
    limit = 500

    def compare(self, real: AllRows, fake: AllRows) -> float:
        import ot

        cost = np.linalg.norm(real.precise.numpy()[:, None] - fake.precise.numpy(), axis=2) ** self.order
        masses = [np.full(samples.count, 1 / samples.count) for samples in (real, fake)]
        cheapest = float(ot.emd2(*masses, cost))
        return float(np.power(cheapest, 1 / self.order))
