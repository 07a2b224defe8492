"""Diversity: how much fakes differ from each other, relative to how much reals do."""

import math
from dataclasses import dataclass

import torch

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class Diversity(Metric[AllRows]):
    """The mean distance between two fakes, divided by the mean distance between two reals, over all pairs.

    Equal spread gives 1, identical fakes 0, noise well above 1; NaN if all reals are identical. The metric is ours,
    after Odena et al. 2017, section 4.2, who detect collapse by the mean pairwise MS-SSIM within a class.
    """

    extractor: str
    summary = AllRows
    limit = 2000
    better = "higher"
    fewest = 2

    def compare(self, real: AllRows, fake: AllRows) -> float:
        reference = spread(real)
        return spread(fake) / reference if reference else math.nan


def spread(samples: AllRows) -> float:
    """The mean Euclidean distance between two different rows."""
    return samples.cached("spread", lambda: float(torch.pdist(samples.precise).mean()))
