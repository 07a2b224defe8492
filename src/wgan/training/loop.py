"""The training loop: a generator of records. The caller logs, draws and saves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from wgan.training.engines.engine import PLAIN, Engine
from wgan.training.randomness import Draws
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, Step
from wgan.types import Conditions, Samples, Terms


class StepRecord(NamedTuple):
    """The terms of the last generator update of a step, and of the last critic update before it, on the device."""

    step: int
    terms: Terms


NO_SCHEDULE = Schedule()


def unconditional(number: int) -> None:
    """No batch has conditions."""


def train(
    state: TrainState,
    game: Game,
    batches: Callable[[int], Samples],
    draws: Draws,
    *,
    critic_steps: int,
    generator_steps: int = 1,
    until: int,
    schedule: Schedule = NO_SCHEDULE,
    conditions: Callable[[int], Conditions | None] = unconditional,
    engine: Engine = PLAIN,
) -> Iterator[StepRecord]:
    """Advance `state` in place to step `until`; yield a record *after* every step.

    A step is `critic_steps` updates of the critic, then `generator_steps` of the generator.

    `batches(number)` is the real batch of critic step `number`, a fresh one for each (Gulrajani et al. 2017,
    algorithm 1), and `conditions(number)` are its conditions. Networks draw from torch's global generators (dropout),
    which are seeded for each step.
    """
    while state.step < until:
        draws.seed_torch(state.step)
        schedule.apply(state, state.step)
        scheduled = replace(game, objective=schedule.objective(game.objective, state.step))
        given = []
        for number in range(state.step * critic_steps, (state.step + 1) * critic_steps):
            real = batches(number)
            noise = draws.noise(number, tuple(real.shape[1:]))
            given.append(Batch(real, draws.critic_latents(number), noise, conditions(number)))
        first = state.step * generator_steps
        latents = [draws.generator_latents(first + i) for i in range(generator_steps)]
        terms = engine(state, Step(scheduled, given, latents))
        state.advance(schedule.average_decay(state.ema_decay, state.step))
        yield StepRecord(state.step, terms)
