"""Multilayer perceptrons: for points, digits and small pictures, short signals and small volumes."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from annotated_types import Len
from torch import nn

from wgan.networks.conditional import Concatenated, Modulated, embedded_size, modulated, network, scored
from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import LeakyReLU
from wgan.networks.spectral import normalised
from wgan.types import Condition, Count, DataShape, NonNegative, Positive, SampleSpec

Widths = Annotated[tuple[Count, ...], Len(0, 100)]
"""Of hidden layers, a number that no file of somebody else makes us build for minutes."""


@dataclass(frozen=True)
class MLP:
    """Two stacks of linear layers with LeakyReLU between them (`leak` 0 is ReLU).

    `batch_norm` adds BatchNorm to the generator's hidden layers except the first. The critic normalises no samples,
    so it never mixes them; with `critic_norm` "spectral" it normalises its weights (Miyato et al. 2018). The generator
    ends in tanh, except for points. Weights begin as PyTorch's own. Weights of a much copied script need
    `batch_norm_epsilon` 0.8, which no file holds.

    With a condition, "projection" scales and shifts every hidden layer of the generator by it, and the critic's last
    layer has weights for it; "concatenation" puts it beside the inputs of both (Mirza & Osindero 2014).
    """

    latent_size: Count = 100
    generator_widths: Widths = (128, 256, 512, 1024)
    critic_widths: Widths = (512, 256)
    batch_norm: bool = True
    batch_norm_epsilon: Positive = 1e-5
    leak: NonNegative = 0.2
    critic_norm: Literal["none", "spectral"] = "none"
    conditioning: Literal["projection", "concatenation"] = "projection"
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        spec = SampleSpec.of(spec)
        layers, beside = self._first(spec.condition)
        condition = spec.condition if self.conditioning == "projection" else None
        widths = (self.latent_size + beside, *self.generator_widths)
        for i, (inputs, outputs) in enumerate(pairwise(widths)):
            layers.append(nn.Linear(inputs, outputs))
            if self.batch_norm and i > 0:
                layers.append(modulated(nn.BatchNorm1d(outputs, self.batch_norm_epsilon), outputs, condition))
            elif condition is not None:
                layers.append(Modulated(nn.Identity(), outputs, condition))
            layers.append(LeakyReLU(self.leak))
        layers.append(nn.Linear(widths[-1], math.prod(spec.shape)))
        if spec.is_spatial:
            layers.append(nn.Tanh())
        return initialised(network([*layers, nn.Unflatten(1, spec.shape)], spec.condition), self.init)

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        spec = SampleSpec.of(spec)
        layers, beside = self._first(spec.condition)
        condition = spec.condition if self.conditioning == "projection" else None
        widths = (math.prod(spec.shape) + beside, *self.critic_widths)
        layers = layers or [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs), LeakyReLU(self.leak)]
        layers += scored(nn.Linear(widths[-1], 1), widths[-1], condition)
        return normalised(initialised(network(layers, spec.condition), self.init), self.critic_norm)

    def _first(self, condition: Condition | None) -> tuple[list[nn.Module], int]:
        """What puts the condition beside the inputs, and how many numbers it adds to them, if it is to."""
        if condition is None or self.conditioning == "projection":
            return [], 0
        return [Concatenated()], embedded_size(condition)
