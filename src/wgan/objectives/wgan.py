"""WGAN: the critic estimates the Wasserstein distance, kept Lipschitz by clipping its weights."""

from dataclasses import dataclass

from torch import nn

from wgan.objectives.axes import score_both
from wgan.objectives.composed import Composed, MinusScore, clip_weights
from wgan.types import Critic, Loss, Noise, Positive, Samples


@dataclass(frozen=True)
class WGAN(MinusScore):
    """Arjovsky et al. 2017, algorithm 1. Use it without momentum (RMSprop), as the paper does.

    `distance` estimates W1 up to the Lipschitz constant that `clip` allows, which depends on the network:
    its changes mean something, its size does not.
    """

    clip: Positive = 0.01

    @property
    def composition(self) -> Composed:
        return Composed("wasserstein", penalty_weight=0.0, clip=self.clip)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        distance = real_score.mean() - fake_score.mean()
        return Loss(-distance, {"critic_loss": -distance, "distance": distance})

    def constrain(self, critic: nn.Module) -> None:
        clip_weights(critic, self.clip)
