"""Drawings for the report as inline SVG: their colours are the page's, light or dark."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from wgan.language import say
from wgan.views.marks import mark, style
from wgan.views.plot import BUCKETS, FEWEST_BUCKETS, SHARED_BUCKETS, Axes, Line, Point, fitted_axes
from wgan.views.scale import Number, Scale, fitted, short

WIDTH, HEIGHT = 360, 210
LEFT, RIGHT, TOP, BOTTOM = 50, 352, 10, 184
SHADES = 12
MARKED = 4
"""Marks on a line, besides those that lines of the same steps have elsewhere."""


def chart(lines: Sequence[Line], title: str, *, reference: Number | None = None, logarithmic: bool = False) -> Markup:
    """Lines with ticks, and a line across at `reference` unless it would flatten them."""
    axes = fitted_axes(lines, (LEFT, RIGHT, TOP, BOTTOM), reference=reference, logarithmic=logarithmic)
    buckets = min(max(SHARED_BUCKETS // max(len(lines), 1), FEWEST_BUCKETS), BUCKETS)
    parts = [*_frame(axes)]
    parts += [band for line in lines for band in _bands(line, axes, buckets)]
    shifts = max((line.colour for line in lines), default=0) + 1
    for place, line in enumerate(lines):
        parts += _line(line, place, axes, buckets, shifts)
    svg = '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" data-across="{}" data-up="{}">{}</svg>'
    scales = [f"{axis.low} {axis.high} {axis.start} {axis.end} {int(axis.logarithmic)}" for axis in axes[:2]]
    return Markup(svg).format(WIDTH, HEIGHT, _description(title, lines), *scales, Markup("").join(parts))


def _frame(axes: Axes) -> Iterator[Markup]:
    across = Markup('<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>')
    for tick in axes.up.ticks():
        y = axes.up.place(tick)
        yield across.format("rule", LEFT, RIGHT, y, y)
        yield _label_up(tick, y)
    for tick in axes.across.ticks():
        x = axes.across.place(tick)
        yield _label_across(tick, x, "end" if x > RIGHT - 14 else "middle")
    if axes.reference is not None:
        y = axes.up.place(axes.reference)
        yield across.format("reference", LEFT, RIGHT, y, y)


def _label_up(tick: Number, y: Number) -> Markup:
    return Markup('<text class="up" x="{}" y="{:.1f}">{}</text>').format(LEFT - 6, y + 4, short(tick))


def _label_across(tick: Number, x: Number, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(x, BOTTOM + 18, anchor, short(tick))


def _bands(line: Line, axes: Axes, buckets: int) -> Iterator[Markup]:
    for piece in line.band(buckets):
        edge = [*((step, high) for step, _, high in piece), *((step, low) for step, low, _ in reversed(piece))]
        band = Markup('<polygon class="band {}" points="{}"/>')
        yield band.format(style(line.colour), _pairs([axes.place(*point) for point in edge]))


def _line(line: Line, number: int, axes: Axes, buckets: int, shifts: int) -> Iterator[Markup]:
    classes = style(line.colour) + (" dashed" if line.dashed else "")
    places = axes.places(line, buckets)
    if len(places) == 1 and line.marked:
        yield mark(line.colour, places)
    elif len(places) == 1:
        yield Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(classes, *places[0])
    elif places:
        polyline = Markup('<polyline class="line {}" data-line="{}" points="{}"/>')
        yield polyline.format(classes, number, _pairs(places))
        if line.marked:
            yield mark(line.colour, _apart(places, line.colour / shifts))


def _apart(places: Sequence[Point], shift: Number) -> list[Point]:
    """Some of a line's places, evenly apart from left to right; `shift` in [0, 1) keeps those of other lines apart."""
    first, last = places[0][0], places[-1][0]
    wanted = [first + (last - first) * (i + shift) / MARKED for i in range(MARKED)]
    return list(dict.fromkeys(min(places, key=lambda place: abs(place[0] - x)) for x in wanted))


def _pairs(places: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.2f}" for x, y in places)


def _description(title: str, lines: Sequence[Line]) -> str:
    """The drawing in words, for people who cannot see it."""
    described = []
    for line in lines:
        if points := line.points():
            (first, start), (last, end) = points[0], points[-1]
            described.append(
                say(
                    "{name} from {start} at step {first} to {end} at {last}",
                    name=line.label,
                    start=short(start),
                    first=short(first),
                    end=short(end),
                    last=short(last),
                )
            )
    lines_told = say("; ").join(described) or say("nothing was measured")
    return say("{title} over steps: {lines}", title=title, lines=lines_told)


def swatch(colour: int, *, dashed: bool = False, marked: bool = False) -> Markup:
    """A piece of a line as `chart` draws it, for a legend."""
    line = Markup('<line class="line {}{}" x1="1" x2="27" y1="7" y2="7"/>').format(
        style(colour), " dashed" if dashed else ""
    )
    piece = Markup('<svg class="swatch" viewBox="0 0 28 14" aria-hidden="true">{}{}</svg>')
    return piece.format(line, mark(colour, [(14, 7)]) if marked else "")


def histogram(counts: Sequence[int], low: Number, high: Number, title: str, bound: Number | None = None) -> Markup:
    """Bars of equal width from `low` to `high`; with a `bound`, a line at it on either side.

    Heights are logarithmic: a few weights far out matter more than a thousand in the middle.
    """
    across = Scale(low, high, LEFT, RIGHT)
    up = Scale(0.5, max(*counts, 2) * 1.5, BOTTOM, TOP, logarithmic=True)
    width = (RIGHT - LEFT) / len(counts)
    parts = []
    for i, count in enumerate(counts):
        if count:
            y = up.place(count)
            bar = Markup('<rect class="bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
            parts.append(bar.format(LEFT + i * width, y, max(width - 0.5, 0.5), BOTTOM - y))
    up_ticks = fitted([1, max(counts)], BOTTOM, TOP, logarithmic=True).ticks()
    parts += [_label_up(tick, up.place(tick)) for tick in up_ticks]
    parts += [_label_across(tick, across.place(tick), "middle") for tick in across.ticks()]
    for edge in () if bound is None else (-bound, bound):
        line = Markup('<line class="bound" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>')
        parts.append(line.format(across.place(edge), across.place(edge), TOP, BOTTOM))
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, title, Markup("").join(parts)
    )


def shades(values: Sequence[Number | None], low: Number, high: Number, title: str) -> Markup:
    """A strip of cells, left to right, darker for values nearer to `high` than to `low`, on a logarithmic scale.

    None leaves a cell empty; values below `low` are as light as `low`.
    """
    levels = [None if value is None else _level(value, low, high) for value in values]
    parts, left = [], 0
    for level, group in groupby(levels):
        width = len(list(group))
        if level is not None:
            cell = Markup('<rect x="{}" width="{}" height="1" fill-opacity="{:.2f}"/>')
            parts.append(cell.format(left, width, level / SHADES))
        left += width
    strip = '<svg class="shades" viewBox="0 0 {} 1" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    return Markup(strip).format(max(left, 1), title, Markup("").join(parts))


def _level(value: Number, low: Number, high: Number) -> int:
    if not math.isfinite(value):
        return SHADES
    if value <= low or high <= low:
        return 1
    return 1 + min(round((SHADES - 1) * math.log(value / low) / math.log(high / low)), SHADES - 1)
