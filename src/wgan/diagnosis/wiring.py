"""Wiring: what trying the parts of a run on copies shows, before the first step. Facts that no setting tells."""

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from wgan.types import DataShape, Latents, Objective, Penalised, Samples, T, Uniforms

ENLARGED = 10.0
MORE_AND_MORE = (10.0, 100.0, 1000.0)
"""A critic that starts from next to nothing takes more than `ENLARGED` to leave [-1, 1]."""
UNBOUNDED = 100.0


@dataclass(frozen=True)
class Wiring:
    """Whether the parts fit together; what could not be tried counts as fitting."""

    penalised: bool = False
    """The objective has a penalty on the slopes of single scores."""
    mixes_samples: bool = False
    """A sample's score depends on the others in its batch."""
    bounded_scores: bool = False
    """The critic's scores cannot leave [-1, 1]: it ends in a sigmoid or a tanh."""
    prefers_real: bool = True
    """The critic's loss falls when real samples are scored higher."""
    seeks_high_scores: bool = True
    """The generator's loss falls when its samples are scored higher."""
    reaches_generator: bool = True
    """The gradient of the generator's loss reaches its weights."""
    whole_slope: bool = True
    """The penalty depends on the norm of each sample's whole gradient, and on nothing else."""
    batch_norm: bool = False
    """The generator normalises over its batch."""
    data_low: float = -1.0
    """The data lie between this, but for one value of a hundred, ..."""
    data_high: float = 1.0
    """... and this."""
    generator_low: float = -math.inf
    """The generator can make nothing below this ..."""
    generator_high: float = math.inf
    """... or above this."""


