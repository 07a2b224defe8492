"""DRAGAN: the original GAN, with the discriminator's slope held near one around the data."""

import math
from dataclasses import dataclass

from torch.nn.functional import softplus

from wgan.objectives.axes import around, score_both
from wgan.objectives.composed import Composed, NonSaturating
from wgan.objectives.gradient import slopes
from wgan.types import Critic, Loss, Noise, NonNegative, Samples


@dataclass(frozen=True)
class DRAGAN(NonSaturating):
    """Kodali et al. 2017, algorithm 1, with the non-saturating generator. The critic may not mix samples.

    Deviation: the paper's noise has a fixed width. Its code adds uniform noise on [0, 1), not centred and scaled by the
    batch's spread, and takes the slope at a random point on the way to the perturbed sample. Here the noise is normal,
    centred, `spread` times as wide as the batch's spread, and the slope is taken at the perturbed sample.
    """

    penalty_weight: NonNegative = 10.0
    spread: NonNegative = 0.5

    @property
    def composition(self) -> Composed:
        """Except for `spread`, which is always 0.5 in a composition."""
        return Composed("non-saturating", "one-centred", ("around-real",), self.penalty_weight)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        game = softplus(-real_score).mean() + softplus(fake_score).mean()
        slope = slopes(critic, around(real, noise.normal(), self.spread))
        penalty = (slope - 1).square().mean()
        loss = game + self.penalty_weight * penalty
        js = math.log(2) - game / 2
        return Loss(loss, {"critic_loss": loss, "js": js, "penalty": penalty, "gradient_norm": slope.mean()})
