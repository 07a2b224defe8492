"""Runs that are well: ordinary settings, and changes that do no harm."""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from exam_parts.data import Data
from exam_parts.misfed import columns
from exam_parts.misset import both, clipped, composed, weight
from exam_parts.networks import critic, generator
from exam_parts.objectives import Own
from exam_parts.question import SIBLING, Change, pictures
from wgan.data import Array

R1 = {"training.critic_steps": 1, **both("betas", (0.0, 0.99)), **weight(1.0)}


def _set(name: str, **values: Any) -> Change:
    """A change of settings; two underscores are a dot."""
    return Change(name, {key.replace("__", "."): value for key, value in values.items()})


def even(data: Data) -> bool:
    """Where left and right do not matter."""
    return data.name in ("anime-16", "celeba-16", "gratings", "crosses")


def negative(values: Array) -> Array:
    """Black and white exchanged, or each number's sign."""
    return 255 - values if values.dtype == np.uint8 else -values


def constant_column(values: Array) -> Array:
    """The last column says nothing."""
    return np.concatenate([values[:, :-1], np.ones_like(values[:, -1:])], 1)


HARMLESS = (
    SIBLING,
    _set("batch-32", training__batch_size=32),
    _set("batch-48", training__batch_size=48),
    _set("batch-200", training__batch_size=200),
    Change("rate-1e-4", {**both("learning_rate", 1e-4), "training.ema_decay": 0.99}, longer=2.0),
    Change("rate-2e-4", both("learning_rate", 2e-4), longer=1.5),
    Change("rate-4e-4", both("learning_rate", 4e-4)),
    Change("falling-rate", {"schedule.steps": 900, "schedule.learning_rate": 0.1}),
    Change("penalty-1", weight(1.0)),
    Change("penalty-3", weight(3.0)),
    Change("penalty-20", weight(20.0), suits=pictures),
    _set("critic-steps-3", training__critic_steps=3),
    _set("critic-steps-5", training__critic_steps=5),
    _set("critic-steps-7", training__critic_steps=7),
    Change("hinge-r1", composed("hinge", penalty="zero-centred", at=("real",), penalty_weight=1.0)),
    Change("r1", {"objective.name": "r1", **R1}, longer=1.5),
    Change("r3gan", {"objective.name": "r3gan", **R1}, longer=1.5),
    Change("wgan-lp", {"objective.name": "wgan-lp", **weight(5.0)}),
    Change("dragan", {"objective.name": "dragan", **weight(1.0)}),
    Change("clipped", clipped(0.05, 1e-3)),
    Change("adam-half", both("betas", (0.5, 0.9))),
    Change("adam-half-999", {**both("betas", (0.5, 0.999)), **both("learning_rate", 3e-4)}),
    _set("ema-0.995", training__ema_decay=0.995),
    Change("ema-0.998", {"training.ema_decay": 0.998}, longer=1.5),
    _set("latents-8", networks__latent_size=8),
    _set("latents-24", networks__latent_size=24),
    _set("latents-128", networks__latent_size=128),
    _set("wide", networks__generator_widths=(256, 256), networks__critic_widths=(256, 256)),
    _set("hold-out-0.2", data__holdout=0.2),
    Change("spectral", composed("hinge"), critic=partial(critic, spectral=True)),
    Change("layer-norm", critic=partial(critic, norm="layer")),
    Change("slight-dropout", critic=partial(critic, dropout=0.1)),
    Change("own-objective", objective=Own(penalty_weight=5.0)),
    Change("own-critic", critic=critic),
    Change("own-generator", generator=generator),
    Change("own-residual", generator=partial(generator, residual=True), critic=critic),
    Change("own-smooth", generator=partial(generator, activation=nn.SiLU), critic=partial(critic, activation=nn.SiLU)),
    Change("own-all", generator=generator, critic=critic, objective=Own(penalty_weight=2.0)),
    Change("flip", {"data.flip": True}, suits=even),
    Change("negative", values=negative, undo=torch.neg),
    Change("constant-column", values=constant_column, suits=columns),
)
