"""The engines that a bench compares: every way to do the same steps that this device may have."""

from collections.abc import Iterator
from itertools import product

import torch

from wgan.bench.case import Case
from wgan.training import Mode, Precision, StepRecord
from wgan.training.engines.engine import with_memory_format


def modes(device: torch.device) -> dict[str, Mode]:
    """Modes by name; the first is plain PyTorch, which the others are compared with."""
    cuda = device.type == "cuda"
    precisions: tuple[Precision, ...] = ("fp32", "tf32", "bf16") if cuda else ("fp32", "bf16")
    ways = product((False, True), (False, True) if cuda else (False,), precisions)
    every = [with_memory_format(Mode(precision, compiled, graphs), device) for compiled, graphs, precision in ways]
    return {str(mode): mode for mode in every}


def training(mode: Mode, case: Case, device: torch.device) -> Iterator[StepRecord]:
    """Endless steps in that mode.

    Raises:
        Unusable: it cannot be used here; says why.
    """
    state = case.state(device)
    return case.steps(state, case.trials(state).build(mode))
