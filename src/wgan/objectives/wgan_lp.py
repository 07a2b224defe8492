"""WGAN-LP: like WGAN-GP, but only slopes above one are penalised: a 1-Lipschitz critic may be flatter."""

from dataclasses import dataclass

from torch.nn.functional import relu

from wgan.objectives.axes import interpolate, score_both
from wgan.objectives.composed import Composed, MinusScore
from wgan.objectives.gradient import slopes
from wgan.types import Critic, Loss, Noise, NonNegative, Samples


@dataclass(frozen=True)
class WGANLP(MinusScore):
    """Petzka et al. 2018, their regularisation of WGAN. The critic may not mix samples.

    `distance` estimates W1 as in WGAN-GP. `gradient_norm` may take any value below one; `penalty` should be near zero.
    """

    penalty_weight: NonNegative = 10.0

    @property
    def composition(self) -> Composed:
        return Composed("wasserstein", "one-sided", ("line",), self.penalty_weight)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        distance = real_score.mean() - fake_score.mean()
        slope = slopes(critic, interpolate(real, fake, noise.uniform()))
        penalty = relu(slope - 1).square().mean()
        loss = -distance + self.penalty_weight * penalty
        terms = {"critic_loss": loss, "distance": distance, "penalty": penalty, "gradient_norm": slope.mean()}
        return Loss(loss, terms)
