"""Critics trained between two distributions that stand still, so that what a critic has learned can be drawn."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from wgan.metrics import AllRows, Metric
from wgan.networks import MLP
from wgan.training import Adam, Draws, OptimizerSettings, Stream, random_numbers
from wgan.types import CPU, Noise, Objective, Samples

NETWORKS = MLP(critic_widths=(64, 64), leak=0.0)
"""Small ReLU critics: the distributions have one or two axes."""

Pairs = Callable[[int], tuple[Samples, Samples]]
"""The batch of this number: real and fake samples."""


def numbers(seed: int, index: int, *shape: int) -> Samples:
    """Standard normal numbers, a function of the seed and the index."""
    drawn = random_numbers(seed, Stream.NORMAL, index).standard_normal(shape)
    return torch.from_numpy(drawn).float()


def noise(seed: int, index: int, like: Samples) -> Noise:
    """What an objective draws for a batch like this one."""
    return Draws(seed, len(like), 1, CPU).noise(index, tuple(like.shape[1:]))


def trained(
    objective: Objective,
    pairs: Pairs,
    *,
    steps: int,
    networks: MLP = NETWORKS,
    optimizer: OptimizerSettings = Adam(learning_rate=0.01),  # noqa: B008  # frozen
    seed: int = 0,
) -> nn.Module:
    """A critic after so many steps, the learning rate falling to zero along a line."""
    real, _ = pairs(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = networks.critic(tuple(real.shape[1:]))
    updates = optimizer.build(critic.parameters(), CPU)
    for step in range(steps):
        real, fake = pairs(step)
        updates.zero_grad()
        objective.critic_loss(critic, real, fake, noise(seed, step, real)).value.backward()
        for group in updates.param_groups:
            group["lr"] = optimizer.learning_rate * (1 - step / steps)
        updates.step()
        objective.constrain(critic)
    return critic.requires_grad_(False)


def term(name: str, objective: Objective, critic: nn.Module, pairs: Pairs, batches: int = 20) -> float:
    """One of the terms that the objective logs of a critic, over fresh batches."""
    fresh = range(1_000_000, 1_000_000 + batches)
    measured = (objective.critic_loss(critic, *pairs(i), noise(1, i, pairs(i)[0])).terms[name] for i in fresh)
    return float(torch.stack(list(measured)).mean())


def generator_gradient(objective: Objective, critic: nn.Module, real: Samples, points: Samples) -> Tensor:
    """What the generator's loss asks of each point: the derivative of its loss by the point, (B, *data)."""
    points = points.clone().requires_grad_()
    objective.generator_loss(critic, real, points).value.backward()
    assert points.grad is not None
    return points.grad * len(points)  # the loss is a mean


def compared(metric: Metric[AllRows], real: Samples, fake: Samples) -> float:
    """A metric of two sets of points or pictures, each seen as the vector of its numbers."""
    kept = []
    for rows in (real.flatten(1), fake.flatten(1)):
        kept.append(AllRows(rows.shape[1]))
        kept[-1].add(rows)
    return metric.compare(*kept)
