"""The three axes of an objective: a loss of the scores, a penalty on slopes, and the points where slopes are taken."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import relu, softplus

from wgan.types import Critic, Noise, Samples, Scores, Uniforms


class AdversarialLoss(NamedTuple):
    """What each player minimises for each sample, as functions of the scores of (real, fake)."""

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
    """The critic's scores of real and fake; in one call, if the critic has a method `score_both` for that."""
    together = getattr(critic, "score_both", None)
    if together is None:
        return critic(real), critic(fake)
    scores: tuple[Scores, Scores] = together(real, fake)
    return scores


PENALTIES: dict[str, Callable[[Uniforms], Tensor]] = {
    "one-centred": lambda slope: (slope - 1).square(),
    "one-sided": lambda slope: relu(slope - 1).square(),
    "zero-centred": lambda slope: slope.square() / 2,
}
"""From slopes (B,), the norms of the critic's gradients, to penalties (B,): Gulrajani et al. 2017, eq. 3 (WGAN-GP);
Petzka et al. 2018 (WGAN-LP); Mescheder et al. 2018, section 4 (R1, R2)."""


def interpolate(real: Samples, fake: Samples, alpha: Uniforms) -> Samples:
    """A point on the segment between each real and fake sample: `alpha` real + (1 - `alpha`) fake."""
    return fake.lerp(real, alpha.reshape(-1, *[1] * (real.ndim - 1)))


def around(real: Samples, normal: Samples, spread: float = 0.5) -> Samples:
    """Real samples plus normal noise with `spread` times the standard deviation of all numbers in the batch."""
    return real + spread * real.std(correction=0) * normal


POINTS: dict[str, Callable[[Samples, Samples, Noise], Samples]] = {
    "line": lambda real, fake, noise: interpolate(real, fake, noise.uniform()),
    "real": lambda real, fake, noise: real,
    "fake": lambda real, fake, noise: fake,
    "around-real": lambda real, fake, noise: around(real, noise.normal()),
}
"""Between real and fake (WGAN-GP), at real (R1), at fake (R2), around real (DRAGAN)."""
