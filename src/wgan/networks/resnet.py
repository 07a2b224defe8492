"""The residual networks of WGAN-GP: deeper than DCGAN's, with one width throughout."""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from wgan.networks.conditional import Conditional, modulated, network, scored, through
from wgan.networks.initialisation import Init, initialised
from wgan.networks.layers import LAYERS, Norm, norm
from wgan.networks.sizes import places, pyramid
from wgan.networks.spectral import normalised
from wgan.types import Condition, Count, DataShape, SampleSpec


@dataclass(frozen=True)
class ResNet:
    """Gulrajani et al. 2017, appendix F: the CIFAR-10 pair, here for any size that `networks.sizes` admits.

    Each block of the generator doubles every side. The critic's blocks halve it until it is twice as large as the
    generator's base; two more keep the size, and the mean over all places follows. At 32x32, the generator has three
    blocks and the critic four, as in the paper. Signals and volumes have the same blocks.

    `critic_norm` "spectral" normalises weights, not samples (Miyato et al. 2018).
    """

    latent_size: Count = 128
    generator_width: Count = 128
    critic_width: Count = 128
    critic_norm: Norm = "none"
    init: Init = "own"

    def generator(self, spec: SampleSpec | DataShape) -> nn.Module:
        (channels, size), (base, stages) = places(spec), pyramid(spec)
        width, sides, condition = self.generator_width, len(size), SampleSpec.of(spec).condition
        layers = [
            nn.Linear(self.latent_size, width * math.prod(base)),
            nn.Unflatten(1, (width, *base)),
            *(up(width, sides, condition) for _ in range(stages)),
            modulated(LAYERS[sides].batch_norm(width), width, condition),
            nn.ReLU(),
            _convolution(width, channels, 3, sides),
            nn.Tanh(),
        ]
        return initialised(network(layers, condition), self.init)

    def critic(self, spec: SampleSpec | DataShape) -> nn.Module:
        (channels, size), (_, stages) = places(spec), pyramid(spec)
        width, kind, sides = self.critic_width, self.critic_norm, len(size)
        condition = SampleSpec.of(spec).condition
        layers = [
            first(channels, width, sides),
            *(down(width, kind, sides, halve=True) for _ in range(stages - 2)),
            *(down(width, kind, sides, halve=False) for _ in range(2)),
            nn.ReLU(),
            LAYERS[sides].mean_of_all(1),
            nn.Flatten(),
            *scored(nn.Linear(width, 1), width, condition),
        ]
        return normalised(initialised(network(layers, condition), self.init), self.critic_norm)


class Residual(Conditional):
    """A block: two convolutions beside a shortcut, whose normalisations may take a condition."""

    def __init__(self, residual: nn.Sequential, shortcut: nn.Module) -> None:
        super().__init__()
        self.residual, self.shortcut = residual, shortcut

    def forward(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        total: Tensor = through(self.residual, x, condition) + self.shortcut(x)
        return total


def up(width: int, sides: int, condition: Condition | None = None) -> Residual:
    """A generator's block, (B, width, ...) to the same with every side doubled."""
    residual = nn.Sequential(
        modulated(LAYERS[sides].batch_norm(width), width, condition),
        nn.ReLU(),
        nn.Upsample(scale_factor=2),
        _convolution(width, width, 3, sides, gain=HE),
        modulated(LAYERS[sides].batch_norm(width), width, condition),
        nn.ReLU(),
        _convolution(width, width, 3, sides, gain=HE),
    )
    return Residual(residual, nn.Sequential(nn.Upsample(scale_factor=2), _convolution(width, width, 1, sides)))


def first(inputs: int, width: int, sides: int) -> Residual:
    """The critic's first block, (B, inputs, ...) to (B, width, ...) with every side halved; no activation before it."""
    residual = nn.Sequential(
        _convolution(inputs, width, 3, sides, gain=HE),
        nn.ReLU(),
        _convolution(width, width, 3, sides, gain=HE),
        LAYERS[sides].mean(2),
    )
    return Residual(residual, nn.Sequential(LAYERS[sides].mean(2), _convolution(inputs, width, 1, sides)))


def down(width: int, kind: Norm, sides: int, *, halve: bool) -> Residual:
    """A critic's block, (B, width, ...) to the same shape or, with `halve`, to the same with every side halved."""
    pool: list[nn.Module] = [LAYERS[sides].mean(2)] if halve else []
    residual = nn.Sequential(
        norm(kind, width, sides),
        nn.ReLU(),
        _convolution(width, width, 3, sides, gain=HE),
        norm(kind, width, sides),
        nn.ReLU(),
        _convolution(width, width, 3, sides, gain=HE),
        *pool,
    )
    return Residual(residual, nn.Sequential(_convolution(width, width, 1, sides), *pool) if halve else nn.Identity())


HE = math.sqrt(2)
"""He et al. 2015: the gain of a layer after a ReLU."""


def _convolution(inputs: int, outputs: int, kernel: int, sides: int, *, gain: float = 1.0) -> nn.Module:
    convolution = LAYERS[sides].convolution(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.xavier_uniform_(convolution.weight, gain)
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
    return convolution
