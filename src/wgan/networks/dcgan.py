"""DCGAN: strided convolutions, which double (generator) or halve (critic) the picture at each stage."""

from dataclasses import dataclass
from itertools import pairwise

from torch import nn

from wgan.networks.layers import Norm, Squeeze, norm
from wgan.networks.sizes import picture_shape, pyramid
from wgan.types import Count, DataShape, NonNegative, SampleSpec


@dataclass(frozen=True)
class DCGAN:
    """Radford et al. 2016, with kernel 4 and stride 2 throughout, for any size that `networks.sizes` admits.

    The width doubles at each stage away from the picture: the layer next to it has `generator_width` or
    `critic_width` channels. Weights begin as N(0, 0.02).

    `critic_norm` follows every critic stage except the first, and with `norm_first` that too. It may not be "batch"
    under a gradient penalty. Normalisation scales begin as N(1, `scale_spread`). `bias` adds a bias to the layers that
    no normalisation follows (the last ones, and the critic's first).
    """

    latent_size: Count = 100
    generator_width: Count = 64
    critic_width: Count = 64
    critic_norm: Norm = "instance"
    norm_first: bool = False
    bias: bool = True
    scale_spread: NonNegative = 0.0

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        base, stages = pyramid(spec)
        widths = [self.generator_width << i for i in reversed(range(stages))]
        layers: list[nn.Module] = [
            nn.Unflatten(1, (self.latent_size, 1, 1)),
            *_up(self.latent_size, widths[0], kernel=base, stride=1, padding=0),
        ]
        for inputs, outputs in pairwise(widths):
            layers += _up(inputs, outputs, kernel=(4, 4), stride=2, padding=1)
        layers += [nn.ConvTranspose2d(widths[-1], picture_shape(spec)[0], 4, 2, 1, bias=self.bias), nn.Tanh()]
        return self._initialised(nn.Sequential(*layers))

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        base, stages = pyramid(spec)
        widths = [self.critic_width << i for i in range(stages)]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((picture_shape(spec)[0], *widths)):
            normed = self.critic_norm != "none" and (self.norm_first or bool(layers))
            layers.append(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=self.bias and not normed))
            layers += [norm(self.critic_norm, outputs)] if normed else []
            layers.append(nn.LeakyReLU(0.2))
        layers += [nn.Conv2d(widths[-1], 1, base, bias=self.bias), Squeeze()]
        return self._initialised(nn.Sequential(*layers))

    def _initialised(self, network: nn.Sequential) -> nn.Sequential:
        for layer in network:
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, 0.0, 0.02)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
            elif self.scale_spread and isinstance(scale := getattr(layer, "weight", None), nn.Parameter):
                nn.init.normal_(scale, 1.0, self.scale_spread)
        return network


def _up(inputs: int, outputs: int, *, kernel: tuple[int, int], stride: int, padding: int) -> list[nn.Module]:
    convolution = nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]
