"""Histograms and rows of shades as SVG that lies in a page."""

import math
from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from wgan.views.svg.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from wgan.views.svg.scale import Number, Scale, fitted, short

SHADES = 12


def histogram(counts: Sequence[int], low: Number, high: Number, title: str, bound: Number | None = None) -> Markup:
    """Bars of equal width from `low` to `high`; with a `bound`, a line at it on either side.

    Heights are logarithmic: a few weights far out matter, and a thousand in the middle do not.
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
    for tick in fitted([1, max(counts)], BOTTOM, TOP, logarithmic=True).ticks():
        y = up.place(tick)
        parts.append(Markup('<text class="up" x="{}" y="{:.1f}">{}</text>').format(LEFT - 6, y + 4, short(tick)))
    for tick in across.ticks():
        place = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
        parts.append(place.format(across.place(tick), BOTTOM + 18, short(tick)))
    for edge in () if bound is None else (-bound, bound):
        line = Markup('<line class="bound" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>')
        parts.append(line.format(across.place(edge), across.place(edge), TOP, BOTTOM))
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, title, Markup("").join(parts)
    )


def shades(values: Sequence[Number | None], low: Number, high: Number, title: str) -> Markup:
    """A strip of cells, from left to right, each as dark as its value is high between `low` and `high`, by logarithm.

    What is None stays empty; what is zero or below is as light as the lowest.
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
