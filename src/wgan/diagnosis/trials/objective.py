"""Trials of an objective, on critics whose scores and slopes are known."""

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor

from wgan.diagnosis.trials.tryout import Linear, Smooth, Still, Tryout
from wgan.types import Penalised, Samples

STEP, ROUGH = 0.01, 0.1
"""Of finite differences in single precision, and the relative error that they may have."""


def penalised(parts: Tryout) -> dict[str, Any]:
    """Whether there is a penalty on the slopes of single scores."""
    return {"penalised": isinstance(parts.objective, Penalised) and parts.objective.penalty_weight > 0}


def signs(parts: Tryout) -> dict[str, Any]:
    """Which scores the players want for real samples and for fakes."""
    critics = Linear(parts.direction()), Linear(-parts.direction())
    real, fake = parts.scored(1.0), parts.scored(-1.0)
    right, wrong = (_critic_loss(parts, one, real, fake) for one in critics)
    high, low = (float(parts.objective.generator_loss(critics[0], real, made).value.detach()) for made in (real, fake))
    return {"prefers_real": not _exceeds(right, wrong), "seeks_high_scores": not _exceeds(high, low)}


def _critic_loss(parts: Tryout, critic: Linear, real: Samples, fake: Samples) -> float:
    return float(parts.objective.critic_loss(critic, real, fake, Still(real)).value.detach())


def _exceeds(one: float, other: float) -> bool:
    """Whether it is more, by more than rounding."""
    return one > other and not math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-7)


def uses(parts: Tryout) -> dict[str, Any]:
    """Whether a linear critic's gradient changes with the real samples, and with the fakes.

    The penalty's does not, since the slope is the same everywhere.
    """

    def gradient(real: float, fake: float) -> Tensor:
        critic, samples = Linear(parts.direction()), parts.scored(real)
        parts.objective.critic_loss(critic, samples, parts.scored(fake), Still(samples)).value.backward()
        return torch.zeros(()) if critic.direction.grad is None else critic.direction.grad

    same = partial(torch.allclose, gradient(0.25, -0.25), rtol=1e-4, atol=1e-6)
    return {"uses_real": not same(gradient(0.5, -0.25)), "uses_fake": not same(gradient(0.25, -0.5))}


def whole_slope(parts: Tryout) -> dict[str, Any]:
    """Whether linear critics of one slope get one penalty, in any direction and any batch."""
    one_value = torch.zeros(math.prod(parts.shape))
    one_value[0] = 1
    trials = [(parts.direction(), 4), (parts.direction(), 2), (one_value.reshape(parts.shape), 4)]
    penalties = []
    for direction, count in trials:
        # The same distance from real to fake: only the direction differs.
        real = torch.zeros(count, *parts.shape)
        loss = parts.objective.critic_loss(Linear(3 * direction), real, real - direction, Still(real))
        penalties.append(float(loss.terms["penalty"].detach()))
    spread, half, concentrated = penalties
    # A mean over the batch is the same for half of it, a sum half as large.
    equal = partial(math.isclose, spread, rel_tol=1e-3)
    return {"whole_slope": equal(concentrated) and (equal(half) or equal(2 * half))}


def whole_gradient(parts: Tryout) -> dict[str, Any]:
    """Whether the critic's gradient is that of its loss, by finite differences.

    It is not where a penalty's gradient was taken without `create_graph`, or a term was detached.
    """
    random = torch.Generator().manual_seed(1)
    real, fake = torch.randn(2, len(parts.z), *parts.shape, generator=random)
    critic = Smooth(math.prod(parts.shape))

    def loss(top: Tensor) -> Tensor:
        torch.manual_seed(0)  # for objectives that draw numbers themselves
        critic.top.data.copy_(top)
        return parts.objective.critic_loss(critic, real, fake, Still(real)).value

    top = critic.top.detach().clone()
    loss(top).backward()
    given = critic.top.grad if critic.top.grad is not None else torch.zeros_like(top)
    if loss(top) != loss(top):  # it remembers something from call to call
        return {}
    steps = STEP * torch.eye(len(top))
    measured = torch.stack([(loss(top + step) - loss(top - step)).detach() / (2 * STEP) for step in steps])
    return {"whole_gradient": bool((measured - given).norm() <= ROUGH * measured.norm())}


def falls_for_ever(parts: Tryout) -> dict[str, Any]:
    """Whether ten times the scores are ten times as good, and nothing is done against it."""
    real, fake = parts.scored(0.25), parts.scored(-0.25)
    critics = [Linear(scale * parts.direction()) for scale in (1, 10, 100)]
    some, more, most = (_critic_loss(parts, one, real, fake) for one in critics)
    parts.objective.constrain(critics[-1])
    held = not torch.equal(critics[-1].direction, 100 * parts.direction())
    return {"falls_for_ever": not held and more < some and (most - more) < 9 * (more - some) < 0}


def slope_cost(parts: Tryout) -> dict[str, Any]:
    """What slopes cost where all samples, and so all scores, are 0."""
    real: Samples = torch.zeros(len(parts.z), *parts.shape)
    critics = (Linear(slope * parts.direction()) for slope in (4.0, 1.0))
    steep, flat = (_critic_loss(parts, one, real, real) for one in critics)
    cost = (steep - flat) / 9
    return {"slope_cost": cost} if math.isfinite(cost) else {}
