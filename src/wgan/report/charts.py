"""The numbers of one or several runs as drawings that explain themselves."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from wgan.language import say, told
from wgan.metrics import better_word
from wgan.views import Line, chart, mean_line, measured, panel_lines, swatch

LogRows = Sequence[dict[str, Any]]


class Entry(NamedTuple):
    """Of a legend: a name with the newest values of its lines, in their order."""

    name: str
    swatch: Markup
    newest: tuple[str, ...]


class Drawing(NamedTuple):
    """A drawing with its texts; the legend has an entry for each run or group, or for each term of a single one."""

    title: str
    what: str
    expect: str
    svg: Markup
    lines: list[Line]
    legend: list[Entry]
    terms: tuple[tuple[Markup, str], ...] = ()
    """What solid and dashed lines are, where runs have several."""


def panels(names: Sequence[str], logs: Sequence[Sequence[LogRows]]) -> list[Drawing]:
    """A drawing for each panel that any run has measured, with all of them in it.

    Each name has the log of a run, or those of the runs of a group: their mean, in a band from the lowest to the
    highest.
    """
    drawings = []
    for panel in measured({term for runs in logs for rows in runs for row in rows for term in row}):
        lines = panel_lines(panel, names, logs)
        title = told(panel.title)
        svg = chart(lines, title, reference=panel.reference, logarithmic=panel.logarithmic)
        terms: tuple[tuple[Markup, str], ...] = ()
        if len(names) > 1 and len(panel.terms) > 1:
            first, *others = panel.terms
            terms = ((_sample(), first), (_sample(dashed=True), ", ".join(others)))
        drawings.append(Drawing(title, told(panel.what), told(panel.expect), svg, lines, legend(names, lines), terms))
    return drawings


def legend(names: Sequence[str], lines: Sequence[Line]) -> list[Entry]:
    """An entry for each name, whose colour and mark its lines share; of one name, an entry for each line."""
    if len(names) == 1:
        return [Entry(line.label, swatch(line.colour, dashed=line.dashed), (line.newest,)) for line in lines]
    entries = []
    for number, name in enumerate(names):
        newest = tuple(line.newest for line in lines if line.colour == number)
        if newest:
            entries.append(Entry(name, swatch(number, marked=True), newest))
    return entries


def _sample(*, dashed: bool = False) -> Markup:
    """A line of no run's colour."""
    return Markup('<i class="plain">{}</i>').format(swatch(0, dashed=dashed))


def metrics_over_time(names: Sequence[str], evaluations: Sequence[Sequence[LogRows]]) -> list[Drawing]:
    """A drawing for each metric that any run has at two steps or more.

    A name with one run has a line with the run's intervals as a band; one with several has the mean of their lines, in
    a band from the lowest to the highest.
    """
    drawings = []
    for metric in dict.fromkeys(
        name for runs in evaluations for rows in runs for row in rows for name in row["metrics"]
    ):
        title = metric.replace("_", " ")
        found = [[_comparable(metric, rows) for rows in runs] for runs in evaluations]
        if max(len(course) for runs in found for course in runs) < 2:
            continue
        labels = names if len(names) > 1 else [title]
        lines = [_line(name, runs, i, len(names) > 1) for i, (name, runs) in enumerate(zip(labels, found, strict=True))]
        lines = [line for line in lines if line.steps]
        newest = [list(course.values())[-1] for runs in found for course in runs if course]
        floors = {result.get("floor") for result in newest}
        floor = floors.pop() if len(floors) == 1 else None
        what = say(
            "Generated samples compared with held-out ones; {better} is better.",
            better=better_word(newest[0].get("better", "")),
        )
        expect = "" if floor is None else say("The line across is the floor: the value of real samples.")
        svg = chart(lines, title, reference=floor)
        drawings.append(Drawing(title, what, expect, svg, lines, legend(labels, lines)))
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


def _line(name: str, runs: Sequence[dict[int, dict[str, Any]]], colour: int, marked: bool) -> Line:
    courses = [[(step, result.get("value")) for step, result in run.items()] for run in runs if run]
    if not courses:
        return Line(name, (), ())
    line = mean_line(name, courses, colour=colour, marked=marked)
    (run, *others) = (run for run in runs if run)
    low, high = ([result.get(key) for result in run.values()] for key in ("low", "high"))
    return line if others or None in (*low, *high) else line._replace(low=low, high=high)
