"""Volumes as slices through their middle."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

BETWEEN = 1
"""Places between the slices of one volume."""


def middle_slices(volumes: Float[Tensor, "B C D H W"]) -> Float[Tensor, "B C Hs Ws"]:
    """The three slices through the middle of each volume side by side: across its depth, its height and its width."""
    depth, height, width = volumes.shape[2:]
    slices = [volumes[:, :, depth // 2], volumes[:, :, :, height // 2], volumes[:, :, :, :, width // 2]]
    tallest = max(part.shape[2] for part in slices)
    framed = [pad(part, (0, BETWEEN, 0, tallest - part.shape[2]), value=-1.0) for part in slices]
    return torch.cat(framed, dim=3)[..., :-BETWEEN]
