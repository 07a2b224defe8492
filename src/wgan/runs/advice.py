"""Advice as settings: what is typed must be accepted, change something, and bring what goes with it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from wgan.config import RunConfig, differences, parse_settings
from wgan.diagnosis.setup import PICTURES, POINTS
from wgan.errors import InputError

STEPS, MOMENTUM = 5, 0.5
"""Gulrajani et al. 2017, algorithm 1: five critic steps, Adam without momentum; up to 0.5 does no harm."""


def applicable(config: RunConfig, pictures: bool, settings: Sequence[str]) -> tuple[str, ...]:
    """Those of the settings that this run accepts and does not have, and then what must go with them.

    They are meant for the end of the command that started the run, so what they leave out keeps that command's value.
    """
    kept: list[str] = []
    for setting in settings:
        with suppress(InputError):
            if differences(_with(config, kept), _with(config, [*kept, setting])):
                kept.append(setting)
    for companion in _companions(config, kept, pictures):
        with suppress(InputError):
            _with(config, [*kept, companion])
            kept.append(companion)
    return tuple(kept) if differences(config, _with(config, kept)) else ()


def _with(config: RunConfig, settings: Sequence[str]) -> RunConfig:
    return config.with_settings(parse_settings(settings))


def _companions(config: RunConfig, settings: Sequence[str], pictures: bool) -> Iterator[str]:
    """What WGAN-GP needs where another objective was."""
    if "objective=wgan-gp" not in settings:
        return
    yield f"objective.penalty_weight={PICTURES if pictures else POINTS:g}"
    if config.training.critic_steps < STEPS:
        yield f"training.critic_steps={STEPS}"
    for player in ("generator", "critic"):
        if getattr(config, f"{player}_optimizer").momentum > MOMENTUM:
            yield f"{player}_optimizer.betas=[0.0, 0.9]"  # of Adam
            yield f"{player}_optimizer.momentum=0.0"  # of SGD
