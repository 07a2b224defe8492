"""Leaks: what held-out samples are, told by near copies of them among the training samples, and by nothing else."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from wgan.diagnosis.asked import kappa
from wgan.diagnosis.wiring import Leak
from wgan.metrics.summaries import Arrays
from wgan.types import Condition

NEIGHBOURS = 32
"""Of a held-out sample: so many copies of it are looked for."""
GAP = 2.0
"""A copy is at most half as far as what is no copy."""
SCALE = 0.1
"""And nearer than this, relative to the mean distance of samples."""
DRAWS = 24
"""Of exchanged conditions, which give the noise."""


class Neighbours(NamedTuple):
    """The nearest training samples of some held-out ones."""

    nearest: Tensor
    """The place of the nearest, (M,)."""
    other: Tensor
    """The place of the nearest that is no copy, (M,)."""
    copied: Tensor
    """Whether these are different, (M,)."""


def neighbours(held_out: Tensor, training: Iterable[Tensor]) -> Neighbours:
    """Of held-out samples (M, D), among training samples that come in parts (n, D).

    Copies are all samples before the last gap in the distances of the nearest: at its end they are at least twice as
    far as before it, where they are a small part of the mean distance of samples.
    """
    distances, places, seen = torch.zeros(len(held_out), 0), torch.zeros(len(held_out), 0, dtype=torch.long), 0
    for part in training:
        found = torch.cat([distances, torch.cdist(held_out, part, compute_mode="donot_use_mm_for_euclid_dist")], dim=1)
        numbers = torch.arange(seen, seen + len(part)).expand(len(held_out), -1)
        distances, order = found.topk(min(NEIGHBOURS + 1, found.shape[1]), dim=1, largest=False)
        places, seen = torch.cat([places, numbers], dim=1).gather(1, order), seen + len(part)
    near, next_ = distances[:, :-1], distances[:, 1:]
    gaps = (near < SCALE * torch.pdist(held_out).mean()) & (next_ > GAP * near)
    counts = (gaps * torch.arange(1, gaps.shape[1] + 1)).amax(dim=1) if gaps.shape[1] else gaps.sum(dim=1)
    other = places.gather(1, counts[:, None])[:, 0]
    return Neighbours(places[:, 0], other, counts > 0)


def agreement(copied: Tensor, held_out: Tensor, nearest: Tensor, other: Tensor, condition: Condition) -> Arrays:
    """How much of what held-out samples are their neighbours are, for each part: each (parts,).

    All three are conditions as networks see them, (M, size). Cohen's kappa with the `nearest`, with the nearest `other`
    that is no copy, and the `noise` of exchanged conditions. `copied`, (M,), says which held-out samples have copies;
    of the result, (), it is their share.
    """
    random = torch.Generator().manual_seed(0)
    rows = []
    for _, where in condition.values():
        own, near, far = (of[:, where] for of in (held_out, nearest, other))
        drawn = [kappa(own[torch.randperm(len(own), generator=random)], near) for _ in range(DRAWS)]
        rows.append((kappa(own, near), kappa(own, far), np.std(drawn, ddof=1)))
    numbers = dict(zip(("nearest", "other", "noise"), np.array(rows).T, strict=True))
    return numbers | {"copied": np.array(float(copied.float().mean()))}


def leaks(found: Arrays, condition: Condition) -> tuple[Leak, ...]:
    """The same for each part, without those of which all samples have the same."""
    numbers = zip(condition.names, *(found[name].tolist() for name in ("nearest", "other", "noise")), strict=True)
    every = [Leak(part, near, other, noise, float(found["copied"])) for part, near, other, noise in numbers]
    return tuple(leak for leak in every if math.isfinite(leak.owed))
