"""Assembly: from a configuration, data and the user's own parts to what training starts from."""

import hashlib
import math
from copy import deepcopy
from dataclasses import is_dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from wgan.checkpoints import load_weights
from wgan.config import RunConfig, StartSettings
from wgan.data import Array, Pack
from wgan.errors import InputError
from wgan.networks import count_parameters
from wgan.training import Adam, Draws, Stream, TrainState, latents, random_numbers
from wgan.types import Objective, Penalised


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


def resolved(config: RunConfig, pack: Pack, parts: Parts) -> RunConfig:
    """The configuration with everything filled in that the data and the passed parts decide."""
    pictures = len(pack.shape) == 3
    if config.data.flip and not pictures:
        raise InputError("Points have no left and right to mirror. Leave data.flip false.")
    data = {"size": pack.shape[1:], "channels": pack.shape[0]} if pictures else {"size": None, "channels": None}
    return config.model_copy(update={"data": config.data.model_copy(update=data), "custom": parts.signatures()})


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


def try_parts(state: TrainState, objective: Objective, pack: Pack, config: RunConfig) -> None:
    """One step of both players, on copies: what does not fit together is told before the run directory is made.

    Raises:
        InputError: says which part does not fit what.
    """
    missing = [name for name in ("critic_loss", "generator_loss", "constrain") if not hasattr(objective, name)]
    if missing:
        raise InputError(
            f"{objective!r} is no objective: it has no {', no '.join(missing)}. Pass an object, such as wgan.Hinge(), "
            'or name one in the settings: {"objective.name": "hinge"}.'
        )
    _try_schedule(config, objective)
    generator, critic = deepcopy(state.generator).cpu(), deepcopy(state.critic).cpu()
    count = min(config.training.batch_size, 4)
    draws = Draws(0, count, config.networks.latent_size, torch.device("cpu"))
    z, noise = draws.critic_latents(0), draws.noise(0, pack.shape)
    problems = (RuntimeError, TypeError, ValueError, AttributeError)
    try:
        fake = generator(z)
    except problems as error:
        raise InputError(
            f"The generator does not take latents of shape {tuple(z.shape)}: {error} "
            "Latents come as (B, latent size); set networks.latent_size to what it takes."
        ) from error
    if fake.shape != (count, *pack.shape):
        raise InputError(f"The generator makes {tuple(fake.shape[1:])} samples; the data are {pack.shape}.")
    real = torch.zeros_like(fake)
    try:
        loss = objective.critic_loss(critic, real, fake.detach(), noise)
        loss.value.backward()
        objective.constrain(critic)
        objective.generator_loss(critic, real, fake).value.backward()
        refused = _needs_independent_scores(objective) and "critic-mixes-samples" not in config.ignore
        mixes = refused and _mixes_samples(critic, pack)
    except InputError:
        raise
    except problems as error:
        raise InputError(f"The critic or the objective cannot use samples of shape {pack.shape}: {error}") from error
    if mixes:
        raise InputError(
            "The critic mixes the samples of a batch (BatchNorm?), and the penalty needs each score to depend on one "
            "sample alone (Gulrajani et al. 2017, section 4). Use InstanceNorm, LayerNorm or no normalisation "
            '(--set networks.critic_norm=layer); or, to see what happens, --set ignore=["critic-mixes-samples"].'
        )


def _try_schedule(config: RunConfig, objective: Objective) -> None:
    schedule = config.schedule
    if not schedule.steps and schedule.changes:
        raise InputError(
            "schedule.steps is 0, so nothing would change. Say over how many steps: --set schedule.steps=N."
        )
    schedule.objective(objective, 0)
    optimizers = (config.generator_optimizer, config.critic_optimizer)
    if schedule.beta2 is not None and not any(isinstance(optimizer, Adam) for optimizer in optimizers):
        raise InputError("schedule.beta2 is a setting of Adam, which neither optimiser is here: leave it out.")


def _needs_independent_scores(objective: Objective) -> bool:
    """Whether there is a penalty on the gradients of single scores."""
    return isinstance(objective, Penalised) and objective.penalty_weight > 0


@torch.no_grad()
def _mixes_samples(critic: nn.Module, pack: Pack) -> bool:
    """Whether a sample's score changes with the other one in its batch."""
    a, b, c = latents(0, Stream.SAMPLE, 1, 3, math.prod(pack.shape)).reshape(3, 1, *pack.shape)
    torch.manual_seed(0)
    beside_b = critic(torch.cat([a, b]))[0]
    torch.manual_seed(0)  # dropout is allowed
    beside_c = critic(torch.cat([a, 3 * c + 1]))[0]
    return not torch.allclose(beside_b, beside_c, rtol=1e-3, atol=1e-5)


def shown(config: RunConfig, pack: Pack) -> int:
    """How many samples each picture shows: a grid's worth, or a cloud."""
    return config.output.rows * config.output.columns if len(pack.shape) == 3 else 1000


def points_behind(pack: Pack, seed: int) -> Array | None:
    """Real points to show behind the sampled ones."""
    if len(pack.shape) == 3:
        return None
    return pack.samples[random_numbers(seed, Stream.GRID, 1).integers(len(pack), size=1000)]
