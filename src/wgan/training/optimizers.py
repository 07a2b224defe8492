"""Optimisers as frozen settings, which build torch's optimiser in its fastest implementation."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, runtime_checkable

import torch
from torch import nn
from torch.optim import Optimizer

from wgan.types import Fraction, NonNegative, Positive


@runtime_checkable
class OptimizerSettings(Protocol):
    """How one network is updated."""

    @property
    def learning_rate(self) -> float: ...

    @property
    def momentum(self) -> float:
        """The decay of the running mean of gradients; 0 if there is none."""

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer: ...


@dataclass(frozen=True)
class Adam:
    """Kingma & Ba 2015. The default betas are those of the WGAN-GP paper, without momentum."""

    learning_rate: Positive = 1e-4
    betas: tuple[Fraction, Fraction] = (0.0, 0.9)

    @property
    def momentum(self) -> float:
        return self.betas[0]

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer:
        fused = device.type in ("cpu", "cuda")
        return without_compiler(torch.optim.Adam)(parameters, self.learning_rate, self.betas, fused=fused)


@dataclass(frozen=True)
class RMSprop:
    """Hinton 2012, which the WGAN paper uses with clipping. `smoothing` is torch's alpha."""

    learning_rate: Positive = 5e-5
    smoothing: Fraction = 0.99

    @property
    def momentum(self) -> float:
        return 0.0  # the running mean is one of squares

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer:
        return without_compiler(torch.optim.RMSprop)(parameters, self.learning_rate, self.smoothing, foreach=True)


@dataclass(frozen=True)
class SGD:
    """Gradient descent, with optional momentum."""

    learning_rate: Positive = 1e-3
    momentum: Fraction = 0.0
    weight_decay: NonNegative = 0.0

    def build(self, parameters: Iterable[nn.Parameter], device: torch.device) -> Optimizer:
        sgd = without_compiler(torch.optim.SGD)
        return sgd(parameters, self.learning_rate, self.momentum, weight_decay=self.weight_decay, foreach=True)


OPTIMIZERS: dict[str, type[OptimizerSettings]] = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}


@cache
def without_compiler(kind: type[Optimizer]) -> Callable[..., Optimizer]:
    """The same optimiser, with methods that do not import torch's compiler.

    torch wraps these methods to keep its compiler out of them, which imports it: 1.5 of the 8 seconds of a short run
    (torch 2.11 to 2.14). Our optimisers are never compiled, so they do without the wrappers. A method without a wrapper
    stays as it is.
    """
    wrapped = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in wrapped}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    bare: type[Optimizer] = type(kind.__name__, (kind,), {**methods, "step": step, "__module__": kind.__module__})
    return bare
