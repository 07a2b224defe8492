"""Drawings for the report as inline SVG: their colours are the page's, light or dark."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from markupsafe import Markup

from wgan.language import say
from wgan.views.plot import STYLES, Axes, Line, Point, fitted_axes
from wgan.views.scale import Number, Scale, fitted, short

WIDTH, HEIGHT = 360, 210
LEFT, RIGHT, TOP, BOTTOM = 50, 352, 10, 184
SHADES = 12


def chart(lines: Sequence[Line], title: str, *, reference: Number | None = None, logarithmic: bool = False) -> Markup:
    """Lines with ticks, and a line across at `reference` unless it would flatten them."""
    axes = fitted_axes(lines, (LEFT, RIGHT, TOP, BOTTOM), reference=reference, logarithmic=logarithmic)
    parts = [*_frame(axes)]
    for place, line in enumerate(lines):
        parts += _line(line, place, axes)
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


def _line(line: Line, number: int, axes: Axes) -> Iterator[Markup]:
    style = f"c{line.colour % STYLES}" + (" dashed" if line.dashed else "")
    if line.low:
        edge = [*zip(line.steps, line.high, strict=True), *reversed([*zip(line.steps, line.low, strict=True)])]
        band = Markup('<polygon class="band {}" points="{}"/>')
        yield band.format(style, _pairs([axes.place(*point) for point in edge]))
    places = axes.places(line)
    if len(places) == 1:
        yield Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"/>').format(style, *places[0])
    elif places:
        polyline = Markup('<polyline class="line {}" data-line="{}" points="{}"/>')
        yield polyline.format(style, number, _pairs(places))


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
