"""Names above the columns of a grid, and a title above all."""

import re
from collections.abc import Callable, Sequence

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
MORE = ".."
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
        across = (column + 0.5) * width if anchor == "mm" else MARGIN
        top = room - AROUND / 2 - LINE * len(lines)
        for number, line in enumerate(lines):
            at = across, top + (number + 0.5) * LINE
            draw.text(at, line, fill=INK[: len(image.mode)], font=font(line, size), anchor=anchor)
    return whole


def _ground(image: Image.Image, width: int, height: int) -> Image.Image:
    return Image.new(image.mode, (width, height), GROUND[: len(image.mode)])


def _fitted(names: Sequence[str], width: float) -> tuple[int, list[list[str]]]:
    """The size of the letters, and the lines of each name: in one line, in two that break between words, or anywhere.

    The first of these that fits all names, else the last, of names that lack their middle.
    """
    for breaking in ([], [_between_words], [_between_words, _anywhere]):
        for size in SIZES:
            texts = [_lines(name, size, width, breaking) for name in names]
            if all(_fits(lines, size, width) for lines in texts):
                return size, texts
    return size, [[*lines[:-1], _ending(lines[-1], size, width)] for lines in texts]


def _between_words(name: str) -> list[int]:
    return [found.start() for found in BREAKS.finditer(name)]


def _anywhere(name: str) -> list[int]:
    return [*range(1, len(name))]


def _lines(name: str, size: int, width: float, breaking: Sequence[Callable[[str], list[int]]]) -> list[str]:
    """The name in one line if it fits, else broken in the first of these ways that fits, or the last.

    As late as it can be, so that the first line is full.
    """
    lines = [name]
    for places in (breaks(name) for breaks in breaking):
        if _fits(lines, size, width):
            break
        fitting = [place for place in places if _long(name[:place].rstrip(), size) <= width] or places[:1]
        lines = [name[: fitting[-1]].rstrip(), name[fitting[-1] :].lstrip()] if fitting else lines
    return lines


def _fits(lines: Sequence[str], size: int, width: float) -> bool:
    return all(_long(line, size) <= width for line in lines)


def _long(text: str, size: int) -> float:
    """How many pixels."""
    return font(text, size).getlength(text)


def _ending(text: str, size: int, width: float) -> str:
    """The text, or as much of its end as fits: many names differ at their ends, such as those with numbers."""
    if _long(text, size) <= width:
        return text
    while text and _long(MORE + text, size) > width:
        text = text[1:]
    return MORE + text if text else ""
