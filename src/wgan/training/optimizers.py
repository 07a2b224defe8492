"""Optimisers as frozen settings that build the torch optimiser, with the fastest implementation there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import nn

from wgan.types import Fraction, NonNegative, Positive


@runtime_checkable
class OptimizerSettings(Protocol):
    """How one network is updated."""

    @property
    def learning_rate(self) -> float:
        """The size of a step."""
        ...

    @property
    def momentum(self) -> float:
        """The decay of the gradients' running mean, under whatever name; 0 is none."""
        ...

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
        """The optimiser for these parameters."""
        ...


@dataclass(frozen=True)
class Adam:
    """Kingma & Ba 2015. The betas are those of the WGAN-GP paper: no momentum."""

    learning_rate: Positive = 1e-4
    betas: tuple[Fraction, Fraction] = (0.0, 0.9)

    @property
    def momentum(self) -> float:
        """The first beta."""
        return self.betas[0]

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
        """Fused where torch has it."""
        fused = device.type in ("cpu", "cuda")
        return torch.optim.Adam(parameters, self.learning_rate, self.betas, fused=fused)


@dataclass(frozen=True)
class RMSprop:
    """Hinton 2012: what the WGAN paper uses under clipping. `smoothing` is torch's alpha."""

    learning_rate: Positive = 5e-5
    smoothing: Fraction = 0.99

    @property
    def momentum(self) -> float:
        """None: the running mean is of squares only."""
        return 0.0

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
        """All parameters at once."""
        return torch.optim.RMSprop(parameters, self.learning_rate, self.smoothing, foreach=True)


@dataclass(frozen=True)
class SGD:
    """Plain gradient descent, with momentum if asked for."""

    learning_rate: Positive = 1e-3
    momentum: Fraction = 0.0
    weight_decay: NonNegative = 0.0

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
        """All parameters at once."""
        return torch.optim.SGD(
            parameters, self.learning_rate, self.momentum, weight_decay=self.weight_decay, foreach=True
        )


OPTIMIZERS: dict[str, type[OptimizerSettings]] = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}
