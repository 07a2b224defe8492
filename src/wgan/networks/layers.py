"""Layers that architectures share."""

from typing import Literal

import torch
from torch import Tensor, nn

Norm = Literal["instance", "layer", "batch", "none"]


def norm(kind: Norm, channels: int, *, flat: bool = False) -> nn.Module:
    """A critic's normalisation of pictures or, if `flat`, of (B, channels).

    With all but "batch", a score depends on its own sample alone.
    """
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    if kind == "layer":
        return nn.GroupNorm(1, channels)  # all axes of one sample
    if kind == "none":
        return nn.Identity()
    # No running statistics: a critic is never evaluated, and torch.func refuses in-place updates of buffers.
    return (nn.BatchNorm1d if flat else nn.BatchNorm2d)(channels, track_running_stats=False)


class LeakyReLU(nn.LeakyReLU):
    """torch's, but its compiled form says that the slope has no derivative.

    For torch's own form, differentiating a penalty sends zeros through every layer below, a tenth of the work.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not torch.compiler.is_compiling():  # where it would be three operations instead of one
            return super().forward(x)
        return x * torch.where(x > 0, 1.0, self.negative_slope)


class Squeeze(nn.Module):
    """(B, 1, ...) to (B,)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x))
