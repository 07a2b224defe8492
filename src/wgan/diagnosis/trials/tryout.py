"""What trials are given, and the critic and the noise that they know."""

import math
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from wgan.types import DataShape, Latents, Objective, Samples, Uniforms


@dataclass(frozen=True)
class Tryout:
    """Copies of the parts on the CPU, and samples to try them on."""

    generator: nn.Module
    critic: nn.Module
    objective: Objective
    z: Latents
    """A few latents: as many samples as one pass of a trial needs."""
    real: Tensor
    """Enough samples to know what the data are like: more than there are latents."""
    train_count: int = 0
    """Among how many samples these were drawn; 0 if they are all."""
    conditions: Tensor | None = None
    """A few that differ, (N, size), where there is a condition: both networks are bound to the first."""

    @property
    def shape(self) -> DataShape:
        return tuple(self.real.shape[1:])

    def direction(self) -> Tensor:
        """A vector of length 1 in the space of samples."""
        return torch.full(self.shape, math.prod(self.shape) ** -0.5)

    def scored(self, score: float) -> Samples:
        """As many samples as there are latents, which the linear critic along `direction` gives this score."""
        return (score * self.direction()).repeat(len(self.z), *[1] * len(self.shape))

    def mixed(self, count: int) -> Samples:
        """Real samples and normal noise, half and half."""
        noise = torch.randn(count // 2, *self.shape, generator=torch.Generator().manual_seed(0))
        return torch.cat([self.real[: count - len(noise)], noise])

    def latents(self, count: int) -> Latents:
        return torch.randn(count, self.z.shape[1], generator=torch.Generator().manual_seed(0))


class Linear(nn.Module):
    """A critic with a known slope: `direction`, everywhere."""

    def __init__(self, direction: Tensor) -> None:
        super().__init__()
        self.direction = nn.Parameter(direction.clone())

    def forward(self, x: Samples) -> Tensor:
        return (x * self.direction).flatten(1).sum(1)


class Still(NamedTuple):
    """A `Noise` of midpoints between real and fake, and of the same step of length 1 for all samples.

    Along a linear critic's own direction, a finite difference of its scores is its slope.
    """

    real: Samples
    direction: Tensor

    def uniform(self) -> Uniforms:
        return torch.full((len(self.real),), 0.5)

    def normal(self) -> Samples:
        step: Tensor = self.direction / self.direction.norm()
        return step.expand_as(self.real)


def enlarged(network: nn.Module, by: float) -> nn.Module:
    """A copy with weights many times as large."""
    copy = deepcopy(network)
    for parameter in copy.parameters():
        parameter.data.mul_(by)
    return copy


def shaken(network: nn.Module) -> nn.Module:
    """A copy that has left special first weights, such as zeros in the last layer, as it will after a few steps."""
    copy = deepcopy(network)
    random = torch.Generator().manual_seed(0)
    for parameter in copy.parameters():
        size = 0.1 * parameter.data.abs().mean() + 0.01
        parameter.data.add_(size * torch.randn(parameter.shape, generator=random))
    return copy


def turned(network: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Two copies whose weights have random signs, one the opposite of the other: none starts with all signs alike."""
    copies = deepcopy(network), deepcopy(network)
    random = torch.Generator().manual_seed(0)
    for one, other in zip(*(copy.parameters() for copy in copies), strict=True):
        signs = 1 - 2 * torch.randint(2, one.shape, generator=random)
        one.data.mul_(signs)
        other.data.mul_(-signs)
    return copies
