"""How evenly the fakes are spread over the data's classes, by a classifier's word."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Counts


@dataclass(frozen=True)
class ClassBalance:
    """The total variation distance between the class shares of fakes and of reals.

    Half the sum of the absolute differences: the share of fakes that would have to change class. Both shares are the
    classifier's word, so that what it confuses among reals does not count against the fakes.
    """

    extractor: str = "classes"
    summary: ClassVar[type[Counts]] = Counts
    limit: ClassVar[None] = None
    better: ClassVar[Better] = "lower"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    fewest: ClassVar[int] = 1

    def compare(self, real: Counts, fake: Counts) -> float:
        """0..1."""
        return float(np.abs(real.shares - fake.shares).sum() / 2)
