"""Memory: whether networks of this size can be trained on this machine, by their shapes alone."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.experiment.parts import Parts
from wgan.system.memory import free_memory
from wgan.system.text import typed
from wgan.training.optimizers import SGD, Adam, OptimizerSettings, RMSprop
from wgan.types import Architecture, DataShape, SampleSpec

HALVINGS = 40
ROOM = 2
"""Networks are advised that leave half of the memory to what training needs besides."""


def check_memory(config: RunConfig, spec: SampleSpec | DataShape, parts: Parts, device: str) -> None:
    """Raise if the weights of the networks, and what training keeps beside them, are more than the free memory.

    What depends on the batch comes on top, and is not counted. If another device than the CPU trains, only the first
    weights and copies to try are here.

    Raises:
        InputError: there is too little memory, or the settings describe no networks.
    """
    other = torch.cuda.is_available() or torch.backends.mps.is_available()
    cpu = device == "cpu" or (device == "auto" and not other)
    sizes, free = _sizes(config.networks, spec, parts), free_memory()
    if free is None or (needed := _needed(config, sizes, cpu=cpu)) <= free:
        return
    keeps = "with their gradients, the optimisers' state and the average" if cpu else "with a copy of each to try"
    advice = " ".join(typed(_narrower(config, spec, parts, free, cpu=cpu)))
    smaller = "smaller samples (data.size)" if len(SampleSpec.of(spec).shape) > 1 else ""
    ways = [f"narrower networks ({advice})" if advice else "narrower networks", smaller, "a machine with more memory"]
    *ways, last = [way for way in ways if way]
    raise InputError(
        f"These networks are too large for the memory that is free here. Their weights take {amount(sum(sizes))} "
        f"(generator {amount(sizes.generator)}, critic {amount(sizes.critic)}); {keeps}, training takes "
        f"{amount(needed)} and more, and {amount(free)} are free. Use {', '.join(ways)}, or {last}."
    )


class _Sizes(NamedTuple):
    """Bytes of the weights."""

    generator: int
    critic: int


def _sizes(networks: Architecture, spec: SampleSpec | DataShape, parts: Parts) -> _Sizes:
    try:
        with shapes_only():
            generator = networks.generator(spec) if parts.generator is None else parts.generator
            critic = networks.critic(spec) if parts.critic is None else parts.critic
    except (RuntimeError, OverflowError, TypeError) as error:  # numbers that no tensor can have
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"The networks of these settings cannot be built: {reason}.") from error
    return _Sizes(*(_bytes(chain(one.parameters(), one.buffers())) for one in (generator, critic)))


def _bytes(tensors: Iterable[Tensor]) -> int:
    known = (tensor for tensor in tensors if not nn.parameter.is_lazy(tensor))
    return sum(tensor.numel() * tensor.element_size() for tensor in known)


def bytes_of_networks(config: RunConfig, generator: nn.Module, critic: nn.Module) -> int:
    """What training keeps of these networks: weights, the gradients of one, the optimisers' state and the average."""
    sizes = (_bytes(chain(one.parameters(), one.buffers())) for one in (generator, critic))
    return _needed(config, _Sizes(*sizes), cpu=True)


def _needed(config: RunConfig, sizes: _Sizes, *, cpu: bool) -> int:
    """The bytes that are in use at one time, at least."""
    if not cpu:
        return 2 * sum(sizes)
    generator = (2 + _states(config.generator_optimizer)) * sizes.generator  # with the average
    critic = (1 + _states(config.critic_optimizer)) * sizes.critic
    return generator + critic + max(sizes)  # the gradients of one at a time


def _states(optimizer: OptimizerSettings) -> int:
    """How many numbers an optimiser keeps of each weight."""
    match optimizer:
        case Adam():
            return 2
        case RMSprop():
            return 1
        case SGD():
            return 1 if optimizer.momentum else 0
    return 0


def _narrower(config: RunConfig, spec: SampleSpec | DataShape, parts: Parts, free: int, *, cpu: bool) -> list[str]:
    """Settings of widths with which there is room; none if widths are not what is large."""
    networks: Any = config.networks
    names = [field.name for field in fields(networks) if "width" in field.name] if is_dataclass(networks) else []
    for _ in range(HALVINGS):
        networks = replace(networks, **{name: _half(getattr(networks, name)) for name in names})
        if ROOM * _needed(config, _sizes(networks, spec, parts), cpu=cpu) <= free:
            return [f"networks.{name}={_setting(getattr(networks, name))}" for name in names]
    return []


def _half(width: Any) -> Any:
    return tuple(map(_half, width)) if isinstance(width, list | tuple) else max(1, width // 2)


def _setting(width: Any) -> str:
    return f"[{','.join(map(str, width))}]" if isinstance(width, tuple) else str(width)


def amount(size: int, *, roughly: bool = False) -> str:
    """Bytes in words; `roughly` without decimals from 10 on, for what is an estimate."""
    number, unit = (size / 1e9, "GB") if size >= 1e8 else (size / 1e6, "MB")
    return f"{number:,.0f} {unit}" if roughly and number >= 9.95 else f"{number:,.1f} {unit}"


@contextmanager
def shapes_only() -> Iterator[None]:
    """What is built within has shapes and no numbers, and takes no memory."""
    with torch.device("meta"), _Unset():
        yield


class _Unset(TorchFunctionMode):
    """Leaves out `normal_`, whose shapes Python code of torch's compiler computes, which takes 1.5 s to import."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is nn.init.normal_:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))
