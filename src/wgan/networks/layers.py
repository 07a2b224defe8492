"""Layers that architectures share."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from wgan.networks.grouped import Grouped1d, Grouped2d, Grouped3d

Norm = Literal["instance", "layer", "batch", "none", "spectral"]
"""What follows a critic's layers; "spectral" is none there, and divides their weights (`networks.spectral`)."""


UNNORMALISED: tuple[Norm, ...] = ("none", "spectral")
"""The kinds with which nothing follows a layer."""


class Layers(NamedTuple):
    """torch's layers for samples with so many sides; they are called alike."""

    convolution: Callable[..., nn.Conv1d | nn.Conv2d | nn.Conv3d]
    grouped: Callable[..., nn.Conv1d | nn.Conv2d | nn.Conv3d]
    transposed: Callable[..., nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d]
    batch_norm: Callable[..., nn.Module]
    instance_norm: Callable[..., nn.Module]
    mean: Callable[[int], nn.Module]
    """Over windows of that side, which do not overlap."""
    mean_of_all: Callable[[int], nn.Module]
    """Over all places, if it is given 1."""


LAYERS = {
    1: Layers(
        nn.Conv1d,
        Grouped1d,
        nn.ConvTranspose1d,
        nn.BatchNorm1d,
        nn.InstanceNorm1d,
        nn.AvgPool1d,
        nn.AdaptiveAvgPool1d,
    ),
    2: Layers(
        nn.Conv2d,
        Grouped2d,
        nn.ConvTranspose2d,
        nn.BatchNorm2d,
        nn.InstanceNorm2d,
        nn.AvgPool2d,
        nn.AdaptiveAvgPool2d,
    ),
    3: Layers(
        nn.Conv3d,
        Grouped3d,
        nn.ConvTranspose3d,
        nn.BatchNorm3d,
        nn.InstanceNorm3d,
        nn.AvgPool3d,
        nn.AdaptiveAvgPool3d,
    ),
}
"""By the number of sides: of signals, of pictures, of volumes."""


def norm(kind: Norm, channels: int, sides: int) -> nn.Module:
    """A critic's normalisation of samples with so many sides; (B, channels) is normalised as signals are.

    With all but "batch", a score depends on its own sample alone.
    """
    if kind == "instance":
        return LAYERS[sides].instance_norm(channels, affine=True)
    if kind == "layer":
        return nn.GroupNorm(1, channels)  # all axes of one sample
    if kind in UNNORMALISED:
        return nn.Identity()
    # No running statistics: a critic is never evaluated, and torch.func refuses in-place updates of buffers.
    return LAYERS[sides].batch_norm(channels, track_running_stats=False)


class LeakyReLU(nn.LeakyReLU):
    """torch's, but its compiled form says that the slope has no derivative.

    For torch's own form, differentiating a penalty sends zeros through every layer below, a tenth of the work.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not torch.compiler.is_compiling():  # where it would be three operations instead of one
            return super().forward(x)
        return x * torch.where(x > 0, 1.0, self.negative_slope)


class ConditionLinear(nn.Linear):
    """A linear layer of a condition alone, whose first weights are its own, however `init` draws those of others.

    A number that passes two layers of N(0, 0.02) is not heard any more.
    """


class Squeeze(nn.Module):
    """(B, 1, ...) to (B,)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(len(x))
