"""The original GAN: a discriminator tells real from fake, and the generator tries to fool it."""

import math
from dataclasses import dataclass

from torch.nn.functional import softplus

from wgan.objectives.axes import score_both
from wgan.objectives.composed import Composed, Named
from wgan.types import Critic, Loss, Noise, Samples


@dataclass(frozen=True)
class GAN(Named):
    """Goodfellow et al. 2014: eq. 1 for the discriminator; for the generator, the non-saturating loss of section 3.

    The critic's output is a logit: no sigmoid at its end. `softplus(-s)` is `-log sigmoid(s)`.

    `js` is a lower bound of the Jensen-Shannon divergence, at most log 2 = 0.693. At log 2 the discriminator has won,
    and with `saturating=True` (eq. 1 for both players) the generator gets no gradient.
    """

    saturating: bool = False

    @property
    def composition(self) -> Composed:
        return Composed("saturating" if self.saturating else "non-saturating", penalty_weight=0.0)

    def critic_loss(self, critic: Critic, real: Samples, fake: Samples, noise: Noise) -> Loss:
        real_score, fake_score = score_both(critic, real, fake)
        loss = softplus(-real_score).mean() + softplus(fake_score).mean()
        return Loss(loss, {"critic_loss": loss, "js": math.log(2) - loss / 2})

    def generator_loss(self, critic: Critic, real: Samples, fake: Samples) -> Loss:
        """`-log D(fake)`; when saturating, `log(1 - D(fake))`."""
        logits = critic(fake)
        loss = -softplus(logits).mean() if self.saturating else softplus(-logits).mean()
        return Loss(loss, {"generator_loss": loss})
