"""Assembly: from a configuration, data and the user's own parts to what training starts from."""

from copy import deepcopy
from typing import NamedTuple

import torch
from torch import nn

from wgan.config import RunConfig
from wgan.data import Array, Pack
from wgan.errors import InputError
from wgan.training import Stream, TrainState, latents, random_numbers
from wgan.types import Objective


class Parts(NamedTuple):
    """Parts passed as Python objects; None where the configuration's are used."""

    generator: nn.Module | None = None
    critic: nn.Module | None = None
    objective: Objective | None = None

    def names(self) -> dict[str, str]:
        """The classes of the parts that were passed, as a configuration notes them."""
        return {name: type(part).__name__ for name, part in self._asdict().items() if part is not None}


NO_PARTS = Parts()


def resolved(config: RunConfig, pack: Pack, parts: Parts) -> RunConfig:
    """The configuration with everything filled in that the data and the passed parts decide."""
    pictures = len(pack.shape) == 3
    data = {"size": pack.shape[1:], "channels": pack.shape[0]} if pictures else {"size": None, "channels": None}
    return config.model_copy(update={"data": config.data.model_copy(update=data), "custom": parts.names()})


def new_state(config: RunConfig, pack: Pack, parts: Parts, device: torch.device) -> TrainState:
    """Networks whose first weights are a function of the seed, on any device."""
    seed = int(random_numbers(config.training.seed, Stream.WEIGHTS).integers(2**63))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = parts.generator or config.networks.generator(pack.shape)
        critic = parts.critic or config.networks.critic(pack.shape)
    return TrainState(
        generator,
        critic,
        config.generator_optimizer,
        config.critic_optimizer,
        ema_decay=config.training.ema_decay,
        device=device,
    )


def try_parts(state: TrainState, objective: Objective, pack: Pack, config: RunConfig) -> None:
    """One forward pass of copies of the user's own parts, so that what does not fit is told before the first step."""
    z = latents(0, Stream.SAMPLE, 0, 2, config.networks.latent_size)
    generator, critic = deepcopy(state.generator).cpu(), deepcopy(state.critic).cpu()
    try:
        fake = generator(z).detach()
    except (RuntimeError, TypeError) as error:
        raise InputError(
            f"The generator does not take latents of shape {tuple(z.shape)}: {error} "
            "Set latent_size to what it takes; latents come as (B, latent size)."
        ) from error
    if fake.shape != (2, *pack.shape):
        raise InputError(f"The generator makes {tuple(fake.shape[1:])} samples; the data are {pack.shape}.")
    try:
        objective.critic_loss(critic, torch.zeros_like(fake), fake, torch.rand(2))
    except (RuntimeError, TypeError) as error:
        raise InputError(f"The critic or the objective cannot use samples of shape {pack.shape}: {error}") from error


def shown(config: RunConfig, pack: Pack) -> int:
    """How many samples each picture shows: a grid's worth, or a cloud."""
    return config.output.rows * config.output.columns if len(pack.shape) == 3 else 1000


def points_behind(pack: Pack, seed: int) -> Array | None:
    """Real points to show behind the sampled ones."""
    if len(pack.shape) == 3:
        return None
    return pack.samples[random_numbers(seed, Stream.GRID, 1).integers(len(pack), size=1000)]
