"""The residual networks of WGAN-GP: deeper than DCGAN's, of one width throughout."""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from wgan.networks.layers import Norm, Squeeze, norm
from wgan.networks.sizes import picture_shape, pyramid
from wgan.types import Count, DataShape, SampleSpec


@dataclass(frozen=True)
class ResNet:
    """Gulrajani et al. 2017, appendix F: the CIFAR-10 pair, here for any size that `networks.sizes` admits.

    The generator doubles the picture in each of its blocks. The critic's first block halves it, and so do those after
    it until it is twice as large as the generator's base; two more keep the size; then the mean over what is left. At
    32x32: three blocks, and four, as there.
    """

    latent_size: Count = 128
    generator_width: Count = 128
    critic_width: Count = 128
    critic_norm: Norm = "none"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        """(B, Z) to (B, C, H, W) in [-1, 1]."""
        (height, width), stages = pyramid(spec)
        channels = self.generator_width
        return nn.Sequential(
            nn.Linear(self.latent_size, channels * height * width),
            nn.Unflatten(1, (channels, height, width)),
            *(Up(channels) for _ in range(stages)),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            _convolution(channels, picture_shape(spec)[0], 3),
            nn.Tanh(),
        )

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        """(B, C, H, W) to (B,)."""
        stages = pyramid(spec).stages
        channels, kind = self.critic_width, self.critic_norm
        return nn.Sequential(
            First(picture_shape(spec)[0], channels),
            *(Down(channels, kind, halve=True) for _ in range(stages - 2)),
            *(Down(channels, kind, halve=False) for _ in range(2)),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(channels, 1),
            Squeeze(),
        )


class Up(nn.Module):
    """A generator's block: two convolutions beside a shortcut, at twice the size."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            _convolution(channels, channels, 3, gain=HE),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            _convolution(channels, channels, 3, gain=HE),
        )
        self.shortcut = nn.Sequential(nn.Upsample(scale_factor=2), _convolution(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, 2H, 2W)."""
        return _sum(self, x)


class First(nn.Module):
    """The critic's first block: from the picture to `channels` at half the size, with nothing before it."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            _convolution(inputs, channels, 3, gain=HE),
            nn.ReLU(),
            _convolution(channels, channels, 3, gain=HE),
            nn.AvgPool2d(2),
        )
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), _convolution(inputs, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, channels, H/2, W/2)."""
        return _sum(self, x)


class Down(nn.Module):
    """A critic's block: two convolutions beside a shortcut, at half the size or at the same."""

    def __init__(self, channels: int, kind: Norm, *, halve: bool) -> None:
        super().__init__()
        pool: list[nn.Module] = [nn.AvgPool2d(2)] if halve else []
        self.residual = nn.Sequential(
            norm(kind, channels),
            nn.ReLU(),
            _convolution(channels, channels, 3, gain=HE),
            norm(kind, channels),
            nn.ReLU(),
            _convolution(channels, channels, 3, gain=HE),
            *pool,
        )
        self.shortcut = nn.Sequential(_convolution(channels, channels, 1), *pool) if halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to the same, or half of each side."""
        return _sum(self, x)


HE = math.sqrt(2)
"""He et al. 2015: what a ReLU before a layer takes, its weights give back."""


def _convolution(inputs: int, outputs: int, kernel: int, *, gain: float = 1.0) -> nn.Conv2d:
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.xavier_uniform_(convolution.weight, gain)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return convolution


def _sum(block: Up | First | Down, x: Tensor) -> Tensor:
    total: Tensor = block.residual(x) + block.shortcut(x)
    return total
