"""Trying an engine out on a run's own state, which is as it was afterwards."""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy

import torch

from wgan.training.engines.engine import Engine
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game
from wgan.types import Latents


@contextmanager
def unchanged(state: TrainState) -> Iterator[None]:
    """Within it, steps may be done; afterwards the state, and torch's generators, are as before, without gradients."""
    device = next(state.critic.parameters()).device
    before = deepcopy(state.state_dict())
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            yield
    finally:
        state.load_state_dict(before)
        for optimizer in (state.critic_optimizer, state.generator_optimizer):
            optimizer.zero_grad()


def seconds_per_step(
    engine: Engine,
    state: TrainState,
    game: Game,
    batches: Sequence[Batch],
    z: Latents,
    *,
    budget: float,
    enough: float = math.inf,
) -> float:
    """How long a whole step takes: the median of as many as `budget` seconds have room for, three at least.

    A step that takes longer than `enough` seconds, once it is warm, is the last.
    The first ones are not counted: in them kernels are chosen, memory is taken, and graphs are recorded.
    """
    device = z.device

    def timed() -> float:
        _wait(device)
        started = time.perf_counter()
        engine(state, game, batches, z)
        _wait(device)
        return time.perf_counter() - started

    with unchanged(state):
        warm = [timed() for _ in range(2 if not engine.mode.graphs else 6)]
        if warm[-1] > enough:
            return warm[-1]
        return statistics.median(_for(timed, budget))


def _for(timed: Callable[[], float], budget: float) -> list[float]:
    found: list[float] = []
    while len(found) < 3 or sum(found) < budget:
        found.append(timed())
    return found


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
