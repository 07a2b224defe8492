"""Preflight: the parts of a run are tried on copies, and what cannot work is refused before a folder is made."""

from copy import deepcopy

import torch

from wgan.config import RunConfig
from wgan.data import Pack
from wgan.diagnosis import REFUSED, Tryout, Wiring, before_training
from wgan.errors import InputError
from wgan.experiment.build import Built
from wgan.objectives import axes
from wgan.runs.doctor import setup_of
from wgan.system.validation import dotted
from wgan.training import (
    Adam,
    Draws,
    Stream,
    World,
    random_numbers,
    sync_norms,
)
from wgan.training.steps import Game
from wgan.types import Objective, Samples

TRIED = 64
"""How many real samples the trials see: enough to know their range."""
FEW = 4
"""How many go through the networks at most."""


def preflight(built: Built, pack: Pack, config: RunConfig) -> Wiring:
    """One step of both players on copies, then what `Tryout` tries; torch's global generators stay as they are.

    Raises:
        InputError: says which part does not fit what, or what was found that cannot work.
    """
    state, objective, _ = built
    missing = [name for name in ("critic_loss", "generator_loss", "constrain") if not hasattr(objective, name)]
    if missing:
        raise InputError(
            f"{objective!r} is no objective: it has no {', no '.join(missing)}. Pass an object, such as wgan.Hinge(), "
            'or name one in the settings: {"objective.name": "hinge"}.'
        )
    _try_schedule(config, objective)
    with torch.random.fork_rng(devices=[]):
        draws = Draws(0, min(FEW, config.training.batch_size), config.networks.latent_size, torch.device("cpu"))
        generator, critic = (deepcopy(network).cpu() for network in (state.generator, state.critic))
        tryout = Tryout(generator, critic, objective, draws.critic_latents(0), _some(pack, config))
        _try_step(tryout, draws, pack)
        wiring = tryout.try_out()
    train, _ = pack.split(config.data.holdout)
    _refuse(wiring, config, len(train), pack)
    return wiring


def agree(world: World, built: Built, pack: Pack, config: RunConfig) -> None:
    """See to it that all processes train the same, and let their BatchNorms see the whole batch.

    Raises:
        InputError: one was given something else, or the loss cannot be shared out.
    """
    if world.size == 1:
        return
    game = axes(built.objective)
    if game is not None and game.reduction == "sum":
        raise InputError("Several processes cannot share a loss that is no mean: set objective.reduction=mean.")
    plain_settings = {key: value for key, value in dotted(config.to_dict()).items() if key != "data.source"}
    world.require_same(repr(plain_settings), "settings")
    world.require_same(pack.contents.digest, "data")
    for network in (built.state.generator, built.state.critic):
        sync_norms(network, world)


def _some(pack: Pack, config: RunConfig) -> Samples:
    chosen = random_numbers(config.training.seed, Stream.PROBE, 1).integers(len(pack), size=TRIED)
    return pack.samples_at(chosen)


def _refuse(wiring: Wiring, config: RunConfig, train_count: int, pack: Pack) -> None:
    """Raise for the first finding that keeps a run from starting and is not to be ignored."""
    for finding in before_training(setup_of(config, wiring, train_count, pack.spec)):
        if finding.code in REFUSED and finding.code not in config.ignore:
            typed = f" ({' '.join(f'--set {setting}' for setting in finding.settings)})" if finding.settings else ""
            raise InputError(
                f"{finding.evidence} {finding.advice.rstrip('.')}{typed}; or, to see what happens, "
                f'--set ignore=["{finding.code}"] (from Python, settings={{"ignore": ["{finding.code}"]}}). '
                f"({finding.reference}.)"
            )


def _try_step(tryout: Tryout, draws: Draws, pack: Pack) -> None:
    problems = (RuntimeError, TypeError, ValueError, AttributeError)
    try:
        fake = tryout.generator(tryout.z)
    except problems as error:
        raise InputError(
            f"The generator does not take latents of shape {tuple(tryout.z.shape)}: {error} "
            "Latents come as (B, latent size); set networks.latent_size to what it takes."
        ) from error
    if fake.shape != (len(tryout.z), *pack.shape):
        raise InputError(f"The generator makes {tuple(fake.shape[1:])} samples; the data are {pack.shape}.")
    real = torch.zeros_like(fake)
    try:
        loss = tryout.objective.critic_loss(tryout.critic, real, fake.detach(), draws.noise(0, pack.shape))
        loss.value.backward()
        tryout.objective.constrain(tryout.critic)
        tryout.objective.generator_loss(tryout.critic, real, fake).value.backward()
    except InputError:
        raise
    except problems as error:
        raise InputError(f"The critic or the objective cannot use samples of shape {pack.shape}: {error}") from error


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


def scores_independently(wiring: Wiring, objective: Objective, config: RunConfig) -> bool:
    """Whether real and fake samples may go through the critic together: for ours, trying first weights settles that.

    A user's critic might begin to mix samples later, and a user's objective gets the critic as it is.
    """
    return not wiring.mixes_samples and axes(objective) is not None and "critic" not in config.custom


def game_of(objective: Objective, config: RunConfig, wiring: Wiring) -> Game:
    """What a run's players play, as its configuration and its wiring have it."""
    return Game(objective, scores_independently(wiring, objective, config), config.training.evaluation_fakes)
