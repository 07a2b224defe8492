"""The metrics of runs, and of groups of runs, as the texts of tables."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wgan.diagnosis import Diagnosis
from wgan.language import say
from wgan.views import short

LogRows = Sequence[dict[str, Any]]


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
    newest = [_newest(rows) for rows in evaluations]
    return [
        MetricRow(
            name,
            next(run[name][1].get("better", "") for run in newest if name in run),
            tuple(_cell(*run[name]) if name in run else None for run in newest),
        )
        for name in dict.fromkeys(name for run in newest for name in run)
    ]


def _newest(rows: LogRows) -> dict[str, tuple[int, dict[str, Any]]]:
    """The step and the result of each metric where it was last evaluated."""
    return {name: (row["step"], result) for row in rows for name, result in row["metrics"].items()}


def _cell(step: int, result: dict[str, Any]) -> Cell:
    low, high, floor = result.get("low"), result.get("high"), result.get("floor")
    interval = "" if low is None or high is None else say("{low} to {high}", low=short(low), high=short(high))
    value = "-" if result["value"] is None else short(result["value"])
    return Cell(value, interval, "" if floor is None else short(floor), short(step))


class Overview(NamedTuple):
    """What a group of runs came to."""

    verdicts: tuple[tuple[Diagnosis, int], ...]
    """A diagnosis with each verdict, and how many runs have it, the most frequent first."""
    steps: str
    """That of its runs, or the least and the most."""


def overview(groups: Sequence[Sequence[Mapping[str, Any]]]) -> list[Overview]:
    """A row for each group, from the facts of its runs."""
    return [_overview([run["diagnosis"] for run in runs]) for runs in groups]


def _overview(found: Sequence[Diagnosis]) -> Overview:
    first = {one.verdict: one for one in reversed(found)}
    counts = Counter(one.verdict for one in found).most_common()
    least, most = min(one.step for one in found), max(one.step for one in found)
    steps = f"{least:,}" if least == most else say("{low} to {high}", low=f"{least:,}", high=f"{most:,}")
    return Overview(tuple((first[verdict], count) for verdict, count in counts), steps)


def notes(evaluations: Sequence[LogRows]) -> list[str]:
    """What each metric saw of a sample in the newest evaluations, and their notes."""
    newest, seen = [rows[-1] for rows in evaluations if rows], dict[str, dict[str, None]]()
    for row in newest:
        for name, what in row.get("seen_by", {}).items():
            seen.setdefault(what, {})[name.replace("_", " ")] = None
    found = [say("Seen by {names}: {what}.", names=", ".join(names), what=what) for what, names in seen.items()]
    noted = [say("Note: {text}.", text=note) for row in newest for note in row.get("notes", ())]
    return list(dict.fromkeys([*found, *noted]))


class Spread(NamedTuple):
    """The newest values of one metric in the runs of a group, as texts."""

    mean: str
    spread: str
    """Their standard deviation; empty of a single one."""
    ends: str
    """The lowest and the highest."""
    known: int
    """How many there are."""
    floor: str
    of: str
    """On how many generated samples, and at which step or steps."""


class SpreadRow(NamedTuple):
    """A row of the table of groups: a cell for each, None where none of its runs was evaluated."""

    name: str
    better: str
    cells: tuple[Spread | None, ...]


def spread_table(groups: Sequence[Sequence[LogRows]]) -> list[SpreadRow]:
    """The mean and the standard deviation (that of a sample: n - 1) of each metric over the runs of each group.

    They are of the newest values that are comparable: of the same number of samples, and drawn with the same seed.
    """
    every = [row for runs in groups for rows in runs for row in rows]
    better = {name: result.get("better", "") for row in reversed(every) for name, result in row["metrics"].items()}
    names = dict.fromkeys(name for row in every for name in row["metrics"])
    return [
        SpreadRow(name, better[name], tuple(_spread(*_comparable(name, runs)) for runs in groups)) for name in names
    ]


def _comparable(name: str, runs: Sequence[LogRows]) -> tuple[int | None, list[tuple[int, dict[str, Any]]]]:
    """A number of samples, and the newest step and result of each run with that many and the same seed.

    It is the number that most runs have, and of several the largest.
    """
    kinds: dict[tuple[int | None, Any], dict[int, tuple[int, dict[str, Any]]]] = {}
    for place, rows in enumerate(runs):
        for row in rows:
            if (result := row["metrics"].get(name)) is not None:
                fakes = result.get("n", row.get("n", row.get("fakes")))
                kinds.setdefault((fakes, row.get("seed")), {})[place] = row["step"], result
    if not kinds:
        return None, []
    (fakes, _), chosen = max(kinds.items(), key=lambda kind: (len(kind[1]), kind[0][0] or 0))
    return fakes, list(chosen.values())


def _of(fakes: int | None, steps: Sequence[int]) -> str:
    least, most = f"{min(steps):,}", f"{max(steps):,}"
    at = least if least == most else say("{low} to {high}", low=least, high=most)
    return say("step {step}", step=at) if fakes is None else say("{n:,} samples, step {step}", n=fakes, step=at)


def _spread(fakes: int | None, found: Sequence[tuple[int, dict[str, Any]]]) -> Spread | None:
    known = [(step, result) for step, result in found if result["value"] is not None]
    if not known:
        return None
    results = [result for _, result in known]
    values = [result["value"] for result in results]
    floors = {result.get("floor") for result in results}
    floor = floors.pop() if len(floors) == 1 else None
    mean = math.fsum(value / len(values) for value in values)
    several = len(values) > 1
    ends = say("{low} to {high}", low=short(min(values)), high=short(max(values))) if several else ""
    spread = short(_deviation(values, mean)) if several else ""
    return Spread(
        short(mean),
        spread,
        ends,
        len(values),
        "" if floor is None else short(floor),
        _of(fakes, [step for step, _ in known]),
    )


def _deviation(values: Sequence[float], mean: float) -> float:
    """Of a sample, from however large numbers."""
    return math.hypot(*(value - mean for value in values)) / math.sqrt(len(values) - 1)
