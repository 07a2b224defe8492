"""R3GAN: real and fake are judged in pairs, and the critic is kept flat at both."""

from dataclasses import dataclass

from torch.nn.functional import softplus

from wgan.objectives.composed import Composed, Named
from wgan.objectives.gradient import gradient_norm, input_gradient
from wgan.types import Critic, Loss, Noise, NonNegative, Samples


@dataclass(frozen=True)
class R3GAN(Named):
    """Huang et al. 2024 ("The GAN is dead; long live the GAN!"), section 2: RpGAN + R1 + R2. No mixing of samples.

    Scores are compared in pairs: each real sample should score above its fake, so fakes that all look alike gain
    nothing. `penalty_weight` is their gamma, which they lower during training (`schedule.penalty_weight`). Without the
    penalty, a critic that cannot tell real from fake has a loss of log 2 = 0.693.
    """

    penalty_weight: NonNegative = 1.0

    @property
    def composition(self) -> Composed:
        return Composed("relativistic", "zero-centred", ("real", "fake"), self.penalty_weight)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        """`-log sigmoid` of each pair's margin, plus gamma / 2 times the mean squared gradients, real and fake."""
        real_gradient, real_score = input_gradient(critic, real)
        fake_gradient, fake_score = input_gradient(critic, fake)
        margin = real_score - fake_score
        r1, r2 = (gradient_norm(gradient).square().mean() / 2 for gradient in (real_gradient, fake_gradient))
        loss = softplus(-margin).mean() + self.penalty_weight * (r1 + r2)
        return Loss(loss, {"critic_loss": loss, "margin": margin.mean(), "penalty": r1 + r2, "r1": r1, "r2": r2})

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        """`-log sigmoid` of minus each pair's margin."""
        loss = softplus(critic(real) - critic(fake)).mean()
        return Loss(loss, {"generator_loss": loss})
