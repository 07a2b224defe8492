"""Preflight: a run's parts are tried on copies, and what cannot work is refused before a directory is made."""

import math
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from wgan.config import RunConfig
from wgan.diagnosis import REFUSED, Tryout, Wiring, before_training, try_out
from wgan.errors import InputError
from wgan.experiment.leaking import leaks_of
from wgan.experiment.plan import Plan
from wgan.language import say
from wgan.objectives import axes
from wgan.runs.doctor import setup_of
from wgan.system.text import typed
from wgan.system.validation import dotted
from wgan.training import Adam, Draws, Game, Stream, TrainState, World, random_numbers, sync_norms
from wgan.types import CPU, Generator, Latents, Objective, Samples
from wgan.types.bound import Bound

FEWEST, MOST, NUMBERS = 64, 512, 2**23
"""Real samples that a tryout sees: enough to know what they are like, in so many numbers unless they are large."""
BATCH = 4
"""Samples that go through the networks, at most."""


def preflight(planned: Plan, state: TrainState) -> Wiring:
    """Try one step of both players on copies, then all `TRIALS` on others. torch's CPU generator keeps its state.

    Raises:
        InputError: two parts do not fit, or a finding says that this cannot work.
    """
    config, pack, objective = planned.config, planned.pack, planned.objective
    missing = [name for name in ("critic_loss", "generator_loss", "constrain") if not hasattr(objective, name)]
    if missing:
        raise InputError(
            f"{objective!r} is not an objective: it has no {', no '.join(missing)}. Pass an object, such as "
            'wgan.Hinge(), or name one in the settings: {"objective.name": "hinge"}.'
        )
    _try_schedule(config, objective)
    with torch.random.fork_rng(devices=[]):
        draws = Draws(0, min(BATCH, config.training.batch_size), config.networks.latent_size, CPU)
        z, real, condition = draws.critic_latents(0), _some(planned), pack.spec.condition
        asked = None if condition is None else condition.to_vectors(condition.differing())
        # The first changes weights, and leaves graphs.
        _try_step(_tryout(state, objective, z, real, asked, len(pack)), draws)
        wiring = try_out(_tryout(state, objective, z, real, asked, len(pack)))
    wiring = replace(wiring, leaks=leaks_of(planned))
    for finding in before_training(setup_of(config, wiring, planned.train_count, pack.spec)):
        if finding.code in REFUSED and finding.code not in config.ignore:
            remedy = f" ({' '.join(typed(finding.settings))})" if finding.settings else ""
            ignored = f'ignore=["{finding.code}"]'
            raise InputError(
                say(
                    "{evidence} {advice}{remedy}; or, to see what happens, {ignored} (from Python, "
                    "settings={settings}). ({reference}.)",
                    evidence=finding.evidence,
                    advice=finding.advice.rstrip(".。"),
                    remedy=remedy,
                    ignored=typed([ignored])[0],
                    settings=f'{{"ignore": ["{finding.code}"]}}',
                    reference=finding.reference,
                )
            )
    return wiring


def _tryout(
    state: TrainState, objective: Objective, z: Latents, real: Tensor, asked: Tensor | None, count: int
) -> Tryout:
    """Copies of the parts, bound to some conditions; the objective itself if it cannot be copied."""
    generator, critic = (deepcopy(network).cpu() for network in (state.generator, state.critic))
    if asked is not None:  # one for all, so that whatever else differs does not because of it
        generator, critic = Bound(generator, asked[:1]), Bound(critic, asked[:1])
    with suppress(Exception):  # a user's own may hold anything
        objective = deepcopy(objective)
    return Tryout(generator, critic, objective, z, real, count, asked)


