"""The networks of R3GAN: residual blocks of grouped convolutions, without any normalisation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from wgan.networks.conditional import Conditional, embedded_size, network, scored
from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import LAYERS, ConditionLinear, LeakyReLU
from wgan.networks.sizes import Size, places, pyramid
from wgan.networks.spectral import normalised
from wgan.types import Condition, Count, DataShape, SampleSpec

EXPANSION = 2
"""How many times wider a block is inside."""
CONVOLUTIONS = 3
"""Of a block."""
SLOPE = 0.2
LONGEST = 256
"""The longest side that is resampled by a matrix."""
GAIN = math.sqrt(2 / (1 + SLOPE**2))
"""He et al. 2015: the gain of a layer after this LeakyReLU."""


@dataclass(frozen=True)
class R3GAN:
    """Huang et al. 2024 ("The GAN is dead; long live the GAN!"), configuration E, for any size of `networks.sizes`.

    The generator starts from a learnt basis, whose channels a linear layer of the latents scales; the critic ends in
    the reverse. Between them lie stages of `blocks` residual blocks, at every side from the base to the sample's own.
    The `wide` smallest stages have `generator_width` or `critic_width` channels, and each further one half as many as
    the one before. Inside a block, channels are convolved in groups of `group`, or of the largest size below that
    divides them. Each block starts as the identity, and its weights are the smaller the more blocks there are (Zhang
    et al. 2019, Fixup). The defaults are the published FFHQ networks; ImageNet's have width 1536 and groups of 32.

    Deviations: the generator ends in tanh, as all pairs here, since samples lie in [-1, 1]; a condition's projection is
    added to the score, as in the other critics here (Miyato & Koyama 2018), and is not the score itself.

    With `critic_norm` "spectral", no weight of the critic starts at zero, since nothing divides zero by its norm.
    """

    latent_size: Count = 64
    generator_width: Count = 768
    critic_width: Count = 768
    wide: Count = 4
    blocks: Count = 2
    group: Count = 16
    critic_norm: Literal["none", "spectral"] = "none"
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        (channels, size), (base, _) = places(spec), pyramid(spec)
        sides, condition = len(size), SampleSpec.of(spec).condition
        widths = self._widths(self.generator_width, spec)
        layers: list[nn.Module] = [] if condition is None else [Asked(self.latent_size, condition)]
        layers += [Basis(self.latent_size * (1 + len(layers)), widths[0], base), *self._blocks(widths, 0, sides)]
        for stage, (inputs, outputs) in enumerate(pairwise(widths), start=1):
            smaller = tuple(side << (stage - 1) for side in base)
            layers += [*_changed(inputs, outputs, sides), Doubled(smaller), *self._blocks(widths, stage, sides)]
        layers += [_convolution(widths[-1], channels, 1, sides), nn.Tanh()]
        return initialised(network(layers, condition), self.init)

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        (channels, size), (base, _) = places(spec), pyramid(spec)
        sides, condition = len(size), SampleSpec.of(spec).condition
        widths, plain = self._widths(self.critic_width, spec)[::-1], self.critic_norm == "none"
        layers: list[nn.Module] = [_convolution(channels, widths[0], 1, sides)]
        for stage, (inputs, outputs) in enumerate(pairwise(widths)):
            larger = tuple(side >> stage for side in size)
            layers += [*self._blocks(widths, stage, sides, zero=plain), Halved(larger)]
            layers += _changed(inputs, outputs, sides)
        last = widths[-1]
        layers += [*self._blocks(widths, len(widths) - 1, sides, zero=plain)]
        layers += [_convolution(last, last, base, sides, groups=last), nn.Flatten()]
        layers += scored(_initial(nn.Linear(last, 1, bias=False)), last, condition)
        return normalised(initialised(network(layers, condition), self.init), self.critic_norm)

    def _widths(self, width: int, spec: SampleSpec | DataShape) -> list[int]:
        """Of each stage, from the base to the sample's size."""
        _, doublings = pyramid(spec)
        return [max(1, width >> max(0, stage + 1 - self.wide)) for stage in range(doublings + 1)]

    def _blocks(self, widths: list[int], stage: int, sides: int, *, zero: bool = True) -> list[nn.Module]:
        total = self.blocks * len(widths)
        return [_block(widths[stage], self.group, total, sides, zero=zero) for _ in range(self.blocks)]


class Basis(nn.Module):
    """Latents (B, size) to (B, width, *base): a learnt picture for each channel, times what the latents say."""

    def __init__(self, latent_size: int, width: int, base: Size) -> None:
        super().__init__()
        self.basis = nn.Parameter(torch.empty(width, *base))
        nn.init.normal_(self.basis)
        self.scale = _initial(nn.Linear(latent_size, width, bias=False))

    def forward(self, z: Tensor) -> Tensor:
        scale: Tensor = self.scale(z)
        return scale.reshape(*scale.shape, *[1] * (self.basis.dim() - 1)) * self.basis


