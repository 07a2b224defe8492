"""Generated pictures beside the training pictures nearest to them: whether the generator repeats what it was shown."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor
from torch.nn.functional import avg_pool2d

from wgan.data import Array, Pack
from wgan.report.data_uris import embedded
from wgan.runs.run import Run
from wgan.types import Pixels
from wgan.views import single

SHOWN = 6
"""Samples on the page."""
NEAREST = 5
"""Training pictures beside each."""
ASKED = 64
"""Samples, and held-out pictures, whose nearest training picture is looked for, to compare the two."""
SIDE = 16
"""Pictures are compared reduced to about this many pixels a side: shape and colour count, single pixels do not."""
SEARCHED_BYTES = 1_000_000_000
"""Of a larger training set, only a part of so many bytes, evenly chosen, is searched: some seconds' work."""

Points = Float64[Tensor, "count values"]


class Neighbour(NamedTuple):
    """A training picture as a data URI, and how far it is."""

    source: str
    distance: float


class Row(NamedTuple):
    """A sample and its nearest training pictures, the nearest first."""

    source: str
    neighbours: tuple[Neighbour, ...]


class Neighbourhood(NamedTuple):
    """What is shown, and the numbers that say what to think of it.

    Distances are root mean square differences of pixel values, which are 0 to 255, of the reduced pictures.
    """

    rows: tuple[Row, ...]
    samples: float
    """Median distance from a sample to its nearest training picture."""
    held_out: float | None
    """The same from pictures that training never saw; None if none were held out."""
    searched: int
    """How many training pictures were looked at."""


def neighbourhood(run: Run, pack: Pack, holdout: float) -> Neighbourhood:
    """Search the training pictures for those nearest to some samples; see `Neighbourhood`.

    Raises:
        InputError: the run has no generator that can be loaded, or the pack is damaged.
    """
    train, held_out = pack.split(holdout)
    generated = run.spec.to_stored(run.sample(ASKED, seed=0))
    searched = _evenly(train, SEARCHED_BYTES // max(pack.samples[0].nbytes, 1))
    unseen = torch.from_numpy(pack.samples[_evenly(held_out, ASKED)])
    distances, places = _nearest(torch.cat([_reduced(generated), _reduced(unseen)]).double(), pack, searched)
    rows = []
    for sample, near, found in zip(generated[:SHOWN], distances, places, strict=False):
        pictures = [
            embedded(single(torch.from_numpy(pack.samples[searched[place]].copy()))) for place in found.tolist()
        ]
        rows.append(Row(embedded(single(sample)), tuple(map(Neighbour, pictures, near.tolist()))))
    medians = [float(part[:, 0].median()) for part in distances.split([ASKED, len(unseen)]) if len(part)]
    return Neighbourhood(tuple(rows), medians[0], medians[1] if len(unseen) else None, len(searched))


def _nearest(
    asked: Points, pack: Pack, searched: Array
) -> tuple[Float64[Tensor, "count nearest"], Int64[Tensor, "count nearest"]]:
    """Distances (Q, K) to the nearest of the searched pictures and their places in it, part by part.

    A few more than are asked for are found in single precision, and measured again in double: a copy is at distance 0.
    """
    single, squares = asked.float(), asked.float().square().sum(1, keepdim=True)
    near, places = torch.empty(len(asked), 0), torch.empty(len(asked), 0, dtype=torch.int64)
    for first in range(0, len(searched), 4096):
        part = _reduced(torch.from_numpy(pack.samples[searched[first : first + 4096]]))
        near = torch.cat([near, squares - 2 * single @ part.T + part.square().sum(1)], dim=1)
        places = torch.cat([places, torch.arange(first, first + len(part)).expand(len(asked), -1)], dim=1)
        near, order = near.topk(min(2 * NEAREST, near.shape[1]), largest=False)
        places = places.gather(1, order)
    found = [_reduced(torch.from_numpy(pack.samples[searched[row]])).double() for row in places.numpy()]
    exact = torch.stack([(a - b).square().mean(1).sqrt() for a, b in zip(asked, found, strict=True)])
    distances, order = exact.topk(min(NEAREST, exact.shape[1]), largest=False)
    return distances, places.gather(1, order)


def _reduced(pixels: Pixels) -> Float32[Tensor, "count values"]:
    """Pictures (B, C, H, W) as (B, values), reduced by a whole factor."""
    factor = max(max(pixels.shape[2:]) // SIDE, 1)
    factor = min(factor, *pixels.shape[2:])
    return (avg_pool2d(pixels.float(), factor) if factor > 1 else pixels.float()).flatten(1)


def _evenly(indices: Array, most: int) -> Array:
    """At most so many of them, evenly chosen."""
    count = min(len(indices), most)
    return indices[np.linspace(0, len(indices) - 1, count).astype(np.int64)] if count else indices[:0]
