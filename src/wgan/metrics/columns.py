"""Columns and their correlations: what people look at first in a table of numbers."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows, Moments


@dataclass(frozen=True)
class Columns(Metric[AllRows]):
    """The largest Kolmogorov-Smirnov distance of a column between the shares of fakes and of reals below any number."""

    extractor: str
    summary = AllRows
    limit = 2000
    bounds = (0.0, 1.0)

    def compare(self, real: AllRows, fake: AllRows) -> float:
        reals, fakes = (samples.precise.T.contiguous().sort(dim=1).values for samples in (real, fake))
        both = torch.cat([reals, fakes], dim=1)
        below = (torch.searchsorted(rows, both, right=True).double() / rows.shape[1] for rows in (reals, fakes))
        first, second = below
        return float((first - second).abs().max())


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
        return float(differences.max()) if reals.sum() > 1 else math.nan


def _correlations(moments: Moments) -> NDArray[np.float64]:
    """Of all columns (F, F), 0 where one does not vary."""
    deviations = np.sqrt(np.diag(moments.covariance).clip(min=0))
    products = np.outer(deviations, deviations)
    correlations = np.zeros_like(products)
    np.divide(moments.covariance, products, out=correlations, where=products > 0)
    np.fill_diagonal(correlations, 1.0)
    return correlations
