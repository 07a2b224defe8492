"""The metrics of a run as one picture: a panel for each question, drawn by Pillow.

Pillow, because Matplotlib took 3 of the 8 seconds of a short run. The report draws the same axes and lines as SVG.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from wgan.views.panels import Panel, measured
from wgan.views.plot import STYLES, Axes, Line, Point, fitted_axes, panel_lines
from wgan.views.scale import Number, short

COLUMNS = 4
"""The most panels in a row: more would be too small to read on a screen."""
WIDTH, HEIGHT = 500, 370
"""The size of a panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 66, 484, 40, 322
"""The ends of a panel's axes."""
BETWEEN = 10
"""How finely the legend's placement samples a line between two points."""
SMOOTH = 2
"""Lines are drawn at this scale and then reduced: Pillow does not smooth them."""

Colour = tuple[int, int, int]
INK, PALE, RULE = (26, 26, 26), (190, 190, 190), (228, 228, 228)
COLOURS = ((31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189), (140, 86, 75))
assert len(COLOURS) == STYLES


def curves(metrics: Sequence[Mapping[str, Any]]) -> Image.Image:
    """The metrics over generator steps. Only panels with measured terms are shown."""
    panels = measured(set[str]().union(*metrics))
    columns = min(max(len(panels), 1), COLUMNS)
    rows = -(-len(panels) // columns) or 1
    picture = Image.new("RGB", (columns * WIDTH, rows * HEIGHT), "white")
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        picture.paste(_draw(panel, panel_lines(panel, [""], [[metrics]])), (column * WIDTH, row * HEIGHT))
    return picture


def _draw(panel: Panel, lines: Sequence[Line]) -> Image.Image:
    axes = fitted_axes(lines, (LEFT, RIGHT, TOP, BOTTOM), reference=panel.reference, logarithmic=panel.logarithmic)
    pen = _Pen()
    pen.text(((LEFT + RIGHT) / 2, 24), panel.title, 17, "ms")
    _draw_frame(pen, axes)
    places = [axes.places(line) for line in lines]
    for line, points in zip(lines, places, strict=True):
        if len(points) == 1:
            pen.dot(points[0], COLOURS[line.colour % STYLES])
        elif points:
            pen.line(points, COLOURS[line.colour % STYLES], 1.6)
    _draw_legend(pen, lines, [place for points in places for place in _along(points)])
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


def _draw_legend(pen: "_Pen", lines: Sequence[Line], places: Sequence[Point]) -> None:
    """Draw the legend in the corner, or at the side, where it hides the fewest places of lines."""
    high, wide = 20 * len(lines) + 8, max((_font(13).getlength(line.label) for line in lines), default=0) + 54

    def hidden(corner: Point) -> int:
        left, top = corner
        return sum(left <= x <= left + wide and top <= y <= top + high for x, y in places)

    middle = (TOP + BOTTOM - high) / 2
    corners = [(x, y) for y in (TOP + 4, BOTTOM - high - 4, middle) for x in (RIGHT - wide - 4, LEFT + 4)]
    left, top = min(corners, key=hidden)
    for i, line in enumerate(lines):
        y = top + 14 + 20 * i
        pen.line([(left + 8, y), (left + 34, y)], COLOURS[line.colour % STYLES], 2)
        pen.text((left + 42, y), line.label, 13, "lm")


def _along(places: Sequence[Point]) -> Iterator[Point]:
    """The places of a line's points, and some between each two."""
    yield from places
    for (x, y), (next_x, next_y) in pairwise(places):
        for i in range(1, BETWEEN):
            yield x + (next_x - x) * i / BETWEEN, y + (next_y - y) * i / BETWEEN


class _Pen:
    """Draws one panel; places and widths are in its pixels. Anchors of texts are Pillow's."""

    def __init__(self) -> None:
        self._large = Image.new("RGB", (SMOOTH * WIDTH, SMOOTH * HEIGHT), "white")
        self._draw = ImageDraw.Draw(self._large)
        self._texts: list[tuple[Point, str, int, str]] = []

    def line(self, places: Sequence[Point], colour: Colour, width: Number) -> None:
        large = [(SMOOTH * x, SMOOTH * y) for x, y in places]
        self._draw.line(large, colour, round(SMOOTH * width), joint="curve")

    def dot(self, place: Point, colour: Colour) -> None:
        x, y, radius = SMOOTH * place[0], SMOOTH * place[1], SMOOTH * 3.5
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour)

    def text(self, place: Point, text: str, size: int, anchor: str) -> None:
        self._texts.append((place, text, size, anchor))

    def picture(self) -> Image.Image:
        """The panel. Texts are drawn last and unscaled, for which their font is hinted."""
        small = self._large.reduce(SMOOTH)
        draw = ImageDraw.Draw(small)
        for place, text, size, anchor in self._texts:
            draw.text(place, text, INK, _font(size), anchor)
        return small


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)
