"""Columns and their correlations: what people look at first in a table of numbers."""

import math
from dataclasses import dataclass

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
        reals, fakes = (samples.precise.T.contiguous().sort(dim=1).values for samples in (real, fake))
        deviations = reals.std(dim=1, correction=0, keepdim=True)
        constant = reals[:, :1] == reals[:, -1:]
        slack = self.tolerance * torch.where(constant, deviations.max(), deviations)
        return max(_excess(reals, fakes + slack), _excess(fakes, reals + slack), 0.0)


def _excess(lower: Tensor, higher: Tensor) -> float:
    """The most by which the share of `higher` below a number exceeds that of `lower`: sorted rows (F, N), (F, M)."""
    above = torch.searchsorted(higher, higher, right=True).double() / higher.shape[1]
    return float((above - torch.searchsorted(lower, higher, right=True).double() / lower.shape[1]).max())


@dataclass(frozen=True)
class Correlations(Metric[Moments]):
    """The largest difference between the correlations of two columns; NaN if there are not two that vary."""

    extractor: str
    summary = Moments
    bounds = (0.0, 2.0)
    fewest = 2

    def compare(self, real: Moments, fake: Moments) -> float:
        reals = np.diag(real.covariance) > 0
        differences = np.abs(_correlations(real) - _correlations(fake))[np.ix_(reals, reals)]
        return min(float(differences.max()), 2.0) if reals.sum() > 1 else math.nan


def _correlations(moments: Moments) -> NDArray[np.float64]:
    """Of all columns (F, F), 0 where one does not vary."""
    deviations = np.sqrt(np.diag(moments.covariance).clip(min=0))
    products = np.outer(deviations, deviations)
    correlations = np.zeros_like(products)
    np.divide(moments.covariance, products, out=correlations, where=products > 0)
    np.fill_diagonal(correlations, 1.0)
    return correlations
