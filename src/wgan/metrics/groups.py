"""What metrics within classes share: a value in each group of samples that were asked for the same."""

import math
from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from wgan.metrics.asked_summaries import Groups
from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class GroupMetric(Metric[Groups]):
    """The mean over groups with at least `members` reals: each class, each label, or fifths of a number.

    The groups of fakes are by what they were asked to be, not by what they look like. NaN if no group is large enough.
    """

    extractor: str = "groups"
    members: int = 10
    summary = Groups
    limit = 10_000

    @property
    def fewest(self) -> int:
        return self.members

    def compare(self, real: Groups, fake: Groups) -> float:
        values = [value for value in self.each(real, fake) if math.isfinite(value)]
        return float(np.mean(values)) if values else math.nan

    def each(self, real: Groups, fake: Groups) -> list[float]:
        """The value within each group; NaN where there are too few reals, or not two fakes."""
        return [
            self.within(reals, fakes) if reals.count >= self.members and fakes.count >= 2 else math.nan
            for reals, fakes in zip(real.groups, fake.groups, strict=True)
        ]

    @abstractmethod
    def within(self, real: AllRows, fake: AllRows) -> float:
        """The value within one group."""
