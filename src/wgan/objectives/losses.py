"""The losses of both players, as functions of the critic's scores: the first of an objective's three axes."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import relu, softplus

from wgan.types import Critic, Samples, Scores


class AdversarialLoss(NamedTuple):
    """What each player minimises, sample by sample, as functions of the scores of (real, fake)."""

    critic: Callable[[Scores, Scores], Tensor]
    generator: Callable[[Scores, Scores], Tensor]
    relativistic: bool = False
    """Whether the generator's loss depends on the real scores; if not, they are not computed."""


# softplus(-s) is -log sigmoid(s): in these losses the scores are logits.
LOSSES = {
    "saturating": AdversarialLoss(
        critic=lambda real, fake: softplus(-real) + softplus(fake),
        generator=lambda real, fake: -softplus(fake),
    ),
    "non-saturating": AdversarialLoss(
        critic=lambda real, fake: softplus(-real) + softplus(fake),
        generator=lambda real, fake: softplus(-fake),
    ),
    "least-squares": AdversarialLoss(
        critic=lambda real, fake: ((real - 1).square() + fake.square()) / 2,
        generator=lambda real, fake: (fake - 1).square() / 2,
    ),
    "hinge": AdversarialLoss(
        critic=lambda real, fake: relu(1 - real) + relu(1 + fake),
        generator=lambda real, fake: -fake,
    ),
    "wasserstein": AdversarialLoss(
        critic=lambda real, fake: fake - real,
        generator=lambda real, fake: -fake,
    ),
    "relativistic": AdversarialLoss(
        critic=lambda real, fake: softplus(fake - real),
        generator=lambda real, fake: softplus(real - fake),
        relativistic=True,
    ),
}
"""Goodfellow et al. 2014, eq. 1 and section 3; Mao et al. 2017, eq. 9 with targets 0 and 1; Lim & Ye 2017; Arjovsky et
al. 2017, algorithm 1; Jolicoeur-Martineau 2020 (RpGAN)."""


def score_both(critic: Critic, real: Samples, fake: Samples) -> tuple[Scores, Scores]:
    """What the critic says of each, as if called twice; a critic that can do both at once is asked to."""
    together = getattr(critic, "score_both", None)
    if together is None:
        return critic(real), critic(fake)
    scores: tuple[Scores, Scores] = together(real, fake)
    return scores