@dataclass(frozen=True)
class Tryout:
    """Copies of the parts on the CPU, and what to try them on; trying changes the copies."""

    generator: nn.Module
    critic: nn.Module
    objective: Objective
    z: Latents
    real: Tensor
    """Samples of the data, enough to know their range: more than there are latents."""

    @property
    def shape(self) -> DataShape:
        """The shape of one sample."""
        return tuple(self.real.shape[1:])

    def try_out(self) -> Wiring:
        """Everything that can be found out in a few passes of a few samples."""
        low, high = quantiles(self.real)
        generator_low, generator_high = _tried(self._reach, (-math.inf, math.inf))
        return Wiring(
            penalised=isinstance(self.objective, Penalised) and self.objective.penalty_weight > 0,
            mixes_samples=_tried(self._mixes_samples, False),
            bounded_scores=_tried(self._bounded_scores, False),
            prefers_real=_tried(self._prefers_real, True),
            seeks_high_scores=_tried(self._seeks_high_scores, True),
            reaches_generator=_tried(self._reaches_generator, True),
            whole_slope=_tried(self._whole_slope, True),
            batch_norm=any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in self.generator.modules()),
            data_low=low,
            data_high=high,
            generator_low=generator_low,
            generator_high=generator_high,
        )

    @torch.no_grad()
    def _mixes_samples(self) -> bool:
        """Whether a sample's score changes with the others in its batch.

        Three others: of two samples, BatchNorm only says which is the larger.
        """
        random = torch.Generator().manual_seed(0)
        sample, *others = torch.randn(7, *self.shape, generator=random).split([1, 3, 3])
        torch.manual_seed(0)
        beside_b = self.critic(torch.cat([sample, others[0]]))[0]
        torch.manual_seed(0)  # dropout is allowed
        beside_c = self.critic(torch.cat([sample, 3 * others[1] + 1]))[0]
        return not torch.allclose(beside_b, beside_c, rtol=1e-3, atol=1e-5)

    @torch.no_grad()
    def _bounded_scores(self) -> bool:
        """Whether much larger weights still give scores in [-1, 1], and not the same one for every sample."""
        samples = torch.randn(len(self.z), *self.shape)
        large = [_enlarged(self.critic, by)(by * samples).abs().max() for by in MORE_AND_MORE]
        scores = self.critic(samples)
        leaves = any(score > 1 for score in large)  # what overflows on the way to a sigmoid, NaN, does not
        return bool(not leaves and max(large[0], scores.abs().max()) > 0.01 and scores.std() > 1e-6)

    @torch.no_grad()
    def _reach(self) -> tuple[float, float]:
        """What much larger weights make of the widest latents."""
        fake = _enlarged(self.generator, ENLARGED)(ENLARGED * self.z)
        low, high = float(fake.min()), float(fake.max())
        return (low, high) if high - low < UNBOUNDED else (-math.inf, math.inf)

    def _prefers_real(self) -> bool:
        real, fake = self._told_apart()
        right, wrong = (
            self.objective.critic_loss(critic, real, fake, _Still(real)).value
            for critic in (_Linear(self._direction()), _Linear(-self._direction()))
        )
        return bool(right < wrong)

    def _seeks_high_scores(self) -> bool:
        real, fake = self._told_apart()
        critic = _Linear(self._direction())
        high, low = (self.objective.generator_loss(critic, real, made).value for made in (real, fake))
        return bool(high < low)

    def _told_apart(self) -> tuple[Samples, Samples]:
        """Real samples that the linear critic along `_direction` gives 1, and fake ones that it gives -1."""
        real = self._direction().expand(len(self.z), *self.shape).clone()
        return real, -real

    def _direction(self) -> Tensor:
        return torch.full(self.shape, math.prod(self.shape) ** -0.5)

    def _reaches_generator(self) -> bool:
        fake = self.generator(self.z)
        loss = self.objective.generator_loss(self.critic, self.real[: len(fake)], fake).value
        if not loss.requires_grad:
            return False
        self.generator.zero_grad()
        loss.backward()
        return any(weight.grad is not None for weight in self.generator.parameters())

    def _whole_slope(self) -> bool:
        """Whether linear critics of one slope have one penalty, however it is spread over axes, in any batch."""
        one_value = torch.zeros(math.prod(self.shape))
        one_value[0] = 1
        trials = [(self._direction(), 4), (self._direction(), 2), (one_value.reshape(self.shape), 4)]
        penalties = []
        for direction, count in trials:
            # As far from real to fake as the slope is steep: no difference but the direction.
            real = torch.zeros(count, *self.shape)
            loss = self.objective.critic_loss(_Linear(3 * direction), real, real - direction, _Still(real))
            if "penalty" not in loss.terms:
                return True
            penalties.append(float(loss.terms["penalty"].detach()))
        spread, half, concentrated = penalties
        # A mean over the batch is the same for half of it, a sum half as large.
        return _equal(spread, concentrated) and (_equal(spread, half) or _equal(spread, 2 * half))


class _Linear(nn.Module):
    """The critic whose slope is known: `direction`, everywhere."""

    def __init__(self, direction: Tensor) -> None:
        super().__init__()
        self.direction = nn.Parameter(direction.clone())

    def forward(self, x: Samples) -> Tensor:
        return (x * self.direction).flatten(1).sum(1)


class _Still(NamedTuple):
    """The middle between real and fake; no noise around the data."""

    real: Samples

    def uniform(self) -> Uniforms:
        return torch.full((len(self.real),), 0.5)

    def normal(self) -> Samples:
        return torch.zeros_like(self.real)


def _tried(trial: Callable[[], T], otherwise: T) -> T:
    """What a trial finds out, or `otherwise` where parts of the user's own do not take to it."""
    try:
        return trial()
    except Exception:  # the user's own code may raise anything
        return otherwise


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-3)


def quantiles(values: Tensor) -> tuple[float, float]:
    """Between which all but one value of a hundred lie."""
    flat = values.flatten().sort().values
    cut = len(flat) // 200
    return float(flat[cut]), float(flat[len(flat) - 1 - cut])


def _enlarged(network: nn.Module, by: float) -> Callable[[Tensor], Tensor]:
    copy = deepcopy(network)
    for parameter in copy.parameters():
        parameter.data.mul_(by)
    return copy
