"""Trials of an objective, on critics whose scores and slopes are known."""

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor

from wgan.diagnosis.trials.tryout import Linear, Still, Tryout
from wgan.types import Loss, Penalised, Samples

LEVELS = ((0.25, -0.25), (-0.5, 0.5), (0.02, -0.02))
"""Scores of real samples and of fakes: on the right side, on the wrong side, and within any margin."""
NONE = 1e-3
"""Of what a penalty costs: a gradient below this is none."""


def penalised(parts: Tryout) -> dict[str, Any]:
    """Whether there is a penalty on the slopes of single scores."""
    return {"penalised": isinstance(parts.objective, Penalised) and parts.objective.penalty_weight > 0}


def signs(parts: Tryout) -> dict[str, Any]:
    """Which scores the players want for real samples and for fakes."""
    critics = Linear(parts.direction()), Linear(-parts.direction())
    real, fake = parts.scored(1.0), parts.scored(-1.0)
    right, wrong = (_critic_value(parts, one, real, fake) for one in critics)
    high, low = (float(parts.objective.generator_loss(critics[0], real, made).value.detach()) for made in (real, fake))
    return {"prefers_real": not _exceeds(right, wrong), "seeks_high_scores": not _exceeds(high, low)}


def _critic_loss(parts: Tryout, critic: Linear, real: Samples, fake: Samples) -> Loss:
    torch.default_generator.manual_seed(0)  # for objectives that draw numbers themselves
    return parts.objective.critic_loss(critic, real, fake, Still(real, critic.direction.detach()))


def _critic_value(parts: Tryout, critic: Linear, real: Samples, fake: Samples) -> float:
    return float(_critic_loss(parts, critic, real, fake).value.detach())


def _exceeds(one: float, other: float) -> bool:
    """Whether it is more, by more than rounding."""
    return one > other and not math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-7)


def uses(parts: Tryout) -> dict[str, Any]:
    """Whether a linear critic's gradient changes with the real samples, and with the fakes, at any level of scores.

    The penalty's does not, since the slope is the same everywhere.
    """

    def gradient(real: float, fake: float) -> Tensor:
        critic = Linear(parts.direction())
        _critic_loss(parts, critic, parts.scored(real), parts.scored(fake)).value.backward()
        return torch.zeros(()) if critic.direction.grad is None else critic.direction.grad

    alone = gradient(0.0, 0.0)  # of the penalty, which may be far larger than all else
    trials = [
        [gradient(*scores) - alone for scores in ((real, fake), (2 * real, fake), (real, 2 * fake))]
        for real, fake in LEVELS
    ]
    least = NONE * max(float(one.norm()) for trial in trials for one in trial)
    return {
        "uses_real": any(float((other - here).norm()) > least for here, other, _ in trials),
        "uses_fake": any(float((other - here).norm()) > least for here, _, other in trials),
    }


def whole_slope(parts: Tryout) -> dict[str, Any]:
    """Whether linear critics of one slope get one penalty, in any direction and any batch."""
    one_value = torch.zeros(math.prod(parts.shape))
    one_value[0] = 1
    trials = [(parts.direction(), 4), (parts.direction(), 2), (one_value.reshape(parts.shape), 4)]
    penalties = []
    for direction, count in trials:
        # The same distance from real to fake: only the direction differs.
        real = torch.zeros(count, *parts.shape)
        loss = _critic_loss(parts, Linear(3 * direction), real, real - direction)
        penalties.append(float(loss.terms["penalty"].detach()))
    spread, half, concentrated = penalties
    # A mean over the batch is the same for half of it, a sum half as large.
    equal = partial(math.isclose, spread, rel_tol=1e-3)
    return {"whole_slope": equal(concentrated) and (equal(half) or equal(2 * half))}


def falls_for_ever(parts: Tryout) -> dict[str, Any]:
    """Whether ten times the scores are ten times as good, and nothing is done against it."""
    real, fake = parts.scored(0.25), parts.scored(-0.25)
    critics = [Linear(scale * parts.direction()) for scale in (1, 10, 100)]
    some, more, most = (_critic_value(parts, one, real, fake) for one in critics)
    parts.objective.constrain(critics[-1])
    held = not torch.equal(critics[-1].direction, 100 * parts.direction())
    return {"falls_for_ever": not held and more < some and (most - more) < 9 * (more - some) < 0}


def slopes(parts: Tryout) -> dict[str, Any]:
    """What slopes cost where all samples, and so all scores, are 0; and whether the critic is told.

    It is not where the gradient of a penalty was taken without `create_graph`, or was detached.
    """
    real: Samples = torch.zeros(len(parts.z), *parts.shape)
    critics = {slope: Linear(slope * parts.direction()) for slope in (1.0, 2.0, 100.0, 1000.0)}
    losses = {slope: _critic_loss(parts, critic, real, real).value for slope, critic in critics.items()}
    values = {slope: float(loss.detach()) for slope, loss in losses.items()}
    cost = values[2.0] - values[1.0]
    steep = (values[1000.0] - values[100.0]) / (999**2 - 99**2)
    if not math.isfinite(cost + steep):
        return {}
    told = True
    if abs(steep) > NONE:
        if losses[1000.0].requires_grad:
            losses[1000.0].backward()
        gradient = critics[1000.0].direction.grad
        told = gradient is not None and float(gradient.norm()) > NONE * abs(steep)
    return {"slope_cost": cost, "steep_cost": steep, "penalty_reaches": told}
