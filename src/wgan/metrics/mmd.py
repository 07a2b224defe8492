"""The squared maximum mean discrepancy under a cubic kernel: on Inception's features, the KID."""

import math
from dataclasses import dataclass

from torch import Tensor

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows

BLOCK = 1024


@dataclass(frozen=True)
class MMD(Metric[AllRows]):
    """Bińkowski et al. 2018, section 4, by the unbiased estimator of Gretton et al. 2012, eq. 3.

    The kernel is (x·y / F + 1)³ on F features. Equal distributions have expectation zero, so values can be negative.
    Deviation: the paper averages over subsets; all pairs have the same expectation and less variance.
    """

    extractor: str
    summary = AllRows
    limit = 5000
    bounds = (-math.inf, math.inf)
    fewest = 2

    def compare(self, real: AllRows, fake: AllRows) -> float:
        between = _sum(real.precise, fake.precise) / (real.count * fake.count)
        return _mean_of_pairs(real) + _mean_of_pairs(fake) - 2 * between


def kernel(x: Tensor, y: Tensor) -> Tensor:
    """(N, F) and (M, F) to (N, M)."""
    return (x @ y.T / x.shape[1] + 1) ** 3


def _sum(x: Tensor, y: Tensor) -> float:
    return sum(float(kernel(block, y).sum()) for block in x.split(BLOCK))


def _mean_of_pairs(samples: AllRows) -> float:
    """The mean over all pairs of different rows."""

    def compute() -> float:
        x = samples.precise
        diagonal = float(((x.square().sum(1) / x.shape[1] + 1) ** 3).sum())
        return (_sum(x, x) - diagonal) / (len(x) * (len(x) - 1))

    return samples.cached("kernel", compute)
