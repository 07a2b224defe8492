"""Names above the columns of a grid, and a title above all."""

import re
from collections.abc import Sequence

from PIL import Image, ImageDraw

from wgan.views.fonts import font

SIZES = (12, 10)
"""Of the letters, in pixels: smaller where long names do not fit."""
LINE, AROUND = 13, 5
"""Of the letters' lines, and above and below them, in pixels."""
MARGIN = 2
"""Left and right of names, in pixels."""
BETWEEN = 8
"""Blocks of columns are so many pixels apart."""
MORE = "…"
BREAKS = re.compile(r"(?<=[\s|_/,-])(?=\S)")
GROUND, INK = (255, 255, 255, 255), (40, 40, 40, 255)
"""White and dark grey; a mode like RGB has as many letters as it has channels."""


def headed(image: Image.Image, names: Sequence[str] = (), *, title: str = "", blocks: int = 1) -> Image.Image:
    """The grid under one name for each of its columns, which are equally wide, and all under a title.

    Of several blocks of columns, which are moved apart, each has all the names. Long names have two lines, or smaller
    letters, and are cut if nothing else helps.
    """
    if names:
        parts = [_under(part, names, "mm") for part in _apart(image, blocks)]
        image = _ground(image, sum(part.width for part in parts) + BETWEEN * (blocks - 1), parts[0].height)
        for block, part in enumerate(parts):
            image.paste(part, (block * (parts[0].width + BETWEEN), 0))
    return _under(image, [title], "lm") if title else image


def _apart(image: Image.Image, blocks: int) -> list[Image.Image]:
    """Blocks of columns, cut in the gaps between them, all as wide as the first."""
    width = -(-image.width // blocks)
    lefts = [min(round(block * image.width / blocks), image.width - width) for block in range(blocks)]
    return [image.crop((left, 0, left + width, image.height)) for left in lefts]


def _under(image: Image.Image, names: Sequence[str], anchor: str) -> Image.Image:
    width = image.width / len(names)
    size, texts = _fitted(names, width - 2 * MARGIN)
    room = LINE * max(len(lines) for lines in texts) + AROUND
    whole = _ground(image, image.width, image.height + room)
    whole.paste(image, (0, room))
    draw = ImageDraw.Draw(whole)
    for column, lines in enumerate(texts):
        across = (column + 0.5) * width if anchor == "mm" else AROUND
        top = room - AROUND / 2 - LINE * len(lines)
        for number, line in enumerate(lines):
            at = across, top + (number + 0.5) * LINE
            draw.text(at, line, fill=INK[: len(image.mode)], font=font(line, size), anchor=anchor)
    return whole


def _ground(image: Image.Image, width: int, height: int) -> Image.Image:
    return Image.new(image.mode, (width, height), GROUND[: len(image.mode)])


def _fitted(names: Sequence[str], width: float) -> tuple[int, list[list[str]]]:
    """The size of the letters, and the lines of each name: in one line, in two that break between words, or anywhere.

    The first of these that fits all names, else the last, with names that are cut.
    """
    for breaks in (_nowhere, _between_words, _anywhere):
        for size in SIZES:
            texts = [_lines(name, size, width, breaks(name)) for name in names]
            if all(_long(line, size) <= width for lines in texts for line in lines):
                return size, texts
    return size, [[_cut(line, size, width) for line in lines] for lines in texts]


def _nowhere(name: str) -> list[int]:
    return []


def _between_words(name: str) -> list[int]:
    return [found.start() for found in BREAKS.finditer(name)]


def _anywhere(name: str) -> list[int]:
    return [*range(1, len(name))]


def _lines(name: str, size: int, width: float, breaks: Sequence[int]) -> list[str]:
    """The name in one line if it fits, else broken at the last of these places up to which it fits, or the first."""
    if _long(name, size) <= width or not breaks:
        return [name]
    fitting = [place for place in breaks if _long(name[:place].rstrip(), size) <= width]
    place = fitting[-1] if fitting else breaks[0]
    return [name[:place].rstrip(), name[place:].lstrip()]


def _long(text: str, size: int) -> float:
    """How many pixels."""
    return font(text, size).getlength(text)


def _cut(name: str, size: int, width: float) -> str:
    if _long(name, size) <= width:
        return name
    while name and _long(name + MORE, size) > width:
        name = name[:-1]
    return name + MORE if name else ""
