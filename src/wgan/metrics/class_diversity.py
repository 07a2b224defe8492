"""Diversity within classes: whether there are as many kinds of seven as there should be."""

import math
from dataclasses import dataclass

from wgan.metrics.diversity import spread
from wgan.metrics.groups import GroupMetric
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class ClassDiversity(GroupMetric):
    """The mean over groups of the mean distance of two fakes, divided by that of two reals.

    Odena et al. 2017, section 4.2, look for collapsed classes so, by the MS-SSIM of pairs. A group whose reals are all
    the same is left out. Of each group up to `pairs_of` samples are compared.
    """

    pairs_of: int = 2000
    better = "higher"

    def within(self, real: AllRows, fake: AllRows) -> float:
        reference = self._spread(real)
        return self._spread(fake) / reference if reference else math.nan

    def _spread(self, samples: AllRows) -> float:
        return spread(samples.first(self.pairs_of))
