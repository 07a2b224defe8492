"""Networks as people write them: the same small stacks, each with the place where it can go wrong as an argument."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from exam_parts.data import Data

Norm = Literal["none", "batch", "layer"]


class Times(nn.Module):
    """Multiplies by a number."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


class FirstOnly(nn.Module):
    """Keeps the first numbers of each sample and sets the others to zero."""

    def __init__(self, kept: int) -> None:
        super().__init__()
        self.kept = kept

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x[:, : self.kept], torch.zeros_like(x[:, self.kept :])], 1)


class Noisy(nn.Module):
    """Adds normal noise."""

    def __init__(self, spread: float) -> None:
        super().__init__()
        self.spread = spread

    def forward(self, x: Tensor) -> Tensor:
        return x + self.spread * torch.randn_like(x)


class Centred(nn.Module):
    """Subtracts the mean of the batch."""

    def forward(self, x: Tensor) -> Tensor:
        return x - x.mean(0)


class Residual(nn.Module):
    """Adds what two layers say."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


Activation = Callable[[], nn.Module]


def leaky() -> nn.Module:
    """What the stacks have between their layers unless told otherwise."""
    return nn.LeakyReLU(0.2)


def stack(
    sizes: Sequence[int], activation: Activation = leaky, norm: Norm = "none", dropout: float = 0.0
) -> list[nn.Module]:
    """Linear layers, each with a normalisation, an activation and dropout."""
    norms = {"none": nn.Identity, "layer": nn.LayerNorm, "batch": batch_norm}
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        more = [nn.Dropout(dropout)] if dropout else []
        layers += [nn.Linear(inputs, outputs), norms[norm](outputs), activation(), *more]
    return layers


def batch_norm(width: int) -> nn.Module:
    """BatchNorm without running statistics, which a penalty can be differentiated through."""
    return nn.BatchNorm1d(width, track_running_stats=False)


def critic(
    data: Data,
    *,
    before: Activation = nn.Identity,
    end: Activation = nn.Identity,
    widths: Sequence[int] | None = None,
    activation: Activation = leaky,
    norm: Norm = "none",
    dropout: float = 0.0,
    spectral: bool = False,
    change: Callable[[nn.Sequential], object] = lambda network: None,
) -> nn.Module:
    """A critic: (B, *shape) to (B, 1). `change` is done to it before training."""
    hidden = (data.width, data.width) if widths is None else tuple(widths)
    inner = stack((math.prod(data.shape), *hidden), activation, norm, dropout)
    last = nn.Linear((math.prod(data.shape), *hidden)[-1], 1)
    network = nn.Sequential(nn.Flatten(), before(), *inner, last, end())
    if spectral:
        for layer in linears(network):
            nn.utils.parametrizations.spectral_norm(layer)
    change(network)
    return network


def generator(
    data: Data,
    *,
    before: Activation = nn.Identity,
    end: Sequence[Activation] | None = None,
    widths: Sequence[int] | None = None,
    activation: Activation = leaky,
    norm: Norm = "none",
    dropout: float = 0.0,
    residual: bool = False,
    latents: int | None = None,
    change: Callable[[nn.Sequential], object] = lambda network: None,
) -> nn.Module:
    """A generator: (B, latents) to (B, *shape), with tanh at its end for pictures, unless `end` says otherwise."""
    hidden = (data.width, data.width) if widths is None else tuple(widths)
    inner = stack((latents or data.latents, *hidden), activation, norm, dropout)
    inner += [Residual(hidden[-1])] if residual else []
    usual = [nn.Tanh] if data.picture else []
    ends = [make() for make in (usual if end is None else end)]
    last = nn.Linear(hidden[-1], math.prod(data.shape))
    network = nn.Sequential(before(), *inner, last, *ends, nn.Unflatten(1, data.shape))
    change(network)
    return network


def linears(network: nn.Module) -> list[nn.Linear]:
    """Its linear layers, in order."""
    return [module for module in network.modules() if isinstance(module, nn.Linear)]


# Changes before training.


def frozen(network: nn.Sequential, layers: slice = slice(None)) -> None:
    """Some linear layers are not trained."""
    for layer in linears(network)[layers]:
        layer.requires_grad_(False)


def dead(network: nn.Sequential, bias: float = -100.0) -> None:
    """The last hidden units begin far below zero: with ReLU, none of them ever speaks."""
    nn.init.constant_(linears(network)[-2].bias, bias)


def weights(network: nn.Sequential, spread: float) -> None:
    """All weights begin as N(0, `spread`), and biases at zero."""
    for layer in linears(network):
        nn.init.normal_(layer.weight, 0.0, spread)
        nn.init.zeros_(layer.bias)


def silent(network: nn.Sequential) -> None:
    """The last weights are zero, and stay so."""
    last = linears(network)[-1]
    nn.init.zeros_(last.weight)
    last.weight.requires_grad_(False)


def offset(network: nn.Sequential, by: float) -> None:
    """The last layer begins with a large bias."""
    nn.init.constant_(linears(network)[-1].bias, by)
