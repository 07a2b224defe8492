"""Optimisers as frozen settings that build the torch optimiser, with the fastest implementation there is."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar, runtime_checkable

import torch
from torch import nn

from wgan.types import Fraction, NonNegative, Positive

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)


@runtime_checkable
class OptimizerSettings(Protocol):
    """How one network is updated."""

    @property
    def learning_rate(self) -> float:
        """The size of a step."""

    @property
    def momentum(self) -> float:
        """The decay of the gradients' running mean, under whatever name; 0 is none."""

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
        """The optimiser for these parameters."""


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
        adam: type[torch.optim.Adam] = without_compiler(torch.optim.Adam)
        return adam(parameters, self.learning_rate, self.betas, fused=fused)


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
        rmsprop: type[torch.optim.RMSprop] = without_compiler(torch.optim.RMSprop)
        return rmsprop(parameters, self.learning_rate, self.smoothing, foreach=True)


@dataclass(frozen=True)
class SGD:
    """Plain gradient descent, with momentum if asked for."""

    learning_rate: Positive = 1e-3
    momentum: Fraction = 0.0
    weight_decay: NonNegative = 0.0

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> torch.optim.Optimizer:
        """All parameters at once."""
        sgd: type[torch.optim.SGD] = without_compiler(torch.optim.SGD)
        return sgd(parameters, self.learning_rate, self.momentum, weight_decay=self.weight_decay, foreach=True)


OPTIMIZERS: dict[str, type[OptimizerSettings]] = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}


@cache
def without_compiler(kind: type[Kind]) -> type[Kind]:
    """The same optimiser, whose methods do not import torch's compiler.

    Those of torch do, to keep the compiler out of them, and that takes 1.5 of the 8 seconds of a short run
    (torch 2.11 to 2.14). Our optimisers are never compiled, so the wrappers around the methods are left out. Where a
    method has none, it stays as it is.
    """
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in _WRAPPED}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    bare: type[Kind] = type(kind.__name__, (kind,), {**methods, "step": step, "__module__": kind.__module__})
    return bare


_WRAPPED = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")
