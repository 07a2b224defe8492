"""Assembly: from a configuration, data and the user's own parts to what training starts from."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from wgan.config import RunConfig, StartSettings
from wgan.data import Array, Pack
from wgan.errors import InputError
from wgan.networks import count_parameters
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
from wgan.types import DataShape, Objective, Samples


class Parts(NamedTuple):
    """Parts passed as Python objects; None where the configuration's are used."""

    generator: nn.Module | None = None
    critic: nn.Module | None = None
    objective: Objective | None = None

    def signatures(self) -> dict[str, str]:
        """What a configuration notes of the parts that were passed: enough to tell them from others."""
        return {name: _signature(part) for name, part in self._asdict().items() if part is not None}


def _signature(part: object) -> str:
    if isinstance(part, nn.Module):
        shapes = repr([(name, tuple(value.shape)) for name, value in part.state_dict().items()])
        digest = hashlib.blake2b(shapes.encode(), digest_size=4).hexdigest()
        return f"{type(part).__name__} ({count_parameters(part):,} parameters, {digest})"
    return repr(part) if is_dataclass(part) else type(part).__name__


NO_PARTS = Parts()


def new_state(config: RunConfig, shape: DataShape, parts: Parts, device: torch.device) -> TrainState:
    """Networks whose first weights are a function of the seed, on any device."""
    seed = int(random_numbers(config.training.seed, Stream.WEIGHTS).integers(2**63))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = parts.generator or config.networks.generator(shape)
        critic = parts.critic or config.networks.critic(shape)
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
        indices,
        batch_size=settings.batch_size,
        seed=settings.seed,
        flip=flip,
        device=device,
        world=world,
    )


def records(
    state: TrainState,
    objective: Objective,
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
        objective,
        batches,
        draws(config, device, world),
        critic_steps=settings.critic_steps,
        until=until,
        schedule=config.schedule,
        evaluation_fakes=settings.evaluation_fakes,
        engine=engine,
    )


def draws(config: RunConfig, device: torch.device, world: World = ALONE) -> Draws:
    """What a run draws beside its data, or a process's share of it."""
    return Draws(config.training.seed, config.training.batch_size, config.networks.latent_size, device, world)


def shown(config: RunConfig, pack: Pack) -> int:
    """How many samples each picture shows: a grid's worth, or a cloud."""
    return config.output.rows * config.output.columns if len(pack.shape) == 3 else 1000


def points_behind(pack: Pack, seed: int) -> Array | None:
    """Real points to show behind the sampled ones."""
    if len(pack.shape) == 3:
        return None
    return pack.samples[random_numbers(seed, Stream.GRID, 1).integers(len(pack), size=1000)]
