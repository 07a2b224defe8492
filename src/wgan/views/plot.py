"""Lines over training steps: what curves.png and the report's drawings have in common."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wgan.views.panels import Panel
from wgan.views.scale import Number, Scale, fitted, short

BUCKETS = 150
"""A line has at most two points per bucket, the lowest and the highest, so that spikes survive."""
STYLES = 6
"""The number of line colours."""

Point = tuple[Number, Number]


class Line(NamedTuple):
    """`values` at `steps`, None where there is none; `low` and `high` bound a band around them."""

    label: str
    steps: Sequence[Number]
    values: Sequence[Number | None]
    colour: int = 0
    dashed: bool = False
    low: Sequence[Number] = ()
    high: Sequence[Number] = ()

    def points(self) -> list[Point]:
        return [(s, v) for s, v in zip(self.steps, self.values, strict=True) if v is not None and math.isfinite(v)]

    def thinned(self) -> list[Point]:
        """At most 2 * `BUCKETS` of the points, the lowest and the highest of each bucket."""
        points = self.points()
        if len(points) <= 2 * BUCKETS:
            return points
        size = len(points) / BUCKETS
        kept = []
        for i in range(BUCKETS):
            bucket = points[int(i * size) : int((i + 1) * size)]
            ends = {min(bucket, key=lambda point: point[1]), max(bucket, key=lambda point: point[1])}
            kept += sorted(ends)
        return kept

    @property
    def newest(self) -> str:
        """The last value in short; empty if there is none."""
        known = [value for value in self.values if value is not None]
        return short(known[-1]) if known else ""


def panel_lines(panel: Panel, names: Sequence[str], metrics: Sequence[Sequence[Mapping[str, Any]]]) -> list[Line]:
    """The lines of a panel from the log rows of some runs.

    With one run each term has a colour. With several each run has one, and terms after the first are dashed.
    """
    lines = []
    for run, (name, rows) in enumerate(zip(names, metrics, strict=True)):
        steps = [row["step"] for row in rows]
        for place, term in enumerate(panel.terms):
            values = [row.get(term) for row in rows]
            if not any(term in row for row in rows):
                continue
            if len(names) == 1:
                lines.append(Line(term, steps, values, place))
            else:
                label = name if len(panel.terms) == 1 else f"{name}: {term}"
                lines.append(Line(label, steps, values, run, dashed=place > 0))
    return lines


class Axes(NamedTuple):
    """Where steps and values are in a drawing. `reference` is the value of the line across, None for no line."""

    across: Scale
    up: Scale
    reference: Number | None

    def place(self, step: Number, value: Number) -> Point:
        """The distance from the left and from the top."""
        return self.across.place(step), self.up.place(value)

    def places(self, line: Line) -> list[Point]:
        """The points to connect for a line; a single one is a dot."""
        return [self.place(*point) for point in line.thinned()]


def fitted_axes(
    lines: Sequence[Line],
    frame: tuple[Number, Number, Number, Number],
    *,
    reference: Number | None = None,
    logarithmic: bool = False,
) -> Axes:
    """Axes for lines in a frame (left, right, top, bottom).

    The reference is left out where it would flatten the lines: further away than three times their range.
    """
    left, right, top, bottom = frame
    points = [point for line in lines for point in line.points()]
    values = [value for _, value in points]
    values += [value for line in lines for value in (*line.low, *line.high)]
    if reference is not None and values:
        low, high = min(values), max(values)
        if low != high and not low - 3 * (high - low) <= reference <= high + 3 * (high - low):
            reference = None
    values += [] if reference is None else [reference]
    steps = [step for step, _ in points]
    first, last = min(steps, default=0.0), max(steps, default=1.0)
    if first < 0.1 * last or first == last:
        first = 0.0
    across = Scale(first, last if last > first else first + 1, left, right)  # no margins: a run starts at the left edge
    return Axes(across, fitted(values, bottom, top, logarithmic=logarithmic), reference)
