"""Where the time of a step of the plain engine goes, and how many floating-point operations its parts have.

The gradients of a critic update need fakes and a plain loss, which scores real and fake once and goes back through
these scores. Whatever they need beyond that is the penalty, also where a penalty uses the scores of the loss.

Times are estimates: a part by itself finds the processor's caches in another state than within a step, and on a GPU it
may not wait where it would have waited. They need not add up to the whole, which is reported beside their sum.

A multiplication and an addition are two operations. Only matrix products and convolutions are counted, as is usual:
memory limits the rest (activations, normalisation, optimisers). What an engine saves by not computing something that
the eager step does compute is not subtracted.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from wgan.bench.case import loop_of, training
from wgan.experiment.plan import Plan
from wgan.objectives import Composed
from wgan.training import Eager, Mode
from wgan.training.devices import synchronize
from wgan.training.steps import fakes
from wgan.types.bound import bound

REPEAT_SECONDS = 0.05
"""A part is repeated for as long in each round, or done once."""


class Split(NamedTuple):
    """One step with all of its critic updates: in seconds, or in floating-point operations."""

    parts: dict[str, int | float]
    """Of data, fakes, critic, penalty, generator and optimizer."""
    whole: int | float


def split(case: Plan, device: torch.device, rounds: int) -> Split:
    """The seconds of a step and of its parts, which take turns: medians of the rounds."""
    work = _work(case, device)
    times = {name: _times(do, device) for name, do in work.items()}
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, do in work.items():
            seconds[name].append(_timed(do, times[name], device))
    return _of({name: statistics.median(values) for name, values in seconds.items()})


def count(case: Plan, device: torch.device) -> Split:
    """The floating-point operations of a step and of its parts."""
    return _of({name: counted(do) for name, do in _work(case, device).items()})


class Counter(TorchDispatchMode):
    """Within it, operations are counted by torch's own formulas.

    Not torch's `FlopCounterMode`: its hooks on modules fail within `autograd.grad`, and so in every penalty.
    """

    total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if formula := flop_registry.get(func._overloadpacket):
            self.total += int(formula(*args, **(kwargs or {}), out_val=out))
        return out


def counted(work: Callable[[], object]) -> int:
    """The floating-point operations of a call."""
    with Counter() as counter:  # type: ignore[no-untyped-call]
        work()
    total: int = counter.total
    return total


def _work(case: Plan, device: torch.device) -> dict[str, Callable[[], object]]:
    """A whole step, and what its parts are computed from: each for all critic updates of a step."""
    loop = loop_of(case, device)
    state, game, config, real = loop[:4]
    eager, drawn, numbers = Eager(), loop.draws, itertools.count(1)
    plain = replace(game, objective=Composed(loss="wasserstein", penalty_weight=0.0))
    given = loop.step(0)
    batch, asked = given.batches[0], given.generator_batches[0]
    steps = training(Mode(), case, device)

    def for_critic(do: Callable[[], object]) -> Callable[[], None]:
        def work() -> None:
            state.generator.train(not game.evaluation_fakes)
            for _ in range(config.training.critic_steps):
                do()
            state.generator.train()

        return work

    def for_generator(do: Callable[[], object]) -> Callable[[], None]:
        def work() -> None:
            for _ in range(config.training.generator_steps):
                do()

        return work

    def load() -> None:
        number = next(numbers)
        real(number)
        loop.conditions(number)
        drawn.critic_latents(number)

    def update_critic() -> None:
        state.critic_optimizer.step()
        game.objective.constrain(state.critic)

    def update_generator() -> None:
        for _ in range(config.training.generator_steps):
            state.generator_optimizer.step()
        state.advance()

    parts: dict[str, Callable[[], object]] = {
        "critic data": for_critic(load),
        "generator latents": for_generator(lambda: drawn.generator_latents(0)),
        "fakes": for_critic(lambda: fakes(bound(state.generator, batch.condition), batch.z)),
        "critic and fakes": for_critic(lambda: eager.of_critic(state, plain, batch)),
        "critic with penalty": for_critic(lambda: eager.of_critic(state, game, batch)),
        "generator": for_generator(lambda: eager.of_generator(state, game, asked)),
        "critic optimizer": for_critic(update_critic),
        "generator optimizer": update_generator,
        "whole": lambda: next(steps),
    }
    return parts


def _of(found: Mapping[str, int | float]) -> Split:
    # Times of two equal parts, as where there is no penalty, may differ either way.
    parts: dict[str, int | float] = {
        "data": found["critic data"] + found["generator latents"],
        "fakes": found["fakes"],
        "critic": max(0, found["critic and fakes"] - found["fakes"]),
        "penalty": max(0, found["critic with penalty"] - found["critic and fakes"]),
        "generator": found["generator"],
        "optimizer": found["critic optimizer"] + found["generator optimizer"],
    }
    return Split(parts, found["whole"])


def _times(do: Callable[[], object], device: torch.device) -> int:
    """How often to repeat a part; warms it up."""
    times = 1
    do()
    while _timed(do, times, device) * times < REPEAT_SECONDS:
        times *= 2
    return times


def _timed(do: Callable[[], object], times: int, device: torch.device) -> float:
    synchronize(device)
    start = time.perf_counter()
    for _ in range(times):
        do()
    synchronize(device)
    return (time.perf_counter() - start) / times
