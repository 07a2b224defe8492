"""DCGAN: strided convolutions, which double (generator) or halve (critic) every side at each stage."""

import math
from dataclasses import dataclass
from itertools import pairwise

from torch import nn
from torch.nn.modules.conv import _ConvNd

from wgan.networks.conditional import modulated, network, scored
from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import LAYERS, UNNORMALISED, ConditionLinear, Layers, Norm, norm
from wgan.networks.sizes import Size, places, pyramid
from wgan.networks.spectral import normalised
from wgan.types import Condition, Count, DataShape, NonNegative, SampleSpec

PICTURE = 2
"""Dimensions of a picture."""
MOST_DOUBLINGS = 3
"""Of the widths for signals and volumes."""


@dataclass(frozen=True)
class DCGAN:
    """Radford et al. 2016, with kernel 4 and stride 2 throughout, for any size that `networks.sizes` admits.

    Signals, pictures and volumes have the same stages, with convolutions over one, two or three sides. The width
    doubles at each stage away from the sample, of signals and volumes three times at most: the layer next to it has
    `generator_width` or `critic_width` channels. Weights begin as N(0, 0.02), of signals 0.04, of volumes 0.01: so
    outputs vary as much, though kernels have fewer or more values.

    `critic_norm` follows every critic stage except the first, and with `norm_first` that too. It may not be "batch"
    under a gradient penalty; "spectral" normalises weights in place of samples (Miyato et al. 2018). Normalisation
    scales begin as N(1, `scale_spread`). `bias` adds a bias to the layers that no normalisation follows (the last ones,
    and the critic's first). `init` other than "own" replaces all of that.
    """

    latent_size: Count = 100
    generator_width: Count = 64
    critic_width: Count = 64
    critic_norm: Norm = "instance"
    norm_first: bool = False
    bias: bool = True
    scale_spread: NonNegative = 0.0
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        (channels, size), (base, stages) = places(spec), pyramid(spec)
        of, condition = LAYERS[len(size)], SampleSpec.of(spec).condition
        widths = [self.generator_width * times for times in reversed(_growth(len(size), stages))]
        layers: list[nn.Module] = [
            nn.Unflatten(1, (self.latent_size, *[1] * len(size))),
            *_up(of, condition, self.latent_size, widths[0], kernel=base, stride=1, padding=0),
        ]
        for inputs, outputs in pairwise(widths):
            layers += _up(of, condition, inputs, outputs, kernel=4, stride=2, padding=1)
        layers += [of.transposed(widths[-1], channels, 4, 2, 1, bias=self.bias), nn.Tanh()]
        return self._initialised(network(layers, condition))

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        (channels, size), (base, stages) = places(spec), pyramid(spec)
        of, condition = LAYERS[len(size)], SampleSpec.of(spec).condition
        widths = [self.critic_width * times for times in _growth(len(size), stages)]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((channels, *widths)):
            normed = self.critic_norm not in UNNORMALISED and (self.norm_first or bool(layers))
            layers.append(of.convolution(inputs, outputs, 4, 2, 1, bias=self.bias and not normed))
            layers += [norm(self.critic_norm, outputs, len(size))] if normed else []
            layers.append(nn.LeakyReLU(0.2))
        last = of.convolution(widths[-1], 1, base, bias=self.bias)
        layers += scored(last, widths[-1] * math.prod(base), condition)
        return normalised(self._initialised(network(layers, condition)), self.critic_norm)

    def _initialised(self, network: nn.Module) -> nn.Module:
        for layer in network.modules():
            if isinstance(layer, _ConvNd):
                # As much per output as a kernel of 4x4 gives: fewer values of a signal's kernel are larger ones.
                nn.init.normal_(layer.weight, 0.0, 0.02 * 4 / math.sqrt(4 ** (layer.weight.dim() - 2)))
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
            elif isinstance(layer, ConditionLinear):
                continue
            elif self.scale_spread and isinstance(scale := getattr(layer, "weight", None), nn.Parameter):
                nn.init.normal_(scale, 1.0, self.scale_spread)
        return initialised(network, self.init)


def _growth(dimensions: int, stages: int) -> list[int]:
    """How many times the first width each stage has: twice that of the one before.

    Of signals and volumes it stays at eight times: a signal loses only half of its places at each stage, so that widths
    which double for ever would cost more and more.
    """
    most = stages if dimensions == PICTURE else MOST_DOUBLINGS
    return [1 << min(i, most) for i in range(stages)]


def _up(
    of: Layers,
    condition: Condition | None,
    inputs: int,
    outputs: int,
    *,
    kernel: int | Size,
    stride: int,
    padding: int,
) -> list[nn.Module]:
    convolution = of.transposed(inputs, outputs, kernel, stride, padding, bias=False)
    return [convolution, modulated(of.batch_norm(outputs), outputs, condition), nn.ReLU()]
