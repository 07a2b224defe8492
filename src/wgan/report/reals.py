"""Real samples as a grid shows generated ones, to be compared with them."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wgan.data import Array, Pack
from wgan.report.neighbours import evenly
from wgan.runs.run import Run
from wgan.runs.sheets import Sheet, alike, coloured_by, grid_sheet
from wgan.types.condition import Condition
from wgan.views import embedded, picture


def real_samples(run: Run, pack: Pack, *, alike_too: bool) -> str:
    """As many held-out samples as a grid has, or training samples if too few are held out, in the same layout.

    With `alike_too`, those of a conditional run are in columns as well, each what the column is asked for.
    """
    shown = grid_sheet(run.config, run.spec, latent_size=1)  # only its layout counts: a stranger's may be terabytes
    condition = run.spec.condition if alike_too else None
    seen = pack.seen_as(replace(run.spec, condition=condition))
    laid_out: dict[str, Any] = {}
    train, held_out = seen.split(run.config.data.holdout)
    count = len(shown.latents)
    places = evenly(held_out if len(held_out) >= count else train, count)
    if condition is not None:
        known = torch.from_numpy(seen.condition_rows)
        if run.spec.is_spatial:
            places, laid_out = _alike(shown, condition, known, train, held_out), shown.layout
        else:
            laid_out = {"by": coloured_by(condition, known[places])}
    return embedded(picture(seen.samples_at(places), seen.spec, shown.columns, real=True, **laid_out))


def _alike(shown: Sheet, condition: Condition, known: Tensor, train: Array, held_out: Array) -> Array:
    """Held-out samples for each place of the sheet, or training samples where some would be there twice."""
    for some in (held_out, train):
        if len(some) >= len(shown.latents):
            found = some[alike(shown, condition, known[some], 0)]
            if len(np.unique(found)) == len(found):
                return found
    return train[alike(shown, condition, known[train], 0)]


def layout(run: Run, *, known: bool) -> str:
    """How real samples are laid out: as they come, in columns that are alike, or mixed since nobody knows them."""
    if run.spec.condition is None:
        return ""
    return ("columns" if run.spec.is_spatial else "") if known else "mixed"