class Asked(Conditional):
    """As many numbers of the condition beside the latents: (B, size) to (B, 2 size)."""

    def __init__(self, latent_size: int, condition: Condition) -> None:
        super().__init__()
        self.embedding = _initial(ConditionLinear(embedded_size(condition), latent_size, bias=False))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return torch.cat([z, self.embedding(condition)], dim=1)


class Residual(nn.Module):
    """The sum of what comes in and what the layers make of it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.residual = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        total: Tensor = x + self.residual(x)
        return total


class Activation(LeakyReLU):
    """LeakyReLU of each channel plus a bias of its own: (B, channels, ...)."""

    def __init__(self, channels: int) -> None:
        super().__init__(SLOPE)
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x + self.bias.reshape(-1, *[1] * (x.dim() - 2)))


class Resampled(nn.Module):
    """A linear map of each side, of samples of one size.

    Short sides by a matrix, long ones by sums of slices: a matrix takes a third of the time of slices, but as much
    memory as the square of the side. Not by pooling, at whose second derivative torch's compiler fails (torch 2.13).
    """

    def __init__(self, size: Size, along: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.along = along
        for axis, side in enumerate(size, start=2):
            matrix = along(torch.eye(side)).T.contiguous() if side <= LONGEST else None
            self.register_buffer(f"matrix{axis}", matrix, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        for axis in range(2, x.dim()):
            matrix: Tensor | None = getattr(self, f"matrix{axis}")
            if matrix is None:
                x = self.along(x.movedim(axis, -1)).movedim(-1, axis)
            elif axis == x.dim() - 1:
                x = x @ matrix.T
            else:
                x = (matrix @ x.movedim(axis, -2)).movedim(-2, axis)
        return x


class Doubled(Resampled):
    """Every side of samples of this size doubled: linear interpolation, between zeros.

    Each place is doubled and the filter (1, 2, 1) / 4 follows, as in the published code. So the halves of a place have
    three quarters of it and a quarter of the neighbour on their side: together, the filter (1, 3, 3, 1) / 4.
    """

    def __init__(self, size: Size) -> None:
        super().__init__(size, _doubled)


class Halved(Resampled):
    """Every side of samples of this size halved, by (1, 3, 3, 1) / 8: the adjoint of `Doubled` but for scale."""

    def __init__(self, size: Size) -> None:
        super().__init__(size, _halved)


def _doubled(x: Tensor) -> Tensor:
    """(..., side) to (..., 2 side)."""
    halves = [torch.lerp(x, pad(x, (by, -by)), 0.25) for by in (1, -1)]
    return torch.stack(halves, -1).flatten(-2)


def _halved(x: Tensor) -> Tensor:
    """(..., side) to (..., side / 2)."""
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.lerp(even + odd, pad(odd, (1, -1)) + pad(even, (-1, 1)), 0.25) / 2


def _block(width: int, group: int, total: int, sides: int, *, zero: bool) -> Residual:
    """A block of so many in the network; `zero` lets it start as the identity."""
    inner = EXPANSION * width
    gain = GAIN * total ** (-1 / (2 * CONVOLUTIONS - 2))
    return Residual(
        _convolution(width, inner, 1, sides, gain=gain),
        Activation(inner),
        _convolution(inner, inner, 3, sides, groups=inner // math.gcd(inner, group), gain=gain),
        Activation(inner),
        _convolution(inner, width, 1, sides, gain=0.0 if zero else gain),
    )


def _changed(inputs: int, outputs: int, sides: int) -> list[nn.Module]:
    """What takes one width to another, if they differ."""
    return [] if inputs == outputs else [_convolution(inputs, outputs, 1, sides)]


def _convolution(
    inputs: int, outputs: int, kernel: int | Size, sides: int, *, groups: int = 1, gain: float = 1.0
) -> nn.Module:
    """Without a bias; a kernel that is a size leaves one place of the base, others keep every side."""
    padding = kernel // 2 if isinstance(kernel, int) else 0
    layer = LAYERS[sides].convolution if groups == 1 else LAYERS[sides].grouped
    return _initial(layer(inputs, outputs, kernel, padding=padding, groups=groups, bias=False), gain)


def _initial(layer: nn.Module, gain: float = 1.0) -> nn.Module:
    """He et al. 2015, normal, by the number of inputs of an output."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    nn.init.normal_(weight, 0.0, gain / math.sqrt(weight[0].numel()))
    return layer
