"""A picture of samples from a trained run, and walks between latents."""

from itertools import pairwise
from pathlib import Path

import torch

from wgan.runs.generative import Generative
from wgan.types import Latents
from wgan.views import opaque, picture, replacing_picture, save_sheet

OPAQUE = (".jpg", ".jpeg", ".bmp")
"""Formats without transparency."""
WALK = 10
"""Pictures in a walk between two latents, including both ends."""


def walks(run: Generative, count: int, seed: int) -> Latents:
    """Walks from latent to latent in rows of `WALK`: (count rounded up to whole rows, Z)."""
    rows = -(-count // WALK)
    ends = run.latents(rows + 1, seed)
    path = [slerp(a, b, torch.linspace(0, 1, WALK)) for a, b in pairwise(ends)]
    return torch.cat(path)


def slerp(a: torch.Tensor, b: torch.Tensor, t: torch.Tensor) -> Latents:
    """Points at fractions `t` (N,) of the great arc from `a` to `b` (Z,): (N, Z).

    White 2016, section 2.1: normal latents lie near a sphere, and the straight line between two of them leaves it.
    """
    angle = torch.acos((a @ b / (a.norm() * b.norm())).clamp(-1, 1))
    if angle.sin().abs() < 1e-4:  # parallel: the arc is the line
        return torch.lerp(a, b, t[:, None])
    before, after = torch.sin((1 - t) * angle) / angle.sin(), torch.sin(t * angle) / angle.sin()
    return before[:, None] * a + after[:, None] * b


def write_grid(
    run: Generative, z: Latents, target: Path, *, columns: int, step: int | None = None, stretch: bool = False
) -> None:
    """One picture of all samples; `stretch` is what `views.picture` does with it."""
    image = picture(torch.cat(list(run.stream(z, step=step))), run.spec, columns, stretch=stretch)
    with replacing_picture(target) as temporary:
        save_sheet(opaque(image) if target.suffix.lower() in OPAQUE else image, temporary)
