"""Lines over training steps: what curves.png and the report's drawings have in common."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wgan.types import T
from wgan.views.panels import Panel
from wgan.views.scale import Number, Scale, fitted, short

BUCKETS, FEWEST_BUCKETS = 150, 40
"""A line has at most two points per bucket, the lowest and the highest, so that spikes survive."""
SHARED_BUCKETS = 900
"""Of all lines of a drawing together: the more there are, the less of one can be seen."""
STYLES = 6
"""The number of line colours."""

Point = tuple[Number, Number]
Rows = Sequence[Mapping[str, Any]]
"""The lines of a log."""


class Line(NamedTuple):
    """`values` at `steps`, None where there is none; `low` and `high` bound a band around them where both are known."""

    label: str
    steps: Sequence[Number]
    values: Sequence[Number | None]
    colour: int = 0
    dashed: bool = False
    low: Sequence[Number | None] = ()
    high: Sequence[Number | None] = ()
    marked: bool = False
    """Whether it has marks that tell it from others, as its colour does."""

    def points(self) -> list[Point]:
        return [(s, v) for s, v in zip(self.steps, self.values, strict=True) if v is not None and math.isfinite(v)]

    def thinned(self, buckets: int = BUCKETS) -> list[Point]:
        """At most 2 * `buckets` of the points, the lowest and the highest of each bucket."""
        kept: list[Point] = []
        for bucket in _buckets(self.points(), buckets):
            ends = {min(bucket, key=lambda point: point[1]), max(bucket, key=lambda point: point[1])}
            kept += sorted(ends) if len(bucket) > 1 else bucket
        return kept

    def band(self, buckets: int = BUCKETS) -> list[list[tuple[Number, Number, Number]]]:
        """The pieces of the band as (step, low, high), in each bucket as wide as it is anywhere in it."""
        pieces: list[list[tuple[Number, Number, Number]]] = [[]]
        for step, low, high in zip(self.steps, self.low, self.high, strict=False):
            if low is None or high is None:
                pieces.append([])
            else:
                pieces[-1].append((step, low, high))
        return [_widest(piece, buckets) for piece in pieces if piece]

    @property
    def newest(self) -> str:
        """The last value in short; empty if there is none."""
        known = [value for value in self.values if value is not None]
        return short(known[-1]) if known else ""


def _buckets(items: Sequence[T], buckets: int) -> Iterator[Sequence[T]]:
    """The items in order, in so many parts of about the same size; one by one if they are few."""
    if len(items) <= 2 * buckets:
        yield from ([item] for item in items)
        return
    size = len(items) / buckets
    for i in range(buckets):
        yield items[int(i * size) : int((i + 1) * size)]


def _widest(piece: list[tuple[Number, Number, Number]], buckets: int) -> list[tuple[Number, Number, Number]]:
    found = []
    for bucket in _buckets(piece, buckets):
        low, high = min(low for _, low, _ in bucket), max(high for _, _, high in bucket)
        found += [(step, low, high) for step in dict.fromkeys((bucket[0][0], bucket[-1][0]))]
    return found


def _finite_steps(course: Sequence[tuple[Number, Number | None]]) -> list[Number]:
    return [step for step, value in course if value is not None and math.isfinite(value)]


def mean_line(label: str, courses: Sequence[Sequence[tuple[Number, Number | None]]], **style: Any) -> Line:
    """The mean of several courses, each (step, value), in a band from the lowest to the highest of them.

    The mean at a step is of those that have a finite value there. The band is where two or more have. Both end at the
    last step that all have, since a mean jumps where one of the courses ends. A single course is a line as it is.
    """
    if len(courses) == 1:
        return Line(label, [step for step, _ in courses[0]], [value for _, value in courses[0]], **style)
    found: dict[Number, list[Number]] = {}
    for course in courses:
        for step, value in dict(course).items():
            if value is not None and math.isfinite(value):
                found.setdefault(step, []).append(value)
    ends = [max(known) for course in courses if (known := _finite_steps(course))]
    of_all = [step for step, values in found.items() if len(values) == len(ends)]
    end = max(of_all) if of_all else min(ends, default=0)
    steps = [step for step in sorted(found) if step <= end]
    low, high = ([end(found[step]) if len(found[step]) > 1 else None for step in steps] for end in (min, max))
    means = [math.fsum(value / len(found[step]) for value in found[step]) for step in steps]
    return Line(label, steps, means, low=low, high=high, **style)


def panel_lines(panel: Panel, names: Sequence[str], logs: Sequence[Sequence[Rows]]) -> list[Line]:
    """The lines of a panel. Each name has the log of a run, or those of several, whose mean is drawn in their band.

    With one name each term has a colour. With several each name has one, and terms after the first are dashed.
    """
    lines = []
    for number, (name, runs) in enumerate(zip(names, logs, strict=True)):
        for place, term in enumerate(panel.terms):
            courses = [
                [(row["step"], row.get(term)) for row in rows] for rows in runs if any(term in row for row in rows)
            ]
            if not courses:
                continue
            if len(names) == 1:
                lines.append(mean_line(term, courses, colour=place))
            else:
                label = name if len(panel.terms) == 1 else f"{name}: {term}"
                lines.append(mean_line(label, courses, colour=number, dashed=place > 0, marked=True))
    return lines


class Axes(NamedTuple):
    """Where steps and values are in a drawing. `reference` is the value of the line across, None for no line."""

    across: Scale
    up: Scale
    reference: Number | None

    def place(self, step: Number, value: Number) -> Point:
        """The distance from the left and from the top."""
        return self.across.place(step), self.up.place(value)

    def places(self, line: Line, buckets: int = BUCKETS) -> list[Point]:
        """The points to connect for a line; a single one is a dot."""
        return [self.place(*point) for point in line.thinned(buckets)]


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
    values += [value for line in lines for value in (*line.low, *line.high) if value is not None]
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
