"""The floating-point operations of a step, by count: products of matrices and convolutions, as they are executed.

A multiplication and an addition are two. What is done number by number (activations, normalisation, optimisers) is left
out, as is usual: it is limited by memory, not by arithmetic. What an engine saves by not computing something that the
eager step does compute is not taken off.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from wgan.bench.case import Case
from wgan.bench.parts import WITH_PENALTY, Step
from wgan.training import PLAIN


class Flops(NamedTuple):
    """Of one step: all its critic updates and the generator's."""

    step: int
    parts: dict[str, int]
    """Of fakes, critic, penalty, generator: they add up to the step."""


class Counter(TorchDispatchMode):
    """Within it, operations are counted by torch's own formulas.

    Not `FlopCounterMode`: it follows modules by hooks that `torch.func.grad`, and with it every penalty, cannot pass.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total: int = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        """Do it, and count it."""
        out = func(*args, **(kwargs or {}))
        if formula := flop_registry.get(func._overloadpacket):
            self.total += int(formula(*args, **(kwargs or {}), out_val=out))
        return out


def counted(work: Callable[[], object]) -> int:
    """The operations of some work."""
    counter = Counter()
    with counter:
        work()
    return counter.total


def count(case: Case, device: torch.device) -> Flops:
    """The operations of a case's step, on the whole and in parts."""
    steps = case.steps(case.state(device), PLAIN)
    whole = counted(lambda: next(steps))
    parts = {name: counted(work) for name, work in Step(case, device).parts().items()}
    return Flops(
        whole,
        {
            "fakes": parts["fakes"],
            "critic": parts["critic"],
            "penalty": parts[WITH_PENALTY] - parts["critic"],
            "generator": parts["generator"],
        },
    )
