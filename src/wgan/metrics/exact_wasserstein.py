"""The Wasserstein distance between two small samples, exactly."""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class ExactWasserstein:
    """The cheapest transport of the fakes onto as many reals, by a linear program (POT): W1, or W2 by squared costs.

    Of the samples themselves: points, or pictures as vectors of pixels in [-1, 1]. The distance between two samples of
    one distribution is not zero; among pictures it is nearly all there is (it falls as N^(-1/d), Dudley 1969), so read
    it beside its floor.
    """

    order: Literal[1, 2]
    extractor: str = "samples"
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = 500
    better: ClassVar[Better] = "lower"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    fewest: ClassVar[int] = 1

    def compare(self, real: Rows, fake: Rows) -> float:
        """In the samples' units."""
        import ot

        cost = np.linalg.norm(real.precise.numpy()[:, None] - fake.precise.numpy(), axis=2) ** self.order
        masses = [np.full(samples.count, 1 / samples.count) for samples in (real, fake)]
        cheapest = float(ot.emd2(*masses, cost))
        return float(np.power(cheapest, 1 / self.order))
