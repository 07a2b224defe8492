"""Networks of a user's own that take a condition, and what can be wrong with how they use it."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from wgan.types import DataShape

CLASSES = 10
STILL = 1e-3
"""Times which latents are heard by the trials before the first step, and by nothing else."""


def _layers(*widths: int) -> list[nn.Module]:
    hidden = [(nn.Linear(a, b), nn.LeakyReLU(0.2)) for a, b in pairwise(widths)]
    return [layer for pair in hidden for layer in pair]


class Generator(nn.Module):
    """Latents beside the condition, times `heard`. For the classes in `still`, all latents are nearly the same."""

    def __init__(
        self, shape: DataShape, width: int, latent_size: int, heard: float = 1.0, still: tuple[int, ...] = ()
    ) -> None:
        super().__init__()
        self.heard, self.still = heard, still
        self.layers = nn.Sequential(
            *_layers(latent_size + CLASSES, width, width),
            nn.Linear(width, math.prod(shape)),
            nn.Tanh(),
            nn.Unflatten(1, shape),
        )

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """(B, *shape)."""
        moving = 1 - (1 - STILL) * condition[:, self.still].sum(dim=1, keepdim=True)
        made: Tensor = self.layers(torch.cat([z * moving, self.heard * condition], dim=1))
        return made


class Critic(nn.Module):
    """A sample beside its condition, times `heard`."""

    def __init__(self, shape: DataShape, width: int, heard: float = 1.0) -> None:
        super().__init__()
        self.heard = heard
        self.layers = nn.Sequential(*_layers(math.prod(shape) + CLASSES, width, width), nn.Linear(width, 1))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """(B, 1)."""
        scores: Tensor = self.layers(torch.cat([x.flatten(1), self.heard * condition], dim=1))
        return scores
