"""The doctor: reads a run, and says whether training works."""

from functools import partial
from pathlib import Path

from wgan.augmentation import augmentation_name
from wgan.config import RunConfig
from wgan.diagnosis import Diagnosis, PlayerSettings, Setup, Wiring, examine
from wgan.errors import InputError
from wgan.objectives import axes
from wgan.runs.advice import applicable
from wgan.runs.run import Run
from wgan.training import OptimizerSettings
from wgan.types import SampleSpec

VANISHED = 0.01
"""A schedule that takes the learning rates to this part of them, or less, lets the networks stand still at its end."""


def diagnose(run: str | Path | Run) -> Diagnosis:
    """The verdict on a run, from what it has written so far. Nothing is trained, and the data are not needed.

    Raises:
        InputError: this is not a run.
    """
    opened = run if isinstance(run, Run) else Run.open(run)
    if opened.generator_file.exists() and not opened.metrics_file.exists():
        raise InputError(
            f"{opened.path} is a generator without the log of its run, which a verdict is about. What the doctor said "
            "of the run is in README.md beside it, where `wgan export` wrote one."
        )
    return examine(setup_in(opened), opened.log())


def setup_in(run: Run) -> Setup:
    """What the rules know about a run before its first step, as its files say it."""
    return setup_of(run.config, run.wiring, run.provenance.train_count, run.spec)


def setup_of(config: RunConfig, wiring: Wiring, train_count: int, spec: SampleSpec) -> Setup:
    """What the rules know about a run before its first step."""
    return Setup(
        game=None if "objective" in config.custom else axes(config.objective),
        generator=_player(config.generator_optimizer),
        critic=_player(config.critic_optimizer),
        batch_size=config.training.batch_size,
        critic_steps=config.training.critic_steps,
        generator_steps=config.training.generator_steps,
        steps=config.training.steps,
        train_count=train_count,
        kind=spec.kind,
        wiring=wiring,
        ema_decay=config.training.ema_decay,
        latent_size=config.networks.latent_size,
        critic_norm=getattr(config.networks, "critic_norm", None),
        custom=frozenset(config.custom),
        flip=config.data.flip,
        augmentation=augmentation_name(config.augmentation),
        rate_rise=max(1.0, config.schedule.learning_rate) if config.schedule.steps else 1.0,
        rates_vanish_at=(config.schedule.steps or None) if config.schedule.learning_rate <= VANISHED else None,
        condition=spec.condition,
        applicable=partial(applicable, config, spec.is_spatial),
    )


def _player(optimizer: OptimizerSettings) -> PlayerSettings:
    return PlayerSettings(type(optimizer).__name__.lower(), optimizer.learning_rate, optimizer.momentum)
