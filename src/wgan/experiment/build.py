"""Building: from a plan to what training starts from, and the training loop with a plan's settings."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import torch

from wgan.config import RunConfig, StartSettings
from wgan.data import Pack
from wgan.errors import InputError
from wgan.experiment.plan import Parts, Plan
from wgan.runs.weights import load_weights
from wgan.training import (
    ALONE,
    PLAIN,
    Batches,
    Draws,
    Engine,
    StepRecord,
    Stream,
    TrainState,
    World,
    random_numbers,
    train,
)
from wgan.training.steps import Game
from wgan.types import Objective, Samples, SampleSpec


class Built(NamedTuple):
    """What training starts from."""

    state: TrainState
    objective: Objective
    device: torch.device


def build(planned: Plan, device: torch.device) -> Built:
    """The first state of a run on a device, and the objective it is trained by."""
    config, parts = planned.config, planned.parts
    return Built(new_state(config, planned.pack.spec, parts, device), parts.objective or config.objective, device)


def new_state(config: RunConfig, spec: SampleSpec, parts: Parts, device: torch.device) -> TrainState:
    """Networks whose first weights are a function of the seed, on any device."""
    seed = int(random_numbers(config.training.seed, Stream.WEIGHTS).integers(2**63))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = parts.generator or config.networks.generator(spec)
        critic = parts.critic or config.networks.critic(spec)
    return TrainState(
        generator,
        critic,
        config.generator_optimizer,
        config.critic_optimizer,
        ema_decay=config.training.ema_decay,
        device=device,
    )


def warm_start(state: TrainState, start: StartSettings) -> None:
    """Put saved weights in place of the first ones; the average begins where the generator does.

    Raises:
        InputError: a file is not there, cannot be read, or is of another network.
    """
    if start.generator is not None:
        load_weights(state.generator, _weights_file(start.generator, "generator"))
        load_weights(state.ema, _weights_file(start.generator, "generator"))
    if start.critic is not None:
        load_weights(state.critic, _weights_file(start.critic, "critic"))


def _weights_file(place: str, network: str) -> Path:
    path = Path(place).expanduser()
    path = path / f"{network}.safetensors" if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"There are no weights at {path}. Give start.{network} a file, or the folder of a run.")
    return path


def batches(config: RunConfig, pack: Pack, device: torch.device, world: World = ALONE) -> Batches:
    """The real batches of a run, or a process's share of them."""
    indices, _ = pack.split(config.data.holdout)
    settings, flip = config.training, config.data.flip
    return Batches(
        pack.samples,
        pack.spec,
        indices,
        batch_size=settings.batch_size,
        seed=settings.seed,
        flip=flip,
        device=device,
        world=world,
    )


def records(
    state: TrainState,
    game: Game,
    batches: Callable[[int], Samples],
    config: RunConfig,
    *,
    until: int,
    engine: Engine = PLAIN,
    world: World = ALONE,
) -> Iterator[StepRecord]:
    """The training loop with a configuration's settings and draws, the latter those of a process of a `world`."""
    settings, device = config.training, next(state.critic.parameters()).device
    return train(
        state,
        game,
        batches,
        draws(config, device, world),
        critic_steps=settings.critic_steps,
        until=until,
        schedule=config.schedule,
        engine=engine,
    )


def draws(config: RunConfig, device: torch.device, world: World = ALONE) -> Draws:
    """What a run draws beside its data, or a process's share of it."""
    return Draws(config.training.seed, config.training.batch_size, config.networks.latent_size, device, world)
