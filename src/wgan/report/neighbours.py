"""Generated pictures beside their nearest training pictures, to see whether the generator copies its data."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor
from torch.nn.functional import avg_pool2d

from wgan.data import Array, Pack
from wgan.runs.run import Run
from wgan.types import Pixels
from wgan.views import embedded, single

SHOWN = 6
"""Samples on the page."""
NEAREST = 5
"""Training pictures beside each sample."""
QUERIES = 64
"""Samples, and held-out pictures, whose distances to their nearest training picture are compared."""
SIDE = 16
"""Pictures are reduced to about this many pixels a side: shape and colour matter, single pixels do not."""
SEARCHED_BYTES = 1_000_000_000
"""Of a larger training set, an evenly chosen part of this size is searched, which takes seconds."""

Points = Float64[Tensor, "count values"]


class Neighbourhood(NamedTuple):
    """Some samples with their neighbours, and the median distances to judge them by.

    Distances are root mean square differences of pixel values (0 to 255) of the reduced pictures.
    """

    rows: list[tuple[str, list[tuple[str, float]]]]
    """Samples as data URIs, each with its nearest training pictures and their distances, the nearest first."""
    samples: float
    """The median distance from a sample to its nearest training picture."""
    held_out: float | None
    """The same for held-out pictures; None if there are none."""
    searched: int
    """The number of training pictures searched."""


def neighbourhood(run: Run, pack: Pack, holdout: float) -> Neighbourhood:
    """Search the training pictures for those nearest to some samples.

    Raises:
        InputError: the run has no generator that can be loaded, or the pack is damaged.
    """
    train, held_out = pack.split(holdout)
    pack = pack.seen_as(replace(run.spec, condition=None))  # which the pack may not have any more
    generated = run.spec.to_pixels(run.sample(QUERIES, seed=0))
    searched = evenly(train, SEARCHED_BYTES // max(pack.samples[0].nbytes, 1))
    unseen = _pixels(pack, evenly(held_out, QUERIES))
    distances, places = _nearest(torch.cat([_reduced(generated), _reduced(unseen)]).double(), pack, searched)
    rows = []
    for sample, near, found in zip(generated[:SHOWN], distances, places, strict=False):
        pictures = [embedded(single(_pixels(pack, searched[place : place + 1])[0])) for place in found.tolist()]
        rows.append((embedded(single(sample)), list(zip(pictures, near.tolist(), strict=True))))
    medians = [float(part[:, 0].median()) for part in distances.split([QUERIES, len(unseen)]) if len(part)]
    return Neighbourhood(rows, medians[0], medians[1] if len(unseen) else None, len(searched))


def _nearest(
    queries: Points, pack: Pack, searched: Array
) -> tuple[Float64[Tensor, "count nearest"], Int64[Tensor, "count nearest"]]:
    """Distances to the nearest of the searched pictures, and their places in `searched`.

    Twice as many as needed are found in single precision and measured again in double: a copy has distance 0.
    """
    single, squares = queries.float(), queries.float().square().sum(1, keepdim=True)
    near, places = torch.empty(len(queries), 0), torch.empty(len(queries), 0, dtype=torch.int64)
    for first in range(0, len(searched), 4096):
        part = _reduced(_pixels(pack, searched[first : first + 4096]))
        near = torch.cat([near, squares - 2 * single @ part.T + part.square().sum(1)], dim=1)
        places = torch.cat([places, torch.arange(first, first + len(part)).expand(len(queries), -1)], dim=1)
        near, order = near.topk(min(2 * NEAREST, near.shape[1]), largest=False)
        places = places.gather(1, order)
    found = [_reduced(_pixels(pack, searched[row])).double() for row in places.numpy()]
    exact = torch.stack([(a - b).square().mean(1).sqrt() for a, b in zip(queries, found, strict=True)])
    distances, order = exact.topk(min(NEAREST, exact.shape[1]), largest=False)
    return distances, places.gather(1, order)


def _pixels(pack: Pack, places: Array) -> Pixels:
    return pack.spec.to_pixels(pack.samples_at(places))


def _reduced(pixels: Pixels) -> Float32[Tensor, "count values"]:
    """Pictures (B, C, H, W) as (B, values), reduced by a whole factor."""
    factor = max(max(pixels.shape[2:]) // SIDE, 1)
    factor = min(factor, *pixels.shape[2:])
    return (avg_pool2d(pixels.float(), factor) if factor > 1 else pixels.float()).flatten(1)


def evenly(indices: Array, most: int) -> Array:
    """At most `most` of the indices, evenly chosen."""
    count = min(len(indices), most)
    return indices[np.linspace(0, len(indices) - 1, count).astype(np.int64)] if count else indices[:0]
