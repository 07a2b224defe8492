"""Columns and their correlations: what people look at first in a table of numbers."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows, Moments


@dataclass(frozen=True)
class Columns(Metric[AllRows]):
    """By how much the shares of fakes and of reals below some number differ, in the worst column.

    A Kolmogorov-Smirnov distance that forgives `tolerance` deviations of the column: samples near a value that many
    reals share are no worse for missing it by a hair. Without tolerance it is Kolmogorov and Smirnov's.
    """

    extractor: str
    tolerance: float = 0.1
    summary = AllRows
    limit = 2000
    bounds = (0.0, 1.0)

    def compare(self, real: AllRows, fake: AllRows) -> float:
        return max(self.each(real, fake))

    def each(self, real: AllRows, fake: AllRows) -> list[float]:
        """The distance of each column."""
        reals, fakes = (samples.precise.T.contiguous().sort(dim=1).values for samples in (real, fake))
        deviations = reals.std(dim=1, correction=0, keepdim=True)
        constant = reals[:, :1] == reals[:, -1:]
        slack = self.tolerance * torch.where(constant, deviations.max(), deviations)
        worst = torch.maximum(_excess(reals, fakes + slack), _excess(fakes, reals + slack)).clamp_min(0.0)
        return [float(distance) for distance in worst]


def _excess(lower: Tensor, higher: Tensor) -> Tensor:
    """The most by which the share of `higher` below a number exceeds that of `lower`, (F,): rows are sorted."""
    above = torch.searchsorted(higher, higher, right=True).double() / higher.shape[1]
    below = torch.searchsorted(lower, higher, right=True).double() / lower.shape[1]
    return (above - below).amax(dim=1)


@dataclass(frozen=True)
class Correlations(Metric[Moments]):
    """The largest difference between the correlations of two columns; NaN if there are not two that vary."""

    extractor: str
    summary = Moments
    bounds = (0.0, 2.0)
    fewest = 2

    def compare(self, real: Moments, fake: Moments) -> float:
        pair = self.worst(real, fake)
        return math.nan if pair is None else min(abs(pair.real - pair.fake), 2.0)

    def worst(self, real: Moments, fake: Moments) -> "Pair | None":
        """The pair of columns whose correlations differ most; None if there are not two that vary."""
        vary = np.flatnonzero(np.diag(real.covariance) > 0)
        if len(vary) < 2:
            return None
        reals, fakes = (_correlations(moments)[np.ix_(vary, vary)] for moments in (real, fake))
        place = np.unravel_index(np.abs(reals - fakes).argmax(), reals.shape)
        return Pair(int(vary[place[0]]), int(vary[place[1]]), float(reals[place]), float(fakes[place]))


class Pair(NamedTuple):
    """Two columns, and how they go together."""

    first: int
    second: int
    real: float
    """Their correlation among reals."""
    fake: float


def _correlations(moments: Moments) -> NDArray[np.float64]:
    """Of all columns (F, F), 0 where one does not vary."""
    deviations = np.sqrt(np.diag(moments.covariance).clip(min=0))
    products = np.outer(deviations, deviations)
    correlations = np.zeros_like(products)
    np.divide(moments.covariance, products, out=correlations, where=products > 0)
    np.fill_diagonal(correlations, 1.0)
    return correlations
