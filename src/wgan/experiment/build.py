"""From a plan to the first training state, and the training loop with a configuration's settings."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch

from wgan.config import RunConfig, StartSettings
from wgan.data import Pack
from wgan.errors import InputError
from wgan.experiment.memory import check_memory
from wgan.experiment.parts import Parts
from wgan.runs.weights import load_weights
from wgan.training import (
    ALONE,
    PLAIN,
    Batches,
    Draws,
    Engine,
    Game,
    Step,
    StepRecord,
    TrainState,
    World,
    inputs,
    train,
    unconditional,
)
from wgan.training.randomness import Stream, random_numbers
from wgan.types import Conditions, Samples, SampleSpec


def build_state(config: RunConfig, spec: SampleSpec, parts: Parts, device: torch.device) -> TrainState:
    """A state whose first weights are a function of the seed, the same on every device.

    Raises:
        InputError: this machine has too little memory for it.
    """
    check_memory(config, spec, parts, device.type)
    seed = int(random_numbers(config.training.seed, Stream.WEIGHTS).integers(2**63))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = config.networks.generator(spec) if parts.generator is None else parts.generator
        critic = config.networks.critic(spec) if parts.critic is None else parts.critic
    optimizers = config.generator_optimizer, config.critic_optimizer
    return TrainState(generator, critic, *optimizers, ema_decay=config.training.ema_decay, device=device)


def warm_start(state: TrainState, start: StartSettings) -> list[str]:
    """Replace the first weights by saved ones. The averaged generator starts from the generator's.

    Returns what the user should know about how they were found.

    Raises:
        InputError: a file is missing, cannot be read, or holds another network.
    """
    notes = []
    for network, name, place in (
        (state.generator, "generator", start.generator),
        (state.ema, "generator", start.generator),
        (state.critic, "critic", start.critic),
    ):
        if place is not None:
            path = Path(place).expanduser()
            path = path / f"{name}.safetensors" if path.is_dir() else path
            if not path.is_file():
                raise InputError(f"There are no weights at {path}. Give start.{name} a file, or the folder of a run.")
            if (note := load_weights(network, path)) and network is not state.ema:
                notes.append(f"{name} from {path}: {note}.")
    return notes


def batches(config: RunConfig, pack: Pack, device: torch.device, world: World = ALONE) -> Batches:
    """The real batches of a run, or this process's share of them."""
    train, _ = pack.split(config.data.holdout)
    seed, size, flip = config.training.seed, config.training.batch_size, config.data.flip
    rows = None if pack.spec.condition is None else pack.condition_rows
    return Batches(
        pack.samples, pack.spec, train, batch_size=size, seed=seed, flip=flip, device=device, world=world, rows=rows
    )


class Loop(NamedTuple):
    """A state, and all that decides its next steps."""

    state: TrainState
    game: Game
    config: RunConfig
    batches: Callable[[int], Samples]
    world: World = ALONE
    engine: Engine = PLAIN
    conditions: Callable[[int], Conditions | None] = unconditional

    @property
    def draws(self) -> Draws:
        """The random numbers of the run, or this process's share of them."""
        settings, size = self.config.training, self.config.networks.latent_size
        return Draws(settings.seed, settings.batch_size, size, self.state.device, self.world)

    def step(self, number: int) -> Step:
        """What step `number` is done with, counted from 0, as the schedule has it at the state's step."""
        settings = self.config.training
        objective = self.config.schedule.objective(self.game.objective, self.state.step)
        return inputs(
            number,
            replace(self.game, objective=objective),
            self.batches,
            self.draws,
            critic_steps=settings.critic_steps,
            generator_steps=settings.generator_steps,
            augmented=self.state.augmented,
            conditions=self.conditions,
        )

    def records(self, until: int) -> Iterator[StepRecord]:
        """Train to step `until`."""
        settings = self.config.training
        return train(
            self.state,
            self.game,
            self.batches,
            self.draws,
            critic_steps=settings.critic_steps,
            generator_steps=settings.generator_steps,
            until=until,
            schedule=self.config.schedule,
            conditions=self.conditions,
            engine=self.engine,
        )
