"""WGAN: the critic estimates the Wasserstein distance, kept Lipschitz by clipping its weights."""

from dataclasses import dataclass

import torch
from torch import nn

from wgan.objectives.composed import Composed
from wgan.objectives.losses import score_both
from wgan.objectives.named import MinusScore
from wgan.types import Critic, Loss, Noise, Positive, Samples


@dataclass(frozen=True)
class WGAN(MinusScore):
    """Arjovsky et al. 2017, algorithm 1. Use it without momentum (RMSprop), as the paper does.

    `distance` estimates W1 up to the Lipschitz constant that `clip` allows, which depends on the network:
    its course means something, its size does not.
    """

    clip: Positive = 0.01

    @property
    def composition(self) -> Composed:
        return Composed("wasserstein", penalty_weight=0.0, clip=self.clip)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        """Minus the distance."""
        real_score, fake_score = score_both(critic, real, fake)
        distance = real_score.mean() - fake_score.mean()
        return Loss(-distance, {"critic_loss": -distance, "distance": distance})

    @torch.no_grad()
    def constrain(self, critic: nn.Module) -> None:
        """Clip every weight to [-clip, clip]."""
        for parameter in critic.parameters():
            parameter.clamp_(-self.clip, self.clip)
