"""A picture of samples from a trained run, and walks between latents."""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from PIL import Image

from wgan.errors import InputError
from wgan.runs.asking import Asked
from wgan.runs.best import Step
from wgan.runs.generative import Generative
from wgan.runs.headings import title, walk_heads
from wgan.runs.inputs import Inputs
from wgan.runs.latents_text import latent_of
from wgan.runs.origin import Origin, save_marked
from wgan.runs.sheets import Sheet, blocks_of, by_column, coloured_by, coloured_by_number, coloured_cloud
from wgan.types import Latents
from wgan.views import cell_form, opaque, picture, replacing_picture

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
    along each row, with one latent a row. Such rows are whole ones: `n` is rounded up, unless the samples are single
    ones, or points. Of fewer samples than a walk has, all are one walk.
    """
    if wanted is None:
        return Sheet(walks(run, n, seed), WALK, walk=True) if interpolate else Sheet(run.latents(n, seed), run.columns)
    condition, told = wanted.condition, title(wanted)
    if interpolate:
        z = walks(run, n, seed)
        return Sheet(z, WALK, wanted.vectors(len(z), WALK, seed), walk_heads(wanted, WALK), told, walk=True)
    if wanted.walking:
        return _sweep(run, n, seed, wanted, exact=single or not run.spec.is_spatial)
    if wanted.ends or single:
        rows, z = wanted.rows(n, seed), run.latents(n, seed)
        return Sheet(z, run.columns, condition.to_vectors(rows), title=told, by=coloured_by(condition, rows))
    if not run.spec.is_spatial:
        return coloured_cloud(condition, run.latents(n, seed), seed)
    return by_column(run.spec, lambda count: run.latents(count, seed), n, run.columns, seed)


def _sweep(run: Generative, n: int, seed: int, wanted: Asked, *, exact: bool) -> Sheet:
    wide = min(n, WALK)
    blocks, each = (1, -(-n // wide)) if exact else blocks_of(-(-n // wide), wide, cell_form(run.spec))
    count = n if exact else blocks * each * wide
    z = run.latents(blocks * each, seed).repeat_interleave(wide, 0)[:count]
    asked = wanted.vectors(count, wide, seed)
    by = coloured_by_number(wanted.condition, asked, wanted.walking[0])
    return Sheet(z, blocks * wide, asked, walk_heads(wanted, wide), title(wanted), blocks, by, walk=True)


def single_sheet(run: Generative, given: Inputs, wanted: Asked | None) -> Sheet:
    """Given inputs as a grid shows them."""
    z, conditions = given
    told = "" if wanted is None else title(wanted)
    return Sheet(z, min(run.columns, len(z)), conditions, title=told)


def only(run: Generative, number: int, seed: int, wanted: Asked | None) -> Inputs:
    """The inputs of one of the single samples of a seed, the first being 0."""
    (last,) = deque(run.batches(number + 1, seed, wanted), maxlen=1)
    return Inputs(last.latents[-1:], None if last.conditions is None else last.conditions[-1:])


def of_latents(run: Generative, texts: Sequence[str], seed: int, wanted: Asked | None) -> Inputs:
    """The inputs that texts of `latent_text` name; what is not asked for is drawn with the seed."""
    z = torch.cat([latent_of(text, run.latent_size) for text in texts])
    return Inputs(z, None if wanted is None else wanted.vectors(len(z), len(z), seed))


def check_picture(target: Path) -> None:
    """Raise an InputError if a file of this name is no picture that Pillow can write."""
    Image.init()
    if Image.registered_extensions().get(target.suffix.lower()) not in Image.SAVE:
        raise InputError(
            f"{target} is not the name of a picture. Name one that ends in .png, .jpg or .webp; or in .npy, .npz, .csv "
            "or .tif for the values themselves."
        )


def write_grid(
    run: Generative,
    sheet: Sheet,
    target: Path,
    *,
    step: Step | None = None,
    stretch: bool = False,
    mark: Origin | None = None,
) -> None:
    """One picture of all samples, which says what it is from; `stretch` is what `views.picture` does with it."""
    samples = torch.cat(list(run.stream(sheet.latents, sheet.conditions, step=step)))
    image = picture(samples, run.spec, sheet.columns, stretch=stretch, **sheet.layout)
    with replacing_picture(target) as temporary:
        save_marked(opaque(image) if target.suffix.lower() in OPAQUE else image, temporary, mark)
