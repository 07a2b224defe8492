"""WGAN-GP: the critic is kept 1-Lipschitz by asking its gradient between real and fake to have norm one."""

from dataclasses import dataclass

from wgan.objectives.axes import interpolate, score_both
from wgan.objectives.composed import Composed, MinusScore
from wgan.objectives.gradient import slopes
from wgan.types import Critic, Loss, Noise, NonNegative, Samples


@dataclass(frozen=True)
class WGANGP(MinusScore):
    """Gulrajani et al. 2017, eq. 3. The critic may not mix samples: no BatchNorm in it (section 4).

    `distance` estimates W1 itself: large at first, then falling as samples improve. `gradient_norm`, the mean norm
    between real and fake, is near one when the penalty works.
    """

    penalty_weight: NonNegative = 10.0

    @property
    def composition(self) -> Composed:
        return Composed("wasserstein", "one-centred", ("line",), self.penalty_weight)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        distance = real_score.mean() - fake_score.mean()
        slope = slopes(critic, interpolate(real, fake, noise.uniform()))
        penalty = (slope - 1).square().mean()
        loss = -distance + self.penalty_weight * penalty
        terms = {"critic_loss": loss, "distance": distance, "penalty": penalty, "gradient_norm": slope.mean()}
        return Loss(loss, terms)
