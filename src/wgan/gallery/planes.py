"""Toy distributions in the plane, and fakes that stand still: real points plus noise, as in Gulrajani et al. 2017."""

from functools import cache

import torch
from torch import nn

from wgan.data.sources.toy import Toy
from wgan.gallery.critics import Pairs, numbers, trained
from wgan.networks import MLP
from wgan.objectives import WGAN, WGANGP
from wgan.training import Adam, OptimizerSettings, RMSprop, Stream, random_numbers
from wgan.types import Objective, Samples

PLANES = {"ring8": "8 Gaussians", "grid25": "25 Gaussians", "swissroll": "Swiss roll"}

CLIP = 0.1
METHODS: dict[str, tuple[Objective, OptimizerSettings]] = {
    "clipping": (WGAN(clip=CLIP), RMSprop(learning_rate=1e-3)),
    "penalty": (WGANGP(penalty_weight=1.0), Adam(learning_rate=3e-3)),
}
"""The recipe wgan-gp-toy's penalty weight: under 10, some critics stay on a ramp, whose slope is one too."""
NETWORKS = MLP(critic_widths=(64, 64, 64), leak=0.0)


@cache
def points(name: str) -> Samples:
    """The toy's points, (N, 2), scaled to a standard deviation of one."""
    drawn = torch.from_numpy(Toy(name).points())
    return drawn / drawn.std()


def noisy_pairs(name: str, seed: int, size: int = 256) -> Pairs:
    """Batches of points, and of other points plus N(0, 1)."""
    there = points(name)

    def pairs(number: int) -> tuple[Samples, Samples]:
        chosen = random_numbers(seed, Stream.SAMPLE, number).integers(len(there), size=(2, size))
        real, near = there[torch.from_numpy(chosen)]
        return real, near + numbers(seed, number, size, 2)

    return pairs


@cache
def critic(name: str, method: str, seed: int, steps: int) -> nn.Module:
    """The critic that a method trains between the two, kept for the next figure that draws it."""
    objective, optimizer = METHODS[method]
    pairs = noisy_pairs(name, seed)
    return trained(objective, pairs, steps=steps, networks=NETWORKS, optimizer=optimizer, seed=seed)
