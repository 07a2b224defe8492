"""Any loss with any penalty at any point: for ablations, and for objectives that have no name yet."""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from annotated_types import MinLen
from torch import Tensor, nn

from wgan.objectives.gradient import slopes
from wgan.objectives.losses import LOSSES, score_both
from wgan.objectives.named import Named
from wgan.objectives.penalties import PENALTIES, POINTS
from wgan.types import Critic, Loss, Noise, NonNegative, Samples

LossName = Literal["saturating", "non-saturating", "least-squares", "hinge", "wasserstein", "relativistic"]
PenaltyName = Literal["one-centred", "one-sided", "zero-centred"]
PointName = Literal["line", "real", "fake", "around-real"]


@dataclass(frozen=True)
class Composed(Named):
    """One choice on each of the three axes; no penalty at `penalty_weight` 0, no clipping at `clip` 0.

    `at` may name several points, whose penalties are added (R1 and R2 are "real" and "fake"). `reduction` "sum" adds
    the losses of a batch instead of averaging them, as some tutorials do: it multiplies their gradients by the batch
    size, and with them the learning rate of an optimiser that does not divide by the gradients' size, such as SGD. The
    penalty stays a mean, and then counts for that much less.
    """

    loss: LossName = "wasserstein"
    penalty: PenaltyName = "one-centred"
    at: Annotated[tuple[PointName, ...], MinLen(1)] = ("line",)
    penalty_weight: NonNegative = 10.0
    clip: NonNegative = 0.0
    reduction: Literal["mean", "sum"] = "mean"

    @property
    def composition(self) -> "Composed":
        return self

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        """The loss over the batch, plus the weighted penalties."""
        real_score, fake_score = score_both(critic, real, fake)
        loss = self._reduced(LOSSES[self.loss].critic(real_score, fake_score))
        terms = {"real_score": real_score.mean(), "fake_score": fake_score.mean()}
        if self.loss == "wasserstein":
            terms["distance"] = terms["real_score"] - terms["fake_score"]
        if self.penalty_weight:
            slope = torch.stack([slopes(critic, POINTS[point](real, fake, noise)) for point in self.at])
            terms["penalty"] = PENALTIES[self.penalty](slope).mean(1).sum()
            terms["gradient_norm"] = slope.mean()
            loss = loss + self.penalty_weight * terms["penalty"]
        return Loss(loss, {"critic_loss": loss, **terms})

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        """The generator's side of the loss over the batch."""
        game = LOSSES[self.loss]
        fake_score = critic(fake)
        loss = self._reduced(game.generator(critic(real) if game.relativistic else fake_score, fake_score))
        return Loss(loss, {"generator_loss": loss})

    @torch.no_grad()
    def constrain(self, critic: nn.Module) -> None:
        """Clip every weight to [-clip, clip], if `clip` is set."""
        for parameter in critic.parameters() if self.clip else ():
            parameter.clamp_(-self.clip, self.clip)

    def _reduced(self, losses: Tensor) -> Tensor:
        return losses.sum() if self.reduction == "sum" else losses.mean()
