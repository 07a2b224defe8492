"""The squared maximum mean discrepancy under a cubic kernel: on Inception's features, the KID."""

import math
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Rows

BLOCK = 1024


@dataclass(frozen=True)
class MMD:
    """Bińkowski et al. 2018, section 4: unbiased, so that its expectation is zero where both distributions are equal.

    The kernel is (x·y / F + 1)³ on F features. All pairs are used, where the paper averages over subsets: the same
    expectation, less spread. Being unbiased, it may come out below zero.
    """

    extractor: str
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = 5000
    better: ClassVar[Better] = "lower"
    bounds: ClassVar[tuple[float, float]] = (-math.inf, math.inf)
    fewest: ClassVar[int] = 2

    def compare(self, real: Rows, fake: Rows) -> float:
        """Gretton et al. 2012, eq. 3."""
        between = _sum(real.precise, fake.precise) / (real.count * fake.count)
        return _mean_of_pairs(real) + _mean_of_pairs(fake) - 2 * between


def kernel(x: Tensor, y: Tensor) -> Tensor:
    """(N, F) and (M, F) to (N, M)."""
    return (x @ y.T / x.shape[1] + 1) ** 3


def _sum(x: Tensor, y: Tensor) -> float:
    return sum(float(kernel(block, y).sum()) for block in x.split(BLOCK))


def _mean_of_pairs(samples: Rows) -> float:
    """The mean over all pairs of different rows."""

    def compute() -> float:
        x = samples.precise
        diagonal = float(((x.square().sum(1) / x.shape[1] + 1) ** 3).sum())
        return (_sum(x, x) - diagonal) / (len(x) * (len(x) - 1))

    return samples.remembered("kernel", compute)
