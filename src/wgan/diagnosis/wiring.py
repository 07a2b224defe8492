"""Wiring: facts that no setting tells, found by trying copies of the parts before the first step."""

import math
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from wgan.types import DataShape, Latents, Objective, Penalised, Samples, Uniforms

ENLARGED = 10.0
FACTORS = (10.0, 100.0, 1000.0)
"""A critic whose scores start near 0 needs more than `ENLARGED` to leave [-1, 1]."""
WIDEST = 100.0
"""A wider range of values counts as no range."""


@dataclass(frozen=True)
class Wiring:
    """Whether the parts fit together; a failed trial counts as fitting."""

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
    data_high: float = 1.0
    """All but one data value of a hundred lie between these."""
    generator_low: float = -math.inf
    generator_high: float = math.inf
    """The generator can make only values between these."""


@dataclass(frozen=True)
class Tryout:
    """Copies of the parts on the CPU, which trials change, and samples to try them on."""

    generator: nn.Module
    critic: nn.Module
    objective: Objective
    z: Latents
    real: Tensor
    """Enough samples to know the range of the data: more than there are latents."""

    @property
    def shape(self) -> DataShape:
        return tuple(self.real.shape[1:])

    def try_out(self) -> Wiring:
        """Find out what a few passes of a few samples can tell."""
        trials: dict[str, Callable[[], bool]] = {
            "mixes_samples": self._mixes_samples,
            "bounded_scores": self._bounded_scores,
            "prefers_real": self._prefers_real,
            "seeks_high_scores": self._seeks_high_scores,
            "reaches_generator": self._reaches_generator,
            "whole_slope": self._whole_slope,
        }
        facts: dict[str, Any] = {}
        with suppress(Exception):  # a user's own parts may raise anything: then the defaults of `Wiring` hold
            facts["generator_low"], facts["generator_high"] = self._reach()
        for name, trial in trials.items():
            with suppress(Exception):
                facts[name] = trial()
        low, high = quantiles(self.real)
        penalised = isinstance(self.objective, Penalised) and self.objective.penalty_weight > 0
        batch_norm = any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in self.generator.modules())
        return Wiring(penalised=penalised, batch_norm=batch_norm, data_low=low, data_high=high, **facts)

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
        """Whether much larger weights still give scores in [-1, 1], but not one score for every sample."""
        samples = torch.randn(len(self.z), *self.shape)
        large = [_enlarged(self.critic, by)(by * samples).abs().max() for by in FACTORS]
        scores = self.critic(samples)
        leaves = any(score > 1 for score in large)  # NaN, an overflow before a sigmoid, does not
        return bool(not leaves and max(large[0], scores.abs().max()) > 0.01 and scores.std() > 1e-6)

    @torch.no_grad()
    def _reach(self) -> tuple[float, float]:
        """The range that much larger weights make of much larger latents."""
        fake = _enlarged(self.generator, ENLARGED)(ENLARGED * self.z)
        low, high = float(fake.min()), float(fake.max())
        return (low, high) if high - low < WIDEST else (-math.inf, math.inf)

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
        """Real samples that the linear critic along `_direction` scores 1, and fake ones that it scores -1."""
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
        """Whether linear critics of one slope get one penalty, in any direction and any batch."""
        one_value = torch.zeros(math.prod(self.shape))
        one_value[0] = 1
        trials = [(self._direction(), 4), (self._direction(), 2), (one_value.reshape(self.shape), 4)]
        penalties = []
        for direction, count in trials:
            # The same distance from real to fake: only the direction differs.
            real = torch.zeros(count, *self.shape)
            loss = self.objective.critic_loss(_Linear(3 * direction), real, real - direction, _Still(real))
            if "penalty" not in loss.terms:
                return True
            penalties.append(float(loss.terms["penalty"].detach()))
        spread, half, concentrated = penalties
        # A mean over the batch is the same for half of it, a sum half as large.
        equal = partial(math.isclose, spread, rel_tol=1e-3)
        return equal(concentrated) and (equal(half) or equal(2 * half))


class _Linear(nn.Module):
    """A critic with a known slope: `direction`, everywhere."""

    def __init__(self, direction: Tensor) -> None:
        super().__init__()
        self.direction = nn.Parameter(direction.clone())

    def forward(self, x: Samples) -> Tensor:
        return (x * self.direction).flatten(1).sum(1)


class _Still(NamedTuple):
    """A `Noise` of midpoints between real and fake, and no noise around the data."""

    real: Samples

    def uniform(self) -> Uniforms:
        return torch.full((len(self.real),), 0.5)

    def normal(self) -> Samples:
        return torch.zeros_like(self.real)


def quantiles(values: Tensor) -> tuple[float, float]:
    """The range of all but one value of a hundred."""
    flat = values.flatten().sort().values
    cut = len(flat) // 200
    return float(flat[cut]), float(flat[len(flat) - 1 - cut])


def _enlarged(network: nn.Module, by: float) -> Callable[[Tensor], Tensor]:
    copy = deepcopy(network)
    for parameter in copy.parameters():
        parameter.data.mul_(by)
    return copy
