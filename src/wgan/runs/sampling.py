"""A picture of samples from a trained run, and walks between latents."""

from itertools import pairwise
from pathlib import Path

import torch

from wgan.runs.asking import Asked
from wgan.runs.generative import Generative
from wgan.runs.sheets import Sheet, by_column, coloured_by, coloured_by_number, coloured_cloud
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


def sheet_of(
    run: Generative, n: int, seed: int, wanted: Asked | None, *, interpolate: bool = False, single: bool = False
) -> Sheet:
    """The inputs of `n` samples, as a grid shows them; with `interpolate`, of whole rows of walks between latents.

    A conditional generator that is asked for nothing shows what its condition does, column by column; if the samples
    are to be `single` ones, it makes what occurs in its data. One that is asked to go from one value to another does so
    along each row, with one latent a row.
    """
    if interpolate:
        z = walks(run, n, seed)
        return Sheet(z, WALK, None if wanted is None else wanted.vectors(len(z), WALK, seed), walk=True)
    if wanted is None:
        return Sheet(run.latents(n, seed), run.columns)
    condition = wanted.condition
    if wanted.walking:
        z = run.latents(-(-n // WALK), seed).repeat_interleave(WALK, 0)[:n]
        asked = wanted.vectors(n, WALK, seed)
        by = coloured_by_number(condition, asked, wanted.walking[0])
        return Sheet(z, WALK, asked, wanted.heads(WALK), by, walk=True)
    if wanted.ends or single:
        rows, z = wanted.rows(n, seed), run.latents(n, seed)
        return Sheet(z, run.columns, condition.to_vectors(rows), by=coloured_by(condition, rows))
    if not run.spec.is_spatial:
        return coloured_cloud(condition, run.latents(n, seed), seed)
    across = by_column(condition, run.latents(1, seed), run.columns).columns
    return by_column(condition, run.latents(-(-n // across), seed), run.columns).first(n)


def write_grid(run: Generative, sheet: Sheet, target: Path, *, step: int | None = None, stretch: bool = False) -> None:
    """One picture of all samples; `stretch` is what `views.picture` does with it."""
    samples = torch.cat(list(run.stream(sheet.latents, sheet.conditions, step=step)))
    image = picture(
        samples, run.spec, sheet.columns, stretch=stretch, heads=sheet.heads, by=sheet.by, whole_rows=sheet.walk
    )
    with replacing_picture(target) as temporary:
        save_sheet(opaque(image) if target.suffix.lower() in OPAQUE else image, temporary)
