"""The energy distance."""

import math
from dataclasses import dataclass

import torch

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows


@dataclass(frozen=True)
class Energy(Metric[AllRows]):
    """√((2 E|X - Y| - E|X - X'| - E|Y - Y'|) / E|Y - Y'|), with Y real (Székely and Rizzo 2013, eq. 1).

    A distance between distributions: zero only for equal ones. The means are over all pairs, a sample's with itself
    too, so two finite samples of one distribution are about √(1/N + 1/M) apart. Deviation: it is in units of the mean
    distance between reals, so it does not depend on the features' scale; NaN if all reals are identical.
    """

    extractor: str
    summary = AllRows
    limit = 2000
    fewest = 2

    def compare(self, real: AllRows, fake: AllRows) -> float:
        spread = _mean_within(real)
        if not spread:
            return math.nan
        between = float(torch.cdist(real.precise, fake.precise).mean())
        return math.sqrt(max(2 * between - spread - _mean_within(fake), 0.0) / spread)


def _mean_within(samples: AllRows) -> float:
    """The mean distance between two rows, which may be the same one."""
    count = samples.count
    pairs = samples.cached("pairs", lambda: float(torch.pdist(samples.precise).sum()))
    return 2 * pairs / count**2
