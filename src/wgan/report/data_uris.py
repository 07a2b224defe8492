"""Pictures inside the page: grids over time, within a size that can be mailed."""

import base64
import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from wgan.errors import InputError
from wgan.runs.run import Run
from wgan.system.pictures import load
from wgan.views import thinned

GRIDS = 60
"""The most grids of a run on a page: a slider with more is no smoother."""
FEWEST = 8
"""As many are shown however large they are: fewer do not show how pictures came about."""
GRID_BYTES = 4_000_000
"""All grids of a page together, before they are written as text, which takes a third more; and so does mailing it,
where many allow no more than 10 MB. Sharp 64x64 pictures in 8x8 grids reach this with 48 of them: a page of 5.4 MB."""
WIDEST = 1056
"""Larger grids are reduced to so many pixels across: eight pictures of 128 and what is between them."""


class Embedded(NamedTuple):
    """A grid at a step, as a data URI."""

    step: int
    source: str


def embedded_grids(run: Run, budget: int) -> list[Embedded]:
    """The run's grids, evenly chosen, as many as fit in `budget` bytes, the first and the last among them."""
    files = list(run.samples().items())
    if not files:
        return []
    largest = max(len(_content(path)[1]) for path in (files[0][1], files[-1][1]))
    count = min(max(budget // max(largest, 1), FEWEST), GRIDS)
    found = ((step, _content(path)) for step, path in thinned(files, count))
    return [Embedded(step, _uri(*content)) for step, content in found if content[1]]


def embedded(image: Image.Image) -> str:
    """A picture as a data URI: grey ones as they are, coloured ones as WebP, which is a tenth of the size."""
    return _uri(*_encoded(image))


def _content(path: Path) -> tuple[str, bytes]:
    """Its kind and its bytes; none if it cannot be read."""
    try:
        image = load(path)
    except InputError:
        return "png", b""
    if image.mode == "L" and image.width <= WIDEST and image.format == "PNG":
        return "png", path.read_bytes()
    return _encoded(image)


def _encoded(image: Image.Image) -> tuple[str, bytes]:
    content = io.BytesIO()
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    if image.mode == "L":
        image.save(content, format="png", optimize=True)
        return "png", content.getvalue()
    image.save(content, format="webp", quality=80)
    return "webp", content.getvalue()


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
