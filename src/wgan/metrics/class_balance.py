"""How evenly the fakes are spread over the data's classes, as a classifier sees them."""

from dataclasses import dataclass

import numpy as np

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import Counts


@dataclass(frozen=True)
class ClassBalance(Metric[Counts]):
    """The total variation distance between the class shares of fakes and of reals.

    It is half the sum of the absolute differences: the share of fakes that would have to change class. The classifier
    labels the reals too, so the classes that it confuses do not count against the fakes.
    """

    extractor: str = "classes"
    summary = Counts
    bounds = (0.0, 1.0)

    def compare(self, real: Counts, fake: Counts) -> float:
        return float(np.abs(real.shares - fake.shares).sum() / 2)
