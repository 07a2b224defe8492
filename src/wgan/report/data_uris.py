"""The grids of a run as data URIs, in a page small enough to mail."""

from functools import cache
from pathlib import Path

from wgan.errors import InputError
from wgan.runs.run import Run
from wgan.system.pictures import load
from wgan.views import WIDEST, data_uri, embedded, thinned

GRIDS = 60
"""The most grids of a run on a page: more do not make the slider smoother."""
FEWEST = 8
"""Shown however large they are: fewer do not show the course of training."""
GRID_BYTES = 4_000_000
"""All grids of a page before base64, which adds a third. Mailing adds another third, and many allow only 10 MB. Sharp
64x64 pictures in 8x8 grids reach the limit with 48 grids: a page of 5.4 MB."""


def embedded_grids(run: Run, budget: int, fewest: int = FEWEST) -> list[tuple[int, str]]:
    """Grids, (step, data URI), evenly chosen with both ends, as many as fit in `budget` bytes before base64.

    `fewest` of them are shown however large they are.
    """
    files = list(run.samples().items())
    if not files:
        return []
    source = cache(_file_uri)
    largest = max(len(source(path)) * 3 // 4 for path in (files[0][1], files[-1][1]))
    count = min(max(budget // max(largest, 1), fewest), GRIDS)
    return [(step, source(path)) for step, path in thinned(files, count) if source(path)]


def _file_uri(path: Path) -> str:
    """The picture as a data URI; empty if it cannot be read."""
    try:
        image = load(path)
    except InputError:
        return ""
    if image.mode == "L" and image.width <= WIDEST and image.format == "PNG":
        return data_uri("png", path.read_bytes())
    return embedded(image)
