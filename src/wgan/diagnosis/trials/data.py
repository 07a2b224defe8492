"""Facts about the data, from a few hundred samples."""

from typing import Any

import torch
from torch import Tensor

from wgan.diagnosis.trials.tryout import Tryout

TYPICAL = 64
"""Samples whose values give the range of the data."""
EQUAL, GRID = 1e-6, 0.02
"""The logarithm of a ratio of distances that are equal, and the share of such samples that makes a grid."""


def values(parts: Tryout) -> dict[str, Any]:
    """Which values there are, and how much of their spread is between samples."""
    low, high = quantiles(parts.real[:TYPICAL])
    spread = parts.real.std()
    between = parts.real.var(0).mean().sqrt()
    return {
        "data_low": low,
        "data_high": high,
        "data_width": float(parts.real.max() - parts.real.min()),
        "data_variety": float(between / spread) if spread > 0 else 0.0,
    }


def copies(parts: Tryout) -> dict[str, Any]:
    """How often a sample is there among all, from the share of equal pairs among those that were drawn.

    Without the few most frequent ones, which may be blanks. Points on a grid, of which more differ than values in any
    column do, are equal by chance and say nothing; nor do single numbers.
    """
    drawn = len(parts.real)
    different, counts = torch.unique(parts.real.flatten(1), dim=0, return_counts=True)
    if parts.real.ndim == 2:
        most = max(len(column.unique()) for column in different.T)
        if different.shape[1] == 1 or most < 0.9 * len(different):
            return {}
    counts = counts.sort().values.double()
    counts = counts[: len(counts) - max(1, len(counts) // 100)]
    left = float(counts.sum())
    pairs = float((counts * (counts - 1)).sum()) / max(left * (left - 1), 1.0)
    return {"data_copies": 1 + pairs * (max(parts.train_count, drawn) - 1)}


def columns(parts: Tryout) -> dict[str, Any]:
    """For points: values far from all others, and columns on other scales."""
    if parts.real.ndim != 2:
        return {}
    low, middle, high = torch.quantile(parts.real, torch.tensor([0.25, 0.5, 0.75]), dim=0)
    usual = high > low
    far = ((parts.real - middle).abs().amax(0) / (high - low))[usual]
    scales = (high - low)[usual]
    if not len(scales):
        return {}
    return {"data_extreme": float(far.max()), "data_scales": float(scales.max() / scales.min())}


def dimension(parts: Tryout) -> dict[str, Any]:
    """The intrinsic dimension by the two nearest neighbours of each sample: Facco et al. 2017, maximum likelihood.

    Low for few samples of many dimensions; here only a lower bound is needed. None for samples on a grid, whose
    neighbours are equally far.
    """
    samples = torch.unique(parts.real.flatten(1), dim=0).double()
    if len(samples) < 2 * TYPICAL:
        return {}
    _, first, second = torch.cdist(samples, samples).sort(dim=1).values[:, :3].T
    ratios = (second / first)[first > 0].log()
    if (ratios < EQUAL).double().mean() > GRID:
        return {}
    return {"data_dimension": min(float(len(ratios) / ratios.sum()), float(samples.shape[1]))}


def quantiles(numbers: Tensor) -> tuple[float, float]:
    """The range of all but one value of a hundred."""
    flat = numbers.flatten().sort().values
    cut = len(flat) // 200
    return float(flat[cut]), float(flat[len(flat) - 1 - cut])
