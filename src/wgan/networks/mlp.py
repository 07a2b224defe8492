"""Multilayer perceptrons: for points, for digits, and as the plainest baseline on small images."""

import math
from dataclasses import dataclass
from itertools import pairwise

from torch import nn

from wgan.networks.layers import LeakyReLU, Squeeze
from wgan.types import Count, DataShape, NonNegative, SampleSpec


@dataclass(frozen=True)
class MLP:
    """Two stacks of linear layers with LeakyReLU between them (`leak` 0 is ReLU).

    `batch_norm` puts BatchNorm on the generator's hidden layers but the first. The critic has no normalisation,
    so it never mixes samples. The generator ends in tanh for images, and in nothing for points.
    """

    latent_size: Count = 100
    generator_widths: tuple[Count, ...] = (128, 256, 512, 1024)
    critic_widths: tuple[Count, ...] = (512, 256)
    batch_norm: bool = True
    leak: NonNegative = 0.2

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        """(B, Z) to (B, *shape)."""
        spec = SampleSpec.of(spec)
        layers: list[nn.Module] = []
        for i, (inputs, outputs) in enumerate(pairwise((self.latent_size, *self.generator_widths))):
            layers.append(nn.Linear(inputs, outputs))
            if self.batch_norm and i > 0:
                layers.append(nn.BatchNorm1d(outputs))
            layers.append(LeakyReLU(self.leak))
        layers.append(nn.Linear((self.latent_size, *self.generator_widths)[-1], math.prod(spec.shape)))
        if spec.low is not None:  # a range to stay in
            layers.append(nn.Tanh())
        return nn.Sequential(*layers, nn.Unflatten(1, spec.shape))

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        """(B, *shape) to (B,)."""
        size = math.prod(SampleSpec.of(spec).shape)
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise((size, *self.critic_widths)):
            layers += [nn.Linear(inputs, outputs), LeakyReLU(self.leak)]
        layers.append(nn.Linear((size, *self.critic_widths)[-1], 1))
        return nn.Sequential(*layers, Squeeze())
