"""The numbers of one or several runs as drawings and a table that explain themselves."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from wgan.language import say, told
from wgan.metrics import better_word
from wgan.views import Line, chart, measured, panel_lines, short

LogRows = Sequence[dict[str, Any]]


class Drawing(NamedTuple):
    """A drawing with its texts; the legend shows the lines."""

    title: str
    what: str
    expect: str
    svg: Markup
    lines: list[Line]


def panels(names: Sequence[str], metrics: Sequence[LogRows]) -> list[Drawing]:
    """A drawing for each panel that any run has measured, with all runs in it."""
    drawings = []
    for panel in measured({term for rows in metrics for row in rows for term in row}):
        lines = panel_lines(panel, names, metrics)
        title = told(panel.title)
        svg = chart(lines, title, reference=panel.reference, logarithmic=panel.logarithmic)
        drawings.append(Drawing(title, told(panel.what), told(panel.expect), svg, lines))
    return drawings


class Cell(NamedTuple):
    """The newest value of one metric of one run, as texts."""

    value: str
    interval: str
    floor: str
    step: str


class MetricRow(NamedTuple):
    """A row of the table of metrics: a cell for each run, None where it was not evaluated."""

    name: str
    better: str
    cells: tuple[Cell | None, ...]


def metrics_table(evaluations: Sequence[LogRows]) -> list[MetricRow]:
    """The newest value of each metric of each run, with its interval and its floor."""
    newest: list[dict[str, tuple[int, dict[str, Any]]]] = [
        {name: (row["step"], result) for row in rows for name, result in row["metrics"].items()} for rows in evaluations
    ]
    return [
        MetricRow(
            name,
            next(run[name][1].get("better", "") for run in newest if name in run),
            tuple(_cell(*run[name]) if name in run else None for run in newest),
        )
        for name in dict.fromkeys(name for run in newest for name in run)
    ]


def _cell(step: int, result: dict[str, Any]) -> Cell:
    low, high, floor = result.get("low"), result.get("high"), result.get("floor")
    interval = "" if low is None or high is None else say("{low} to {high}", low=short(low), high=short(high))
    value = "-" if result["value"] is None else short(result["value"])
    return Cell(value, interval, "" if floor is None else short(floor), short(step))


def notes(evaluations: Sequence[LogRows]) -> list[str]:
    """What each metric saw of a sample in the newest evaluations, and their notes."""
    newest, seen = [rows[-1] for rows in evaluations if rows], dict[str, dict[str, None]]()
    for row in newest:
        for name, what in row.get("seen_by", {}).items():
            seen.setdefault(what, {})[name.replace("_", " ")] = None
    found = [say("Seen by {names}: {what}.", names=", ".join(names), what=what) for what, names in seen.items()]
    noted = [say("Note: {text}.", text=note) for row in newest for note in row.get("notes", ())]
    return list(dict.fromkeys([*found, *noted]))


def metrics_over_time(names: Sequence[str], evaluations: Sequence[LogRows]) -> list[Drawing]:
    """A drawing for each metric that any run has at two steps or more, with its interval as a band."""
    drawings = []
    for metric in dict.fromkeys(name for rows in evaluations for row in rows for name in row["metrics"]):
        title = metric.replace("_", " ")
        found = [_comparable(metric, rows) for rows in evaluations]
        if max(map(len, found)) < 2:
            continue
        labels = names if len(names) > 1 else [title]
        lines = [_line(name, run, i) for i, (name, run) in enumerate(zip(labels, found, strict=True)) if run]
        newest = [list(run.values())[-1] for run in found if run]
        floors = {result.get("floor") for result in newest}
        floor = floors.pop() if len(floors) == 1 else None
        what = say(
            "Generated samples compared with held-out ones; {better} is better.",
            better=better_word(newest[0].get("better", "")),
        )
        expect = "" if floor is None else say("The line across is the floor: the value of real samples.")
        drawings.append(Drawing(title, what, expect, chart(lines, title, reference=floor), lines))
    return drawings


def _comparable(metric: str, rows: LogRows) -> dict[int, dict[str, Any]]:
    """A metric's results by step, in order, from evaluations with the same number of samples and the same seed.

    These are the evaluations from training, or else the largest group, and of equal ones the newest. Of several
    results at a step, the newest counts.
    """
    groups: dict[object, dict[int, dict[str, Any]]] = {}
    training = None
    for row in rows:
        result = row["metrics"].get(metric, {})
        if result.get("value") is not None:
            key = str((row.get("n"), row.get("seed")))
            groups[key] = {**groups.pop(key, {}), row["step"]: result}
            training = key if row.get("while_training") else training
    chosen = groups.get(training) or max(reversed(groups.values()), key=len, default={})
    return dict(sorted(chosen.items()))


def _line(name: str, results: dict[int, dict[str, Any]], colour: int) -> Line:
    columns: list[list[Any]] = [[result.get(key) for result in results.values()] for key in ("value", "low", "high")]
    values, low, high = columns
    line = Line(name, list(results), values, colour)
    return line if None in (*low, *high) else line._replace(low=low, high=high)
