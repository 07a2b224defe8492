"""The numbers of a run as one picture: a panel for each question, drawn by Pillow.

The same axes and ticks as the report's drawings. Not by Matplotlib: that took 3 of the 8 seconds of a short run.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from wgan.views.panels import Panel, measured
from wgan.views.svg.chart import STYLES, Axes, Line, fitted_axes, thin
from wgan.views.svg.scale import Number, short

COLUMNS = 4
"""Panels in a row: more of them would be too small to read on a screen."""
WIDTH, HEIGHT = 500, 370
"""Of a panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 66, 484, 40, 322
"""Where its axes begin and end."""
BETWEEN = 10
"""Into how many parts the way from one number to the next is cut, to see what it crosses."""
SMOOTH = 2
"""Drawn so many times as large, then made smaller: Pillow's own lines have steps."""

Colour = tuple[int, int, int]
INK, PALE, RULE = (26, 26, 26), (190, 190, 190), (228, 228, 228)
COLOURS = ((31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189), (140, 86, 75))
assert len(COLOURS) == STYLES


def curves(metrics: Sequence[Mapping[str, Any]]) -> Image.Image:
    """The metrics over generator steps; only the panels of which something was measured."""
    panels = measured(set[str]().union(*metrics))
    columns = min(max(len(panels), 1), COLUMNS)
    rows = -(-len(panels) // columns) or 1
    picture = Image.new("RGB", (columns * WIDTH, rows * HEIGHT), "white")
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        picture.paste(_drawn(panel, _lines(panel, metrics)), (column * WIDTH, row * HEIGHT))
    return picture


def _lines(panel: Panel, metrics: Sequence[Mapping[str, Any]]) -> list[Line]:
    steps = [row["step"] for row in metrics]
    return [Line(term, steps, [row.get(term) for row in metrics], i) for i, term in enumerate(panel.terms)]


def _drawn(panel: Panel, lines: Sequence[Line]) -> Image.Image:
    axes = fitted_axes(lines, (LEFT, RIGHT, TOP, BOTTOM), reference=panel.reference, logarithmic=panel.logarithmic)
    pen = _Pen()
    pen.text(((LEFT + RIGHT) / 2, 24), panel.title, 17, "ms")
    _draw_frame(pen, axes)
    for line in lines:
        places = [axes.place(*point) for point in thin(line.points())]
        if len(places) == 1:  # one point makes no line
            pen.dot(places[0], COLOURS[line.colour % STYLES])
        elif places:
            pen.line(places, COLOURS[line.colour % STYLES], 1.6)
    _draw_legend(pen, lines, axes)
    return pen.picture()


def _draw_frame(pen: "_Pen", axes: Axes) -> None:
    for tick in axes.up.ticks():
        y = axes.up.place(tick)
        pen.line([(LEFT, y), (RIGHT, y)], RULE, 1)
        pen.text((LEFT - 7, y), short(tick), 13, "rm")
    for tick in axes.across.ticks():
        x = axes.across.place(tick)
        pen.line([(x, TOP), (x, BOTTOM)], RULE, 1)
        pen.text((x, BOTTOM + 8), short(tick), 13, "mt" if x < RIGHT - 20 else "rt")
    if axes.reference is not None:
        y = axes.up.place(axes.reference)
        pen.line([(LEFT, y), (RIGHT, y)], PALE, 1.5)
    pen.line([(LEFT, TOP), (RIGHT, TOP), (RIGHT, BOTTOM), (LEFT, BOTTOM), (LEFT, TOP)], INK, 1)
    pen.text(((LEFT + RIGHT) / 2, BOTTOM + 28), "generator step", 13, "mt")


def _draw_legend(pen: "_Pen", lines: Sequence[Line], axes: Axes) -> None:
    """In whichever corner, or at whichever side, the lines leave the most room."""
    high, wide = 20 * len(lines) + 8, max((pen.length(line.label, 13) for line in lines), default=0) + 54
    points = [place for line in lines for place in _along([axes.place(*point) for point in thin(line.points())])]

    def hidden(place: tuple[Number, Number]) -> int:
        return sum(place[0] <= x <= place[0] + wide and place[1] <= y <= place[1] + high for x, y in points)

    middle = (TOP + BOTTOM - high) / 2
    places = [(x, y) for y in (TOP + 4, BOTTOM - high - 4, middle) for x in (RIGHT - wide - 4, LEFT + 4)]
    left, top = min(places, key=hidden)
    for i, line in enumerate(lines):
        y = top + 14 + 20 * i
        pen.line([(left + 8, y), (left + 34, y)], COLOURS[line.colour % STYLES], 2)
        pen.text((left + 42, y), line.label, 13, "lm")


def _along(places: Sequence[tuple[Number, Number]]) -> Iterator[tuple[Number, Number]]:
    """The places, and some between each two: a line hides what it crosses, too."""
    yield from places
    for (x, y), (next_x, next_y) in pairwise(places):
        for i in range(1, BETWEEN):
            yield x + (next_x - x) * i / BETWEEN, y + (next_y - y) * i / BETWEEN


class _Pen:
    """Draws one panel, in its pixels and parts of them."""

    def __init__(self) -> None:
        self._large = Image.new("RGB", (SMOOTH * WIDTH, SMOOTH * HEIGHT), "white")
        self._draw = ImageDraw.Draw(self._large)
        self._texts: list[tuple[tuple[Number, Number], str, int, str]] = []

    def line(self, places: Sequence[tuple[Number, Number]], colour: Colour, width: Number) -> None:
        """Through these places."""
        large = [(SMOOTH * x, SMOOTH * y) for x, y in places]
        self._draw.line(large, colour, round(SMOOTH * width), joint="curve")

    def dot(self, place: tuple[Number, Number], colour: Colour) -> None:
        """Around this place."""
        x, y, radius = SMOOTH * place[0], SMOOTH * place[1], SMOOTH * 3.5
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def text(self, place: tuple[Number, Number], text: str, size: int, anchor: str) -> None:
        """At this place, which is the text's `anchor` (as Pillow names them)."""
        self._texts.append((place, text, size, anchor))

    def length(self, text: str, size: int) -> float:
        """How wide it will be."""
        return float(_font(size).getlength(text))

    def picture(self) -> Image.Image:
        """What was drawn; letters last, in their own size, where their font is hinted for it."""
        small = self._large.reduce(SMOOTH)
        draw = ImageDraw.Draw(small)
        for place, text, size, anchor in self._texts:
            draw.text(place, text, INK, _font(size), anchor)
        return small


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)
