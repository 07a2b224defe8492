"""A small pair for pictures like MNIST's: two convolutions, and linear layers at a quarter of the size."""

import math
from dataclasses import dataclass
from typing import Literal

from torch import nn

from wgan.errors import InputError
from wgan.networks.conditional import modulated, network, scored
from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import norm
from wgan.networks.spectral import normalised
from wgan.types import Count, DataShape, NonNegative, SampleSpec


@dataclass(frozen=True)
class SmallConv:
    """A linear layer to 16 channels at a quarter of the sides, doubled twice; the critic is the reverse.

    A normalisation follows every layer except the last ones and the critic's first: BatchNorm in the generator,
    `critic_norm` in the critic: "layer" (each sample by itself), "batch" (not under a gradient penalty), "none", or
    "spectral" (of the weights, Miyato et al. 2018). Weights begin as PyTorch's own.
    """

    latent_size: Count = 100
    critic_norm: Literal["layer", "batch", "none", "spectral"] = "layer"
    leak: NonNegative = 0.01
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        channels, seed = _quarter(spec)
        condition, values = SampleSpec.of(spec).condition, math.prod(seed)
        layers = [
            nn.Linear(self.latent_size, values),
            modulated(nn.BatchNorm1d(values), values, condition),
            nn.LeakyReLU(self.leak),
            nn.Unflatten(1, seed),
            nn.ConvTranspose2d(16, 32, 5, 2, 2, 1, bias=False),
            modulated(nn.BatchNorm2d(32), 32, condition),
            nn.LeakyReLU(self.leak),
            nn.ConvTranspose2d(32, channels, 5, 2, 2, 1, bias=False),
            nn.Tanh(),
        ]
        return initialised(network(layers, condition), self.init)

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        channels, seed = _quarter(spec)
        condition, values = SampleSpec.of(spec).condition, math.prod(seed)
        layers = [
            nn.Conv2d(channels, 32, 5, 2, 2, bias=False),
            nn.LeakyReLU(self.leak),
            nn.Conv2d(32, 16, 5, 2, 2, bias=False),
            norm(self.critic_norm, 16, sides=2),
            nn.LeakyReLU(self.leak),
            nn.Flatten(),
            nn.Linear(values, values),
            norm(self.critic_norm, values, sides=1),
            nn.LeakyReLU(self.leak),
            *scored(nn.Linear(values, 1), values, condition),
        ]
        return normalised(initialised(network(layers, condition), self.init), self.critic_norm)


def _quarter(spec: SampleSpec | DataShape) -> tuple[int, tuple[int, int, int]]:
    """The channels of a picture, and the shape of 16 channels at a quarter of each side."""
    spec = SampleSpec.of(spec)
    if not spec.is_picture:
        others = "Use dcgan, resnet or mlp" if spec.is_spatial else "Use mlp"
        what = spec if spec.is_spatial else f"points of size {spec.shape[0]}"
        raise InputError(f"The small-conv networks are for pictures, not for {what}. {others}.")
    channels, height, width = spec.shape
    if height % 4 or width % 4:
        nearest = [max(round(side / 4), 1) * 4 for side in (height, width)]
        raise InputError(
            f"The small-conv networks cannot make {height}x{width} pictures: the sides must be multiples of 4. "
            f"The nearest size that is: {nearest[0]}x{nearest[1]} (--set data.size=[{nearest[0]},{nearest[1]}])."
        )
    return channels, (16, height // 4, width // 4)
