"""Layers that take a condition, and what passes it to them.

Generators scale and shift each normalised channel by the condition (Dumoulin et al. 2017, conditional instance
normalisation; de Vries et al. 2017 with BatchNorm; Perez et al. 2018, FiLM, for anything that is a vector). Critics add
the inner product of their last features with the condition's (Miyato & Koyama 2018, eq. 3).
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from wgan.networks.layers import ConditionLinear, Squeeze
from wgan.types import Condition, Conditions

EMBEDDED = 64
"""Numbers that a condition becomes where it holds more than zeros and ones."""
SMALL = 0.02
"""The deviation of the first scales and shifts: a generator starts almost as one without a condition."""


class Conditional(nn.Module):
    """A layer that takes the condition, (B, embedded), as its second input."""


def through(layers: Iterable[nn.Module], x: Tensor, condition: Tensor | None) -> Tensor:
    """What comes out of the last layer; those that are `Conditional` are given the condition."""
    for layer in layers:
        x = layer(x, condition) if isinstance(layer, Conditional) else layer(x)
    return x


class Conditioned(nn.Module):
    """A network of layers in a row, some of which take a condition: called with (B, ...) and (B, size)."""

    def __init__(self, layers: Iterable[nn.Module], condition: Condition) -> None:
        super().__init__()
        self.embedding = embedding(condition)
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor, condition: Conditions | None = None) -> Tensor:
        if condition is None:
            raise TypeError(
                "This network was trained with a condition, and takes two inputs: network(x, condition). What "
                "`wgan.Run.open(RUN).conditions(len(x), {NAME: VALUE})` returns is such a condition."
            )
        return through(self.layers, x, self.embedding(condition))


def network(layers: Iterable[nn.Module], condition: Condition | None) -> nn.Module:
    """The layers in a row as a network."""
    return nn.Sequential(*layers) if condition is None else Conditioned(layers, condition)


def embedding(condition: Condition) -> nn.Module:
    """What layers see of a condition: itself, or features of it where it holds numbers.

    A linear layer after a one-hot vector can be anything for each class. Of a number it can only be a line, and what
    depends on an angle or an energy is seldom one.
    """
    if not condition.has_numbers:
        return nn.Identity()
    first, second = ConditionLinear(condition.size, EMBEDDED), ConditionLinear(EMBEDDED, EMBEDDED)
    return nn.Sequential(first, nn.SiLU(), second, nn.SiLU())


def embedded_size(condition: Condition) -> int:
    """The numbers that `embedding` makes of it."""
    return EMBEDDED if condition.has_numbers else condition.size


class Modulated(Conditional):
    """A normalisation (or nothing) whose channels are scaled and shifted by the condition: (B, channels, ...)."""

    def __init__(self, norm: nn.Module, channels: int, condition: Condition) -> None:
        super().__init__()
        self.norm = norm
        self.scale = ConditionLinear(embedded_size(condition), channels, bias=False)
        self.shift = ConditionLinear(embedded_size(condition), channels, bias=False)
        for layer in (self.scale, self.shift):
            nn.init.normal_(layer.weight, 0.0, SMALL)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        places = (*x.shape[:2], *[1] * (x.dim() - 2))
        scale, shift = self.scale(condition).reshape(places), self.shift(condition).reshape(places)
        modulated: Tensor = self.norm(x) * (1 + scale) + shift
        return modulated


def modulated(norm: nn.Module, channels: int, condition: Condition | None) -> nn.Module:
    """The normalisation of a generator's layer, with the condition's scales and shifts if there is one."""
    return norm if condition is None else Modulated(norm, channels, condition)


class Projection(Conditional):
    """A critic's last layer, to which each condition adds weights of its own: (B, ...) to (B,)."""

    def __init__(self, last: nn.Module, features: int, condition: Condition) -> None:
        super().__init__()
        self.last, self.squeeze = last, Squeeze()
        self.weights = ConditionLinear(embedded_size(condition), features, bias=False)
        nn.init.normal_(self.weights.weight, 0.0, features**-0.5)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        projected = (x.flatten(1) * self.weights(condition)).sum(1)
        scores: Tensor = self.squeeze(self.last(x)) + projected
        return scores


def scored(last: nn.Module, features: int, condition: Condition | None) -> list[nn.Module]:
    """The end of a critic: `last` takes so many features to one score, (B,)."""
    return [last, Squeeze()] if condition is None else [Projection(last, features, condition)]


class Concatenated(Conditional):
    """The condition beside the values of each sample: (B, ...) to (B, values + embedded)."""

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        return torch.cat([x.flatten(1), condition], dim=1)
