"""R1: the original GAN, with the discriminator kept flat at the data."""

import math
from dataclasses import dataclass

from torch.nn.functional import softplus

from wgan.objectives.composed import Composed, NonSaturating
from wgan.objectives.gradient import gradient_norm, input_gradient
from wgan.types import Critic, Loss, Noise, NonNegative, Samples


@dataclass(frozen=True)
class R1(NonSaturating):
    """Mescheder et al. 2018, section 4.1, with the non-saturating generator. The critic may not mix samples.

    `penalty_weight` is their gamma. Near equilibrium the discriminator is flat at the data, so training converges where
    the original GAN would circle.
    """

    penalty_weight: NonNegative = 10.0

    @property
    def composition(self) -> Composed:
        return Composed("non-saturating", "zero-centred", ("real",), self.penalty_weight)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        gradient, real_score = input_gradient(critic, real)
        slope = gradient_norm(gradient)
        game = softplus(-real_score).mean() + softplus(critic(fake)).mean()
        penalty = slope.square().mean() / 2
        loss = game + self.penalty_weight * penalty
        js = math.log(2) - game / 2
        return Loss(loss, {"critic_loss": loss, "js": js, "penalty": penalty, "gradient_norm": slope.mean()})
