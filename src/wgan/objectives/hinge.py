"""The hinge loss: the critic ignores samples that it scores right by a margin of one."""

from dataclasses import dataclass

from torch.nn.functional import relu

from wgan.objectives.axes import score_both
from wgan.objectives.composed import Composed, MinusScore
from wgan.types import Critic, Loss, Noise, Samples


@dataclass(frozen=True)
class Hinge(MinusScore):
    """Lim & Ye 2017; as used by Miyato et al. 2018, eq. 16 and 17.

    A critic that cannot tell real from fake has a loss of 2; one that has won has a loss of 0, real scores above 1 and
    fake ones below -1.
    """

    @property
    def composition(self) -> Composed:
        return Composed("hinge", penalty_weight=0.0)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        loss = relu(1 - real_score).mean() + relu(1 + fake_score).mean()
        return Loss(loss, {"critic_loss": loss, "real_score": real_score.mean(), "fake_score": fake_score.mean()})
