"""The residual networks of WGAN-GP: deeper than DCGAN's, with one width throughout."""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from wgan.networks.layers import Norm, Squeeze, norm
from wgan.networks.sizes import picture_shape, pyramid
from wgan.types import Count, DataShape, SampleSpec


@dataclass(frozen=True)
class ResNet:
    """Gulrajani et al. 2017, appendix F: the CIFAR-10 pair, here for any size that `networks.sizes` admits.

    Each block of the generator doubles the picture. The critic's blocks halve it until it is twice as large as the
    generator's base; two more keep the size, and the mean over all places follows. At 32x32, the generator has three
    blocks and the critic four, as in the paper.
    """

    latent_size: Count = 128
    generator_width: Count = 128
    critic_width: Count = 128
    critic_norm: Norm = "none"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        (height, width), stages = pyramid(spec)
        channels = self.generator_width
        return nn.Sequential(
            nn.Linear(self.latent_size, channels * height * width),
            nn.Unflatten(1, (channels, height, width)),
            *(up(channels) for _ in range(stages)),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            _convolution(channels, picture_shape(spec)[0], 3),
            nn.Tanh(),
        )

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        _, stages = pyramid(spec)
        channels, kind = self.critic_width, self.critic_norm
        return nn.Sequential(
            first(picture_shape(spec)[0], channels),
            *(down(channels, kind, halve=True) for _ in range(stages - 2)),
            *(down(channels, kind, halve=False) for _ in range(2)),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(channels, 1),
            Squeeze(),
        )


class Residual(nn.Module):
    """A block: two convolutions beside a shortcut."""

    def __init__(self, residual: nn.Sequential, shortcut: nn.Module) -> None:
        super().__init__()
        self.residual, self.shortcut = residual, shortcut

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = self.residual(x) + self.shortcut(x)
        return total


def up(channels: int) -> Residual:
    """A generator's block, (B, C, H, W) to (B, C, 2H, 2W)."""
    residual = nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),
        _convolution(channels, channels, 3, gain=HE),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        _convolution(channels, channels, 3, gain=HE),
    )
    return Residual(residual, nn.Sequential(nn.Upsample(scale_factor=2), _convolution(channels, channels, 1)))


def first(inputs: int, channels: int) -> Residual:
    """The critic's first block, (B, C, H, W) to (B, channels, H/2, W/2), with no activation before it."""
    residual = nn.Sequential(
        _convolution(inputs, channels, 3, gain=HE),
        nn.ReLU(),
        _convolution(channels, channels, 3, gain=HE),
        nn.AvgPool2d(2),
    )
    return Residual(residual, nn.Sequential(nn.AvgPool2d(2), _convolution(inputs, channels, 1)))


def down(channels: int, kind: Norm, *, halve: bool) -> Residual:
    """A critic's block, (B, C, H, W) to the same shape or, with `halve`, to (B, C, H/2, W/2)."""
    pool: list[nn.Module] = [nn.AvgPool2d(2)] if halve else []
    residual = nn.Sequential(
        norm(kind, channels),
        nn.ReLU(),
        _convolution(channels, channels, 3, gain=HE),
        norm(kind, channels),
        nn.ReLU(),
        _convolution(channels, channels, 3, gain=HE),
        *pool,
    )
    return Residual(residual, nn.Sequential(_convolution(channels, channels, 1), *pool) if halve else nn.Identity())


HE = math.sqrt(2)
"""He et al. 2015: the gain of a layer after a ReLU."""


def _convolution(inputs: int, outputs: int, kernel: int, *, gain: float = 1.0) -> nn.Conv2d:
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.xavier_uniform_(convolution.weight, gain)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return convolution
