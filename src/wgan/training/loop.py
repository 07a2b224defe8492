"""The training loop: a generator of records. The caller logs, draws and saves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from wgan.training.engines.engine import PLAIN, Engine
from wgan.training.randomness import Draws
from wgan.training.schedule import Schedule
from wgan.training.state import TrainState
from wgan.training.steps import Batch, Game, GeneratorBatch, Step
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
        step = inputs(
            state.step,
            scheduled,
            batches,
            draws,
            critic_steps=critic_steps,
            generator_steps=generator_steps,
            augmented=state.augmented,
            conditions=conditions,
        )
        terms = engine(state, step)
        state.advance(schedule.average_decay(state.ema_decay, state.step))
        yield StepRecord(state.step, terms)


def inputs(
    step: int,
    game: Game,
    batches: Callable[[int], Samples],
    draws: Draws,
    *,
    critic_steps: int,
    generator_steps: int = 1,
    augmented: float = 0.0,
    conditions: Callable[[int], Conditions | None] = unconditional,
) -> Step:
    """What step number `step` is done with, counted from 0; `augmented` is the run's probability of changes."""
    critic, generator = [], []
    change = game.augmentation
    probability = change.probability(augmented) if change else 0.0
    for number in range(step * critic_steps, (step + 1) * critic_steps):
        real, asked = batches(number), conditions(number)
        shape = tuple(real.shape[1:])
        views = draws.critic_views(number, change, shape, probability) if change else None
        critic.append(Batch(real, draws.critic_latents(number), draws.noise(number, shape), asked, views))
    for number in range(step * generator_steps, (step + 1) * generator_steps):
        views = draws.generator_views(number, change, shape, probability) if change else None
        generator.append(GeneratorBatch(real, draws.generator_latents(number), asked, views))
    return Step(game, critic, generator)
