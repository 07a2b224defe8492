"""Trials on a run's own state, which is restored: an engine's gradients against plain ones in fp32, and its time."""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import Tensor

from wgan.training.devices import synchronize
from wgan.training.engines.engine import Eager, Engine, computing
from wgan.training.engines.microbatches import in_parts
from wgan.training.precision import Precision
from wgan.training.state import TrainState
from wgan.training.steps import Gradients, Step, making_fakes

TOLERANCE: dict[Precision, float] = {"fp32": 0.02, "tf32": 0.1, "bf16": 0.4}
"""By how much the gradient of a weight may differ: several times what rounding did (at most 0.003 in fp32 and 0.17 in
bf16, both in the first layers of generators), and less than half of what a lost second derivative does, which changes
it by about its own length (pytorch issue 181581). A critic of 16 units was off by 0.43 in bf16, and cannot use it."""
FILLED = 0.02
"""The deviation of weights that stand for zeros."""
SMALL = 0.1
"""A gradient below this share of its network's is compared with this share: where terms cancel, as before a BatchNorm,
little but rounding is left."""

Found = dict[str, dict[str, Tensor | None]]
"""The gradient of each weight, by player and name."""


def disagreement(
    gradients: Gradients, precision: Precision, state: TrainState, step: Step, microbatch: int | None = None
) -> tuple[float, str]:
    """Compare `gradients` in `precision` with plain ones, for both players. The state stays as it is.

    Plain ones are computed of at most `microbatch` samples at a time, as they are where more do not fit into memory.
    Layers whose weights are all zero, as the last ones of residual blocks may be at first, are given others for it:
    they pass on no gradient, and nothing would be known of the layers before them.
    """
    with unchanged(state):
        _fill_zeros(state)
        expected = gradients_of(in_parts(Eager(), microbatch), "fp32", state, step)
        return furthest(expected, gradients_of(gradients, precision, state, step))


@torch.no_grad()
def _fill_zeros(state: TrainState) -> None:
    torch.manual_seed(0)
    for network in (state.generator, state.critic):
        for weight in network.parameters():
            if weight.ndim > 1 and not weight.any():
                weight.normal_(0.0, FILLED)


def furthest(expected: Found, found: Found) -> tuple[float, str]:
    """The largest difference between two sets of gradients, and the weight that it is of.

    The norm of the difference, relative to that of the gradient; infinite if only one of them exists.
    """
    worst = 0.0, ""
    for player, gradients in expected.items():
        total = math.hypot(*(float(gradient.norm()) for gradient in gradients.values() if gradient is not None))
        for name, gradient in gradients.items():
            difference = _difference(gradient, found[player][name], SMALL * total)
            worst = max(worst, (difference, f"{name} of the {player}"), key=lambda found: found[0])
    return worst


def _difference(plain: Tensor | None, other: Tensor | None, least: float) -> float:
    if plain is None or other is None:
        return 0.0 if plain is other else math.inf
    difference = float((plain - other).norm()) / max(float(plain.norm()), least, 1e-30)
    return math.inf if math.isnan(difference) else difference


def gradients_of(gradients: Gradients, precision: Precision, state: TrainState, step: Step) -> Found:
    """The gradients of both losses, on the first batch. The state stays as it is."""
    with unchanged(state), computing(precision, state.device):
        torch.manual_seed(0)  # dropout
        with making_fakes(state, step.game):
            gradients.of_critic(state, step.game, next(gradients.batches(state, step)))
        gradients.of_generator(state, step.game, step.generator_batches[0])
        return {
            player: {name: None if p.grad is None else p.grad.clone() for name, p in network.named_parameters()}
            for player, network in (("critic", state.critic), ("generator", state.generator))
        }


@contextmanager
def unchanged(state: TrainState) -> Iterator[None]:
    """Restore the state and torch's generators on leaving, without gradients."""
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
    engine: Engine, state: TrainState, step: Step, *, budget: float, enough: float = math.inf, most: float = math.inf
) -> float:
    """The time of a whole step: the median of at least three, and of as many as fit into `budget` seconds.

    Stops at a warm step that takes longer than `enough` seconds. The first steps are not counted, since they choose
    kernels, take memory and record graphs. After the first, no step is begun that would take the whole beyond `most`
    seconds: then the newest ones say what they can.
    """

    def timed() -> float:
        synchronize(state.device)
        started = time.perf_counter()
        engine(state, step)
        synchronize(state.device)
        return time.perf_counter() - started

    with unchanged(state):
        warm, found = [timed()], list[float]()

        def fits() -> bool:
            return sum(warm) + sum(found) + min(found or warm) <= most

        while len(warm) < (2 if not engine.mode.graphs else 6) and fits():
            warm.append(timed())
        if warm[-1] > enough:
            return warm[-1]
        while (len(found) < 3 or sum(found) < budget) and fits():
            found.append(timed())
        return statistics.median(found or warm[-1:])


def seconds_by_turns(
    engines: Sequence[Callable[[TrainState, Step], object]],
    state: TrainState,
    step: Step,
    *,
    rounds: int,
    clock: Callable[[], float],
) -> list[float]:
    """The times of a step of each engine, by turns, so that what else the machine does burdens all: their medians.

    Two rounds before are not counted.
    """
    found: list[list[float]] = [[] for _ in engines]
    with unchanged(state):
        for turn in range(-2, rounds):
            for engine, times in zip(engines, found, strict=True):
                started = clock()
                engine(state, step)
                synchronize(state.device)
                if turn >= 0:
                    times.append(clock() - started)
    return [statistics.median(times) for times in found]