def _some(planned: Plan) -> Samples:
    """Different samples of the data, drawn by the seed, in no order."""
    pack = planned.pack
    count = min(len(pack.known), max(FEWEST, min(MOST, NUMBERS // math.prod(pack.spec.shape))))
    random = random_numbers(planned.config.training.seed, Stream.PROBE, 1)
    places = pack.known[np.sort(random.choice(len(pack.known), count, replace=False, shuffle=False))]
    return pack.samples_at(places)[torch.from_numpy(random.permutation(count))]


def agree(world: World, planned: Plan, state: TrainState) -> None:
    """Check that all processes train the same run, and let their BatchNorms see the whole batch.

    Raises:
        InputError: a process was given something else, or the loss cannot be split between processes.
    """
    if world.size == 1:
        return
    training, game = planned.config.training, axes(planned.objective)
    if training.microbatch is not None and training.batch_size % world.size:
        raise InputError(
            f"{world.size} processes cannot share a batch of {training.batch_size} evenly, and each would "
            "compute it in other parts: choose another training.batch_size, or leave training.microbatch out."
        )
    if game is not None and game.reduction == "sum":
        raise InputError("Several processes cannot share a loss that is a sum: set objective.reduction=mean.")
    plain_settings = {key: value for key, value in dotted(planned.config.to_dict()).items() if key != "data.source"}
    world.require_same(repr(plain_settings), "settings")
    condition = planned.pack.spec.condition
    world.require_same(f"{planned.pack.contents.digest} {condition and condition.digest}", "data")
    sync_norms(state.generator, world)
    sync_norms(state.critic, world)


def _accepts(generator: Generator, z: Tensor) -> bool:
    with suppress(Exception):
        generator(z)
        return True
    return False


def _try_step(tryout: Tryout, draws: Draws) -> None:
    problems = (RuntimeError, TypeError, ValueError, AttributeError)
    try:
        fake = tryout.generator(tryout.z)
    except problems as error:
        if len(tryout.z) == 1:
            raise InputError(
                f"The generator does not accept a batch of one: {error} BatchNorm needs two samples or more: set "
                "training.batch_size to 64."
            ) from error
        shape = (tryout.z.shape[1], *[1] * (len(tryout.shape) - 1))
        if _accepts(tryout.generator, tryout.z.reshape(-1, *shape)):
            raise InputError(
                f"The generator takes latents of shape (B, {', '.join(map(str, shape))}), and here they are "
                f"{tuple(tryout.z.shape)}: let it begin with nn.Unflatten(1, {shape})."
            ) from error
        raise InputError(
            f"The generator does not accept latents of shape {tuple(tryout.z.shape)}{_with_conditions(tryout)}: "
            f"{str(error).rstrip('.')}. {_expected(tryout)}"
        ) from error
    if fake.shape != (len(tryout.z), *tryout.shape):
        raise InputError(f"The generator makes {tuple(fake.shape[1:])} samples; the data are {tryout.shape}.")
    real = torch.zeros_like(fake)
    try:
        loss = tryout.objective.critic_loss(tryout.critic, real, fake.detach(), draws.noise(0, tryout.shape))
        loss.value.backward()
        tryout.objective.constrain(tryout.critic)
        tryout.objective.generator_loss(tryout.critic, real, fake).value.backward()
    except InputError:
        raise
    except problems as error:
        raise InputError(
            f"The critic or the objective cannot use samples of shape {tryout.shape}{_with_conditions(tryout)}: {error}"
        ) from error


def _with_conditions(tryout: Tryout) -> str:
    """What a network is given besides, as a part of a sentence."""
    if tryout.conditions is None:
        return ""
    return f" with conditions of shape {(len(tryout.z), tryout.conditions.shape[1])}"


def _expected(tryout: Tryout) -> str:
    if tryout.conditions is None:
        return "Latents are (B, latent size): set networks.latent_size to the size it accepts."
    size = tryout.conditions.shape[1]
    return (
        f"Latents are (B, latent size), which networks.latent_size sets, and conditions (B, {size}): let its layers "
        f"take {size} numbers of the condition."
    )


def _try_schedule(config: RunConfig, objective: Objective) -> None:
    schedule = config.schedule
    if not schedule.steps and schedule.changes:
        raise InputError(
            "schedule.steps is 0, so nothing would change. Set the number of steps: --set schedule.steps=N."
        )
    schedule.objective(objective, 0)
    optimizers = (config.generator_optimizer, config.critic_optimizer)
    if schedule.beta2 is not None and not any(isinstance(optimizer, Adam) for optimizer in optimizers):
        raise InputError("schedule.beta2 is a setting of Adam, and neither optimiser is Adam: leave it out.")


def game_of(objective: Objective, config: RunConfig, wiring: Wiring) -> Game:
    """The game that a run's configuration and wiring define.

    Whether real and fake samples may go through the critic in one call, trying the first weights settles for our
    critics. A user's critic may begin to mix samples later, and a user's objective gets the critic unchanged.
    """
    independent = not wiring.mixes_samples and axes(objective) is not None and "critic" not in config.custom
    augmentation = config.augmentation if config.augmentation.changes else None
    changes = config.schedule.penalty_weight != 1
    return Game(objective, independent, config.training.evaluation_fakes, augmentation, changes)
