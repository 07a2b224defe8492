"""Numbers of one or several runs as drawings that explain themselves."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from wgan.views import Line, chart, measured, short

Rows = Sequence[dict[str, Any]]


class Key(NamedTuple):
    """A line's name in the legend, with its last value."""

    label: str
    colour: int
    dashed: bool
    newest: str


class Drawn(NamedTuple):
    """A drawing with its words."""

    title: str
    what: str
    expect: str
    svg: Markup
    legend: tuple[Key, ...]


def panels(names: Sequence[str], metrics: Sequence[Rows]) -> list[Drawn]:
    """A drawing for each panel of which any run measured something, all runs in it.

    Of a single run, each term has a colour; of several, each run has one, and a second term is dashed.
    """
    terms = {term for rows in metrics for row in rows for term in row}
    drawn = []
    for panel in measured(terms):
        lines = [
            _line(term, name, rows, place, run, several=len(names) > 1, alone=len(panel.terms) == 1)
            for run, (name, rows) in enumerate(zip(names, metrics, strict=True))
            for place, term in enumerate(panel.terms)
            if any(term in row for row in rows)
        ]
        svg = chart(lines, panel.title, reference=panel.reference, logarithmic=panel.logarithmic)
        drawn.append(Drawn(panel.title, panel.what, panel.expect, svg, legend(lines)))
    return drawn


def _line(term: str, name: str, rows: Rows, place: int, run: int, *, several: bool, alone: bool) -> Line:
    steps, values = [row["step"] for row in rows], [row.get(term) for row in rows]
    if not several:
        return Line(term, steps, values, place)
    return Line(name if alone else f"{name}: {term}", steps, values, run, dashed=place > 0)


def legend(lines: Sequence[Line]) -> tuple[Key, ...]:
    """The lines' names."""
    return tuple(Key(line.label, line.colour, line.dashed, line.newest) for line in lines)


class Cell(NamedTuple):
    """One metric of one run at its newest evaluation, in short."""

    value: str
    interval: str
    floor: str
    step: str


class Metric(NamedTuple):
    """A row of the table of metrics: a cell for each run, None where it was not evaluated."""

    name: str
    better: str
    cells: tuple[Cell | None, ...]


def metrics_table(evaluations: Sequence[Rows]) -> list[Metric]:
    """The newest value of each metric of each run, with its interval and its floor."""
    newest: list[dict[str, tuple[int, dict[str, Any]]]] = [
        {name: (row["step"], found) for row in rows for name, found in row["metrics"].items()} for rows in evaluations
    ]
    return [
        Metric(
            name,
            next(run[name][1].get("better", "") for run in newest if name in run),
            tuple(_cell(*run[name]) if name in run else None for run in newest),
        )
        for name in dict.fromkeys(name for run in newest for name in run)
    ]


def notes(evaluations: Sequence[Rows]) -> list[str]:
    """What to know before reading the newest numbers: which metric saw what of a sample, and the evaluations' notes."""
    newest, seen = [rows[-1] for rows in evaluations if rows], dict[str, dict[str, None]]()
    for row in newest:
        for name, what in row.get("seen_by", {}).items():
            seen.setdefault(what, {})[name.replace("_", " ")] = None
    told = [f"Seen by {', '.join(names)}: {what}." for what, names in seen.items()]
    return list(dict.fromkeys([*told, *(f"Note: {note}." for row in newest for note in row.get("notes", ()))]))


def _cell(step: int, found: dict[str, Any]) -> Cell:
    low, high, floor = found.get("low"), found.get("high"), found.get("floor")
    interval = "" if low is None or high is None else f"{short(low)} to {short(high)}"
    value = "-" if found["value"] is None else short(found["value"])
    return Cell(value, interval, "" if floor is None else short(floor), short(step))


def metrics_over_time(names: Sequence[str], evaluations: Sequence[Rows]) -> list[Drawn]:
    """A drawing for each metric that any run has at two steps or more; the band is its interval, the line its floor."""
    known = dict.fromkeys(name for rows in evaluations for row in rows for name in row["metrics"])
    drawn = []
    for metric in known:
        title = metric.replace("_", " ")
        found = [_comparable(metric, rows) for rows in evaluations]
        if max(len({step for step, _ in run}) for run in found) < 2:
            continue
        labels = names if len(names) > 1 else [title]
        lines = [_metric_line(name, run, i) for i, (name, run) in enumerate(zip(labels, found, strict=True)) if run]
        last = [run[-1][1] for run in found if run]
        floors, better = {one.get("floor") for one in last}, last[0].get("better", "")
        floor = floors.pop() if len(floors) == 1 else None
        what = f"Of generated samples against held-out ones; {better} is better."
        expect = (
            "The line across is the floor: what real samples get against other real ones." if floor is not None else ""
        )
        drawn.append(Drawn(title, what, expect, chart(lines, title, reference=floor), legend(lines)))
    return drawn


def _comparable(metric: str, rows: Rows) -> list[tuple[int, dict[str, Any]]]:
    """A metric's values by step, of evaluations with one number of samples and one choice of them.

    Those from training are such; where there are none, the most that are alike, and of as many the newest. A step that
    was evaluated again has its newest value.
    """
    alike: dict[object, dict[int, dict[str, Any]]] = {}
    training = None
    for row in rows:
        result = row["metrics"].get(metric, {})
        if result.get("value") is not None:
            key = str((row.get("n"), row.get("seed")))
            alike[key] = {**alike.pop(key, {}), row["step"]: result}
            training = key if row.get("while_training") else training
    chosen = alike.get(training) or max(reversed(alike.values()), key=len, default={})
    return sorted(chosen.items())


def _metric_line(name: str, found: Sequence[tuple[int, dict[str, Any]]], colour: int) -> Line:
    steps, values = [step for step, _ in found], [one["value"] for _, one in found]
    bounded = all(one.get("low") is not None and one.get("high") is not None for _, one in found)
    low, high = ([one["low"] for _, one in found], [one["high"] for _, one in found]) if bounded else ([], [])
    return Line(name, steps, values, colour, low=low, high=high)
