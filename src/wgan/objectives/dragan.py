"""DRAGAN: the original game, with the discriminator's slope held near one in the neighbourhood of the data."""

import math
from dataclasses import dataclass

from torch.nn.functional import softplus

from wgan.objectives.composed import Composed
from wgan.objectives.gradient import slopes
from wgan.objectives.losses import score_both
from wgan.objectives.named import NonSaturating
from wgan.objectives.penalties import around
from wgan.types import Critic, Loss, Noise, NonNegative, Samples


@dataclass(frozen=True)
class DRAGAN(NonSaturating):
    """Kodali et al. 2017, algorithm 1, with the non-saturating generator. The critic may not mix samples.

    Deviation: the paper's noise has a fixed width and its code adds uniform noise on [0, 1) that is scaled by the
    batch's spread and is not centred, and takes the slope somewhere on the way to the perturbed sample; here it is
    normal, centred, `spread` times as wide as the batch's spread, and the slope is taken at the perturbed sample.
    """

    penalty_weight: NonNegative = 10.0
    spread: NonNegative = 0.5

    @property
    def composition(self) -> Composed:
        """But for `spread`, which has no place in a composition: there it is always 0.5."""
        return Composed("non-saturating", "one-centred", ("around-real",), self.penalty_weight)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        """Cross-entropy, plus the weighted mean of (|gradient| - 1)^2 around the real samples."""
        real_score, fake_score = score_both(critic, real, fake)
        game = softplus(-real_score).mean() + softplus(fake_score).mean()
        slope = slopes(critic, around(real, noise.normal(), self.spread))
        penalty = (slope - 1).square().mean()
        loss = game + self.penalty_weight * penalty
        return Loss(
            loss,
            {"critic_loss": loss, "js": math.log(2) - game / 2, "penalty": penalty, "gradient_norm": slope.mean()},
        )
