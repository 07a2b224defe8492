"""Layers that several architectures share."""

from typing import Literal

import torch
from torch import Tensor, nn

Norm = Literal["instance", "layer", "batch", "none"]


def norm(kind: Norm, channels: int) -> nn.Module:
    """A critic's normalisation; all but "batch" leave each sample's score a function of that sample alone."""
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    if kind == "layer":
        return nn.GroupNorm(1, channels)  # all axes of one sample
    if kind == "none":
        return nn.Identity()
    # No running statistics: a critic is never evaluated, and torch.func refuses in-place updates of buffers.
    return nn.BatchNorm2d(channels, track_running_stats=False)


class LeakyReLU(nn.LeakyReLU):
    """torch's, which when compiled knows that its slope has no derivative.

    torch's own formula sends zeros through every layer below when a penalty is differentiated: a tenth of the work.
    """

    def forward(self, x: Tensor) -> Tensor:
        """As large as `x`."""
        if not torch.compiler.is_compiling():  # otherwise three operations instead of one
            return super().forward(x)
        return x * torch.where(x > 0, 1.0, self.negative_slope)


class Squeeze(nn.Module):
    """Drops every axis but the first: (B, 1, ...) to (B,)."""

    def forward(self, x: Tensor) -> Tensor:
        """One number per sample."""
        return x.reshape(len(x))
