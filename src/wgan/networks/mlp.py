"""Multilayer perceptrons: for points, digits and small pictures, short signals and small volumes."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from annotated_types import Len
from torch import nn

from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import LeakyReLU, Squeeze
from wgan.types import Count, DataShape, NonNegative, Positive, SampleSpec

Widths = Annotated[tuple[Count, ...], Len(0, 100)]
"""Of hidden layers, a number that no file of somebody else makes us build for minutes."""


@dataclass(frozen=True)
class MLP:
    """Two stacks of linear layers with LeakyReLU between them (`leak` 0 is ReLU).

    `batch_norm` adds BatchNorm to the generator's hidden layers except the first. The critic has no normalisation, so
    it never mixes samples. The generator ends in tanh, except for points. Weights begin as PyTorch's own. Weights of a
    much copied script need `batch_norm_epsilon` 0.8, which no file holds.
    """

    latent_size: Count = 100
    generator_widths: Widths = (128, 256, 512, 1024)
    critic_widths: Widths = (512, 256)
    batch_norm: bool = True
    batch_norm_epsilon: Positive = 1e-5
    leak: NonNegative = 0.2
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        spec = SampleSpec.of(spec)
        layers: list[nn.Module] = []
        widths = (self.latent_size, *self.generator_widths)
        for i, (inputs, outputs) in enumerate(pairwise(widths)):
            layers.append(nn.Linear(inputs, outputs))
            if self.batch_norm and i > 0:
                layers.append(nn.BatchNorm1d(outputs, self.batch_norm_epsilon))
            layers.append(LeakyReLU(self.leak))
        layers.append(nn.Linear(widths[-1], math.prod(spec.shape)))
        if spec.is_spatial:
            layers.append(nn.Tanh())
        return initialised(nn.Sequential(*layers, nn.Unflatten(1, spec.shape)), self.init)

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        widths = (math.prod(SampleSpec.of(spec).shape), *self.critic_widths)
        layers: list[nn.Module] = [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs), LeakyReLU(self.leak)]
        return initialised(nn.Sequential(*layers, nn.Linear(widths[-1], 1), Squeeze()), self.init)
