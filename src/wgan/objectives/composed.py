"""Any loss with any penalty at any points, and what the named objectives share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from annotated_types import MinLen
from torch import Tensor, nn
from torch.nn.functional import softplus

from wgan.errors import InputError
from wgan.objectives.axes import LOSSES, PENALTIES, POINTS, score_both
from wgan.objectives.gradient import differences, slopes
from wgan.types import Critic, Loss, Noise, NonNegative, Positive, Samples, Scores, Uniforms


class Named(ABC):
    """An objective of ours, which constrains nothing by default."""

    @property
    @abstractmethod
    def composition(self) -> "Composed":
        """The same game as a choice of loss, penalty and points, for rules and reports."""

    def constrain(self, critic: nn.Module) -> None:  # noqa: B027  # most objectives do nothing here
        pass


class MinusScore(Named):
    """The generator maximises the mean score of the fakes."""

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        loss = -critic(fake).mean()
        return Loss(loss, {"generator_loss": loss})


class NonSaturating(Named):
    """The generator minimises `-log D(fake)`: Goodfellow et al. 2014, section 3."""

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        loss = softplus(-critic(fake)).mean()
        return Loss(loss, {"generator_loss": loss})


LossName = Literal["saturating", "non-saturating", "least-squares", "hinge", "wasserstein", "relativistic"]
PenaltyName = Literal["one-centred", "one-sided", "zero-centred"]
PointName = Literal["line", "real", "fake", "around-real"]
SlopeName = Literal["exact", "finite-difference"]


@dataclass(frozen=True)
class Composed(Named):
    """One choice on each of the three axes; no penalty at `penalty_weight` 0, no clipping at `clip` 0.

    `at` may name several points, whose penalties are added (R1 and R2 are "real" and "fake"). `reduction` "sum" adds
    the losses of a batch instead of averaging them, as some tutorials do. That multiplies their gradients by the batch
    size, and so the effective learning rate of optimisers that do not normalise gradients, such as SGD. The penalty
    stays a mean, so it counts for less by the same factor.

    `slope` "finite-difference" takes no gradient: `differences` of scores, `sigma` apart, stand for slopes (Lin et al.
    2025). `sigma` has the unit of what networks see, where pictures, signals and volumes lie in [-1, 1] and columns of
    tables have deviation 1. The mean of these penalties is that of the exact ones for small `sigma`, so a
    `penalty_weight` means the same; but only of zero-centred ones.

    Raises:
        InputError: another penalty is asked of finite differences.
    """

    loss: LossName = "wasserstein"
    penalty: PenaltyName = "one-centred"
    at: Annotated[tuple[PointName, ...], MinLen(1)] = ("line",)
    penalty_weight: NonNegative = 10.0
    clip: NonNegative = 0.0
    reduction: Literal["mean", "sum"] = "mean"
    slope: SlopeName = "exact"
    sigma: Positive = 0.03

    def __post_init__(self) -> None:
        if self.slope == "finite-difference" and self.penalty_weight and self.penalty != "zero-centred":
            raise InputError(
                f"A finite difference is the slope in one direction. The mean of its square is the squared norm of the "
                f"gradient, but nothing about it is one where the norm is one, so no {self.penalty} penalty can be "
                "made of it. Set objective.penalty=zero-centred, or objective.slope=exact."
            )

    @property
    def composition(self) -> "Composed":
        return self

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        loss = self._reduced(LOSSES[self.loss].critic(real_score, fake_score))
        terms = {"real_score": real_score.mean(), "fake_score": fake_score.mean()}
        if self.loss == "wasserstein":
            terms["distance"] = terms["real_score"] - terms["fake_score"]
        if isinstance(self.penalty_weight, torch.Tensor) or self.penalty_weight:  # an engine may pass it as a tensor
            scores: dict[PointName, Scores] = {"real": real_score, "fake": fake_score}
            slope = torch.stack([self._slope(critic, real, fake, noise, point, scores) for point in self.at])
            terms["penalty"] = PENALTIES[self.penalty](slope).mean(1).sum()
            if self.slope == "exact":  # the mean of differences is no mean norm
                terms["gradient_norm"] = slope.mean()
            loss = loss + self.penalty_weight * terms["penalty"]
        return Loss(loss, {"critic_loss": loss, **terms})

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        game = LOSSES[self.loss]
        fake_score = critic(fake)
        loss = self._reduced(game.generator(critic(real) if game.relativistic else fake_score, fake_score))
        return Loss(loss, {"generator_loss": loss})

    def constrain(self, critic: nn.Module) -> None:
        if self.clip:
            clip_weights(critic, self.clip)

    def _slope(
        self,
        critic: Critic,
        real: Samples,
        fake: Samples,
        noise: Noise,
        point: PointName,
        scores: Mapping[PointName, Scores],
    ) -> Uniforms:
        x = POINTS[point](real, fake, noise)
        if self.slope == "exact":
            return slopes(critic, x)
        # The same numbers for all points: each penalty's mean is right. But not in the direction that led to the point.
        normal = noise.normal().roll(1, 0) if point == "around-real" else noise.normal()
        return differences(critic, x, normal, self.sigma, scores.get(point))

    def _reduced(self, losses: Tensor) -> Tensor:
        return losses.sum() if self.reduction == "sum" else losses.mean()


@torch.no_grad()
def clip_weights(critic: nn.Module, bound: float) -> None:
    """Clip every weight to [-bound, bound]."""
    for parameter in critic.parameters():
        parameter.clamp_(-bound, bound)
