"""Pictures from a trained run: a grid, single files, walks between latents."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import torch
from PIL import Image

from wgan.errors import InputError
from wgan.runs.run import Run
from wgan.system.files import make_folder
from wgan.types import Latents, Samples, SampleSpec
from wgan.views import opaque, picture, replacing_picture, single

OPAQUE = (".jpg", ".jpeg", ".bmp")
"""Kinds of picture that know no transparency."""
WALK = 10
"""How many pictures a walk between two latents takes, both ends included."""


def walks(run: Run, count: int, seed: int) -> Latents:
    """Rows of `WALK` latents, each row from one latent to the next: (count rounded up to whole rows, Z)."""
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


def write_grid(run: Run, z: Latents, target: Path, *, columns: int, step: int | None = None) -> None:
    """One picture of all samples."""
    image = picture(torch.cat(list(run.stream(z, step=step))), run.spec, columns)
    with replacing_picture(target) as temporary:
        (opaque(image) if target.suffix.lower() in OPAQUE else image).save(temporary)


def write_each(run: Run, z: Latents, folder: Path, *, step: int | None = None) -> int:
    """One PNG per sample, in its own size; how many were written. Memory does not grow with their number."""
    if not run.spec.is_picture:
        raise InputError(f"{run.path} makes points, not pictures; --each writes pictures.")
    make_folder(folder)
    count = 0
    for image in _images(run.stream(z, step=step), run.spec):
        image.save(folder / f"{count:06}.png")
        count += 1
    return count


def _images(batches: Iterator[Samples], spec: SampleSpec) -> Iterator[Image.Image]:
    for batch in batches:
        yield from map(single, spec.to_stored(batch))
