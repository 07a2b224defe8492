"""The engines that a bench compares, by name: how a step is computed on a device."""

from collections.abc import Iterator

import torch

from wgan.assembly import records
from wgan.bench.case import Case
from wgan.training import StepRecord


class Unusable(Exception):
    """Stand-in."""


def engine_names(device: torch.device) -> tuple[str, ...]:
    """All that are worth trying on this device; the first is what the others are compared with."""
    return ("eager fp32",)


def precision_of(name: str) -> str:
    """In which the products of an engine are computed: a key of `ceilings`."""
    return name.split()[-1]


def training(name: str, case: Case, device: torch.device) -> Iterator[StepRecord]:
    """Endless steps with that engine.

    Raises:
        Unusable: it cannot be used here; says why.
    """
    return records(case.state(device), case.config.objective, case.batches(device), case.config, until=2**62)
