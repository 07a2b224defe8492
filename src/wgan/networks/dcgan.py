"""DCGAN: strided convolutions that halve (critic) and double (generator) the picture at each stage."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from torch import nn

from wgan.errors import InputError
from wgan.networks.mlp import Squeeze
from wgan.types import Count, DataShape, NonNegative

Norm = Literal["instance", "layer", "batch", "none"]


class Plan(NamedTuple):
    """How a picture is built: from a `base` (height, width), doubled `stages` times."""

    base: tuple[int, int]
    stages: int


@dataclass(frozen=True)
class DCGAN:
    """Radford et al. 2016, with kernel 4 and stride 2 throughout, for any size that `plan` admits.

    The width doubles at each stage away from the picture: the layer next to it has `generator_width` or
    `critic_width` channels. Weights begin as N(0, 0.02).

    `critic_norm` sits on every critic stage but the first, and with `norm_first` on that too. Under a gradient penalty
    it may not be "batch". Normalisation scales begin as N(1, `scale_spread`). `bias` gives one to the layers that no
    normalisation follows (the last of both, the critic's first).
    """

    latent_size: Count = 100
    generator_width: Count = 64
    critic_width: Count = 64
    critic_norm: Norm = "instance"
    norm_first: bool = False
    bias: bool = True
    scale_spread: NonNegative = 0.0

    def generator(self, shape: DataShape) -> nn.Module:
        """(B, Z) to (B, C, H, W) in [-1, 1]."""
        base, stages = plan(shape)
        widths = [self.generator_width << i for i in reversed(range(stages))]
        layers: list[nn.Module] = [
            nn.Unflatten(1, (self.latent_size, 1, 1)),
            *_up(self.latent_size, widths[0], kernel=base, stride=1, padding=0),
        ]
        for inputs, outputs in pairwise(widths):
            layers += _up(inputs, outputs, kernel=(4, 4), stride=2, padding=1)
        layers += [nn.ConvTranspose2d(widths[-1], shape[0], 4, 2, 1, bias=self.bias), nn.Tanh()]
        return self._initialised(nn.Sequential(*layers))

    def critic(self, shape: DataShape) -> nn.Module:
        """(B, C, H, W) to (B,)."""
        base, stages = plan(shape)
        widths = [self.critic_width << i for i in range(stages)]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise((shape[0], *widths)):
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


def plan(shape: DataShape) -> Plan:
    """The plan for a (C, H, W) picture: as many halvings as leave whole sides of 4 or more.

    Raises:
        InputError: no plan whose smaller base side is under 16 exists (the size has too few factors of two); names
            the nearest sizes that have one.
    """
    if len(shape) != 3:
        raise InputError(f"These networks are for pictures, not for points of size {shape[0]}. Use mlp.")
    _, height, width = shape
    for stages in range(min(height, width).bit_length(), 0, -1):
        unit = 1 << stages
        if height % unit == 0 and width % unit == 0 and 4 <= min(height, width) // unit < 16:
            return Plan((height // unit, width // unit), stages)
    options = (f"{h}x{w} (--set data.size=[{h},{w}])" for h, w in _nearest(height, width))
    raise InputError(
        f"These networks cannot make {height}x{width} pictures: both sides must halve evenly until the smaller one is "
        f"4 to 15. The nearest sizes that can be made: {' or '.join(options)}."
    )


def _nearest(height: int, width: int) -> list[tuple[int, int]]:
    """The largest size that can be made and is no larger on any side, if there is one, and the smallest no smaller."""
    below, above = [], []
    for stages in range(1, max(height, width).bit_length() + 1):
        unit = 1 << stages
        floor = height // unit * unit, width // unit * unit
        ceiling = -(-height // unit) * unit, -(-width // unit) * unit
        if 4 <= min(floor) // unit < 16:
            below.append(floor)
        if min(ceiling) // unit < 16:
            above.append((max(ceiling[0], 4 * unit), max(ceiling[1], 4 * unit)))
    return [*sorted(below, key=sum)[-1:], *sorted(above, key=sum)[:1]]


def _up(inputs: int, outputs: int, *, kernel: tuple[int, int], stride: int, padding: int) -> list[nn.Module]:
    convolution = nn.ConvTranspose2d(inputs, outputs, kernel, stride, padding, bias=False)
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]


def norm(kind: Norm, channels: int) -> nn.Module:
    """A critic's normalisation; all but "batch" leave each sample's score a function of that sample alone."""
    if kind == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    if kind == "layer":
        return nn.GroupNorm(1, channels)  # all axes of one sample
    if kind == "none":
        return nn.Identity()
    # No running statistics: a critic is never evaluated, and torch.func refuses in-place updates of buffers.
    return nn.BatchNorm2d(channels, track_running_stats=False)
