"""Diversity: how unlike each other fakes are, as a share of how unlike reals are."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Rows


@dataclass(frozen=True)
class Diversity:
    """The mean distance between two fakes over the mean distance between two reals, all pairs: 1 for equal spread.

    Ours, after the use of mean pairwise similarity for collapse in Odena et al. 2017, section 4.2, who take MS-SSIM
    within a class. Near zero, all fakes are one; well above one, they are noise.
    """

    extractor: str
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = 2000
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    fewest: ClassVar[int] = 2

    def compare(self, real: Rows, fake: Rows) -> float:
        """0 and up; NaN where the reals are all alike: there is nothing to take a share of."""
        apart = spread(real)
        return spread(fake) / apart if apart else math.nan


def spread(samples: Rows) -> float:
    """The mean Euclidean distance of two different rows."""
    return samples.remembered("spread", lambda: float(torch.pdist(samples.precise).mean()))
