"""Signals of a conditional run: whether the critic hears the condition of a sample, and whether fakes follow theirs."""

import torch
from jaxtyping import Bool
from torch import Tensor

from wgan.types import Conditions

EQUAL = 1e-6
"""Conditions nearer to each other than this are the same."""
Others = Bool[Tensor, "B"]
"""Where the condition in exchange differs from a sample's own."""


def exchanged(conditions: Conditions, keys: Tensor) -> tuple[Conditions, Others]:
    """The same conditions in the order of some random numbers (B,), and where they differ from those in place."""
    other = conditions[keys.argsort()]
    return other, (other - conditions).abs().amax(dim=1) > EQUAL


def matched(own: Tensor, other: Tensor, differs: Others) -> Tensor:
    """The share of samples whose score (B,) is higher with their own condition than with another, ties half.

    NaN if no condition differs.
    """
    return _mean(((own - other).sign() + 1) / 2, differs)


def moved(own: Tensor, other: Tensor, differs: Others) -> Tensor:
    """The mean distance between samples (B, D) of the same latents and different conditions; NaN if none differs."""
    return _mean((own - other).norm(dim=1), differs)


def least_move(distances: Tensor, conditions: Conditions) -> Tensor:
    """How far fakes move at least with the condition if they are like real samples with these distances (B, B).

    Samples of one condition can be turned into those of another by no less than their Wasserstein distance W1, and that
    is at least half of their energy distance 2 E|x - y| - E|x - x'| - E|y - y'|, since E|. - y| - E|. - x| rises by 2
    at most where its argument moves by 1 (Kantorovich and Rubinstein's duality). The mean over all pairs whose
    condition differs. What is nearest to a sample's condition counts as the same, since no two numbers are equal. NaN
    if there are none that differ more.
    """
    apart = torch.cdist(conditions, conditions, compute_mode="donot_use_mm_for_euclid_dist")
    itself = torch.eye(len(conditions), dtype=torch.bool, device=conditions.device)
    nearest = apart.masked_fill(itself, torch.inf).amin(dim=1, keepdim=True)
    alike = (apart <= nearest + EQUAL) & ~itself
    differs = (apart > nearest + EQUAL).to(distances.dtype)
    within = (distances * alike).sum(dim=1) / alike.sum(dim=1)
    return ((distances - within[:, None]) * differs).sum() / differs.sum()


def _mean(values: Tensor, where: Others) -> Tensor:
    return (values * where).sum() / where.sum()
