"""Multilayer perceptrons: for points, digits and small pictures, short signals and small volumes."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from annotated_types import Len
from torch import nn

from wgan.errors import InputError
from wgan.networks.conditional import Concatenated, Modulated, embedded_size, modulated, network, scored
from wgan.networks.fourier import Fourier, Shifted
from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import LeakyReLU
from wgan.networks.spectral import normalised
from wgan.types import Condition, Count, DataShape, NonNegative, NonNegativeCount, Positive, SampleSpec

Widths = Annotated[tuple[Count, ...], Len(0, 100)]
"""Of hidden layers, a number that no file of somebody else makes us build for minutes."""


@dataclass(frozen=True)
class MLP:
    """Two stacks of linear layers with LeakyReLU between them (`leak` 0 is ReLU).

    `batch_norm` adds BatchNorm to the generator's hidden layers except the first. The critic normalises no samples,
    so it never mixes them; with `critic_norm` "spectral" it normalises its weights (Miyato et al. 2018). The generator
    ends in tanh, except for points. Weights begin as PyTorch's own. Weights of a much copied script need
    `batch_norm_epsilon` 0.8, which no file holds.

    For points of many separate modes, `fourier` puts so many sines and cosines beside the inputs of both networks, of
    frequencies whose deviations are `generator_frequency` (radians per unit of a latent) and `critic_frequency` (of a
    sample). With `shift`, the generator starts as its latents, so many times as large, and learns how far each has to
    go: as many latents as a point has values, and as large as the spread of the data.

    With a condition, "projection" scales and shifts every hidden layer of the generator by it, and the critic's last
    layer has weights for it; "concatenation" puts it beside the inputs of both (Mirza & Osindero 2014).
    """

    latent_size: Count = 100
    generator_widths: Widths = (128, 256, 512, 1024)
    critic_widths: Widths = (512, 256)
    batch_norm: bool = True
    batch_norm_epsilon: Positive = 1e-5
    leak: NonNegative = 0.2
    fourier: NonNegativeCount = 0
    generator_frequency: Positive = 3.0
    critic_frequency: Positive = 3.0
    shift: NonNegative = 0.0
    critic_norm: Literal["none", "spectral"] = "none"
    conditioning: Literal["projection", "concatenation"] = "projection"
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        spec = SampleSpec.of(spec)
        values = math.prod(spec.shape)
        if self.shift and self.latent_size != values:
            raise InputError(
                f"networks.shift begins with latents as samples, of {values} values: set networks.latent_size={values}."
            )
        layers, inputs = self._first(self.latent_size, self.generator_frequency, spec.condition)
        condition = spec.condition if self.conditioning == "projection" else None
        widths = (inputs, *self.generator_widths)
        for i, (inputs, outputs) in enumerate(pairwise(widths)):
            layers.append(nn.Linear(inputs, outputs))
            if self.batch_norm and i > 0:
                layers.append(modulated(nn.BatchNorm1d(outputs, self.batch_norm_epsilon), outputs, condition))
            elif condition is not None:
                layers.append(Modulated(nn.Identity(), outputs, condition))
            layers.append(LeakyReLU(self.leak))
        layers.append(nn.Linear(widths[-1], values))
        if self.shift:
            return Shifted(initialised(network(layers, spec.condition), self.init), self.shift, spec)
        ends = [nn.Tanh()] if spec.is_spatial else []
        return initialised(network([*layers, *ends, nn.Unflatten(1, spec.shape)], spec.condition), self.init)

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        spec = SampleSpec.of(spec)
        layers, inputs = self._first(math.prod(spec.shape), self.critic_frequency, spec.condition)
        condition = spec.condition if self.conditioning == "projection" else None
        widths = (inputs, *self.critic_widths)
        layers = layers or [nn.Flatten()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Linear(inputs, outputs), LeakyReLU(self.leak)]
        layers += scored(nn.Linear(widths[-1], 1), widths[-1], condition)
        return normalised(initialised(network(layers, spec.condition), self.init), self.critic_norm)

    def _first(self, inputs: int, frequency: float, condition: Condition | None) -> tuple[list[nn.Module], int]:
        """What stands before the first layer, and how many numbers it makes of so many."""
        layers: list[nn.Module] = []
        if condition is not None and self.conditioning == "concatenation":
            layers, inputs = [Concatenated()], inputs + embedded_size(condition)
        if self.fourier:
            return [*layers, Fourier(inputs, self.fourier, frequency)], inputs + 2 * self.fourier
        return layers, inputs
