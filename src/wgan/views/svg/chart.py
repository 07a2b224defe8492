"""Lines over steps as SVG that lies in a page: its colours are the page's, light or dark."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from wgan.views.svg.scale import Number, Scale, fitted, short

WIDTH, HEIGHT = 360, 210
LEFT, RIGHT, TOP, BOTTOM = 50, 352, 10, 184
BUCKETS = 150
"""A line has at most twice as many points: the lowest and the highest of each bucket, so that no spike is lost."""
STYLES = 6
"""How many colours the page has for lines."""


class Line(NamedTuple):
    """One line: `values` at `steps`, None where there is none; `low` and `high` bound a band around it."""

    label: str
    steps: Sequence[Number]
    values: Sequence[Number | None]
    colour: int = 0
    dashed: bool = False
    low: Sequence[Number] = ()
    high: Sequence[Number] = ()

    def points(self) -> list[tuple[Number, Number]]:
        """What can be drawn."""
        return [(s, v) for s, v in zip(self.steps, self.values, strict=True) if v is not None and math.isfinite(v)]

    @property
    def newest(self) -> str:
        """The last value, in short."""
        known = [value for value in self.values if value is not None]
        return short(known[-1]) if known else ""


class Axes(NamedTuple):
    """Where steps and values lie in a drawing; `reference` is the value to draw across, if it is in sight."""

    across: Scale
    up: Scale
    reference: Number | None

    def place(self, step: Number, value: Number) -> tuple[Number, Number]:
        """From the left, and from the top."""
        return self.across.place(step), self.up.place(value)


def fitted_axes(
    lines: Sequence[Line],
    frame: tuple[Number, Number, Number, Number],
    *,
    reference: Number | None = None,
    logarithmic: bool = False,
) -> Axes:
    """The axes of these lines, in a frame of which left, right, top and bottom are given."""
    left, right, top, bottom = frame
    points = [point for line in lines for point in line.points()]
    values = [value for _, value in points]
    values += [value for line in lines for value in (*line.low, *line.high)]
    if reference is not None and not _in_sight(reference, values):
        reference = None
    values += [] if reference is None else [reference]
    up = fitted(values, bottom, top, logarithmic=logarithmic)
    return Axes(fitted_steps([step for step, _ in points], left, right), up, reference)


def chart(lines: Sequence[Line], title: str, *, reference: Number | None = None, logarithmic: bool = False) -> Markup:
    """The lines in one drawing, with ticks; `reference` is drawn across if it is in sight of the lines."""
    axes = fitted_axes(lines, (LEFT, RIGHT, TOP, BOTTOM), reference=reference, logarithmic=logarithmic)
    parts = [*_frame(axes.across, axes.up)]
    if axes.reference is not None:
        y = axes.up.place(axes.reference)
        parts.append(
            Markup('<line class="reference" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, RIGHT, y, y)
        )
    for place, line in enumerate(lines):
        parts += [*_drawn(line, line.points(), axes.across, axes.up, place)]
    svg = '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}" data-across="{}" data-up="{}">{}</svg>'
    return Markup(svg).format(
        WIDTH, HEIGHT, _told(title, lines), _told_scale(axes.across), _told_scale(axes.up), Markup("").join(parts)
    )


def fitted_steps(steps: Sequence[Number], left: Number = LEFT, right: Number = RIGHT) -> Scale:
    """The horizontal axis, without margins: a run begins at its left edge."""
    low, high = min(steps, default=0.0), max(steps, default=1.0)
    low = 0.0 if low < 0.1 * high or low == high else low
    return Scale(low, high if high > low else low + 1, left, right)


def _in_sight(reference: Number, values: Sequence[Number]) -> bool:
    """Whether showing it does not flatten the lines: it is no further from them than three times their range."""
    if not values:
        return True
    low, high = min(values), max(values)
    return low - 3 * (high - low) <= reference <= high + 3 * (high - low) or low == high


def _frame(across: Scale, up: Scale) -> Iterator[Markup]:
    for tick in up.ticks():
        y = up.place(tick)
        yield Markup('<line class="rule" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, RIGHT, y, y)
        yield Markup('<text class="up" x="{}" y="{:.1f}">{}</text>').format(LEFT - 6, y + 4, short(tick))
    for tick in across.ticks():
        x = across.place(tick)
        anchor = "end" if x > RIGHT - 14 else "middle"
        yield Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(x, BOTTOM + 18, anchor, short(tick))


def _drawn(
    line: Line, points: Sequence[tuple[Number, Number]], across: Scale, up: Scale, place: int
) -> Iterator[Markup]:
    style = f"c{line.colour % STYLES}" + (" dashed" if line.dashed else "")
    if line.low:
        edge = [*zip(line.steps, line.high, strict=True), *reversed([*zip(line.steps, line.low, strict=True)])]
        yield Markup('<polygon class="band {}" points="{}"/>').format(style, _places(edge, across, up))
    if len(points) == 1:  # one point makes no line
        (step, value) = points[0]
        dot = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"/>')
        yield dot.format(style, across.place(step), up.place(value))
    elif points:
        yield Markup('<polyline class="line {}" data-line="{}" points="{}"/>').format(
            style, place, _places(thin(points), across, up)
        )


def _places(points: Sequence[tuple[Number, Number]], across: Scale, up: Scale) -> str:
    return " ".join(f"{across.place(step):.1f},{up.place(value):.2f}" for step, value in points)


def thin(points: Sequence[tuple[Number, Number]]) -> list[tuple[Number, Number]]:
    """At most 2 * `BUCKETS` of the points, the lowest and the highest of each bucket."""
    if len(points) <= 2 * BUCKETS:
        return list(points)
    size = len(points) / BUCKETS
    kept = []
    for i in range(BUCKETS):
        bucket = points[int(i * size) : int((i + 1) * size)]
        ends = {min(bucket, key=lambda point: point[1]), max(bucket, key=lambda point: point[1])}
        kept += sorted(ends)
    return kept


def _told_scale(scale: Scale) -> str:
    """What a script needs to read numbers off the drawing."""
    return f"{scale.low} {scale.high} {scale.start} {scale.end} {int(scale.logarithmic)}"


def _told(title: str, lines: Sequence[Line]) -> str:
    """What the drawing shows, for those who cannot see it."""
    told = []
    for line in lines:
        if points := line.points():
            first, last = points[0], points[-1]
            told.append(
                f"{line.label} from {short(first[1])} at step {short(first[0])} to {short(last[1])} at {short(last[0])}"
            )
    return f"{title} over steps: {'; '.join(told) or 'nothing was measured'}"
