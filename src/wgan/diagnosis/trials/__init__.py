"""Trials: copies of a run's parts are tried on known inputs before the first step, and the facts become its `Wiring`.

To add one: write a function from a `Tryout` to fields of `Wiring` in the module of the part that it tries, and add it
to the table below. A trial takes a fraction of a second, changes only copies, and says nothing of parts that
raise: a user's own may do anything.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch

from wgan.diagnosis.trials import data, networks, objective
from wgan.diagnosis.trials.tryout import Tryout
from wgan.diagnosis.wiring import Wiring

TRIALS: tuple[Callable[[Tryout], dict[str, Any]], ...] = (
    objective.penalised,
    objective.signs,
    objective.uses,
    objective.whole_slope,
    objective.slopes,
    objective.falls_for_ever,
    networks.reaches_generator,
    networks.listens,
    networks.hears,
    networks.hears_condition,
    networks.mixes_samples,
    networks.bounded_scores,
    networks.scales,
    networks.batch_norm,
    networks.score_noise,
    networks.dead_generator,
    networks.dead_critic,
    networks.frozen,
    networks.generator_rank,
    networks.critic_rank,
    networks.first_slope,
    networks.reach,
    data.values,
    data.copies,
    data.columns,
    data.dimension,
)


def try_out(tryout: Tryout) -> Wiring:
    """Find out what a few passes of a few samples can tell. torch's generator on the CPU changes; fork it."""
    facts: dict[str, Any] = {}
    for trial in TRIALS:
        with suppress(Exception):  # then the defaults of `Wiring` hold
            torch.default_generator.manual_seed(0)
            facts |= trial(tryout)
    return Wiring(**facts)
