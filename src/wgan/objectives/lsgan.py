"""LSGAN: the critic's scores are fitted to 1 for real and 0 for fake by least squares."""

from dataclasses import dataclass

from wgan.objectives.axes import score_both
from wgan.objectives.composed import Composed, Named
from wgan.types import Critic, Loss, Noise, Samples


@dataclass(frozen=True)
class LSGAN(Named):
    """Mao et al. 2017, eq. 9: targets 1 for real, 0 for fake, and 1 for what the generator makes.

    Unlike a logit's loss, this one also pulls back fakes that are scored *too* real. A critic that cannot tell them
    apart gives 1/2 to both, and has a loss of 1/4.
    """

    @property
    def composition(self) -> Composed:
        return Composed("least-squares", penalty_weight=0.0)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        loss = ((real_score - 1).square().mean() + fake_score.square().mean()) / 2
        return Loss(loss, {"critic_loss": loss, "real_score": real_score.mean(), "fake_score": fake_score.mean()})

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        loss = (critic(fake) - 1).square().mean() / 2
        return Loss(loss, {"generator_loss": loss})
