"""Settings, ranked: the mean over seeds, how far seeds lie apart, and which settings are told apart at all."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from scipy.special import stdtr

from wgan.metrics import Better
from wgan.sweeps.axes import written
from wgan.sweeps.outcome import Outcome, Taken
from wgan.sweeps.plan import short_names
from wgan.system import html

FEW = 5
"""From so many seeds on, their spread is told as a standard deviation; of fewer, as the lowest and the highest."""
CHANCE = 0.05
"""Where no settings differ, any are told apart in fewer sweeps than this."""


@dataclass(frozen=True)
class Row:
    """One combination of settings, with its runs."""

    settings: Mapping[str, Any]
    runs: tuple[Outcome, ...]
    rank: int | None = None
    """None where no run has a value."""
    apart: bool | None = None
    """Whether it is told apart from the first; None for the first itself, and for what has no rank."""

    @property
    def values(self) -> list[float]:
        return [run.value for run in self.runs if run.counts and run.value is not None]

    @property
    def mean(self) -> float | None:
        return fmean(self.values) if self.values else None

    @property
    def deviation(self) -> float | None:
        """The standard deviation over seeds (n - 1); None for fewer than two."""
        return stdev(self.values) if len(self.values) > 1 else None

    @property
    def lost(self) -> int:
        """Runs that have ended, or failed, without a value."""
        return sum(run.state not in ("unfinished", "not started") and not run.counts for run in self.runs)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many runs have each verdict; one that did not end counts as what it is."""
        words = (run.verdict if run.state in ("done", "diverged") else run.state for run in self.runs)
        return dict(Counter(word or "unknown" for word in words).most_common())

    def spread(self) -> str:
        """How far the seeds lie apart, in words and numbers that fit a table."""
        if self.deviation is None:
            return ""
        if len(self.values) >= FEW:
            return f"± {number(self.deviation)}"
        return f"{number(min(self.values))}..{number(max(self.values))}"


@dataclass(frozen=True)
class Table:
    """The runs of a sweep, ranked. In a notebook it shows itself as the command prints it."""

    folder: Path
    taken: Taken
    better: Better
    keys: tuple[str, ...]
    """The settings that are varied, by dotted key."""
    rows: tuple[Row, ...]

    @cached_property
    def names(self) -> dict[str, str]:
        """What the settings are called in the table."""
        return short_names(self.keys)

    @property
    def runs(self) -> list[Outcome]:
        return [run for row in self.rows for run in row.runs]

    @property
    def best(self) -> Row | None:
        """The first; None if no run has a value."""
        return self.rows[0] if self.rows and self.rows[0].rank == 1 else None

    @property
    def seeds(self) -> int:
        """The most seeds that a combination has values of."""
        return max((len(row.values) for row in self.rows), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, as in results.json."""
        return {
            "metric": self.taken.metric,
            "from": "evaluations" if self.taken.evaluated else "comparisons",
            "at": self.taken.at,
            "better": self.better,
            "rows": [
                {
                    "rank": row.rank,
                    "settings": dict(row.settings),
                    "mean": row.mean,
                    "deviation": row.deviation,
                    "apart_from_first": row.apart,
                    "runs": [
                        {key: value for key, value in asdict(run).items() if key != "settings"} for run in row.runs
                    ],
                }
                for row in self.rows
            ],
        }

    def to_csv(self) -> str:
        """One line for each combination; numbers in full."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        metric, special = self.taken.metric, ("deviation", "lowest", "highest", "told_apart_from_first", "verdicts")
        writer.writerow(("rank", *self.keys, f"mean_{metric}", *special, "with_value", "runs"))
        for row in self.rows:
            values = row.values
            ends = (min(values), max(values)) if values else ("", "")
            verdicts = "; ".join(f"{count} {word}" for word, count in row.outcomes.items())
            settings = (written(row.settings[key]) for key in self.keys)
            told = "" if row.apart is None else ("no", "yes")[row.apart]
            numbers = ("" if one is None else repr(one) for one in (row.mean, row.deviation, *ends))
            writer.writerow((row.rank or "", *settings, *numbers, told, verdicts, len(values), len(row.runs)))
        return file.getvalue()

    @html.shown
    def _repr_html_(self) -> str:
        from wgan.sweeps.words import table_html

        return table_html(self)


def ranked(folder: Path, taken: Taken, keys: Sequence[str], outcomes: Iterable[Outcome]) -> Table:
    """The table of runs that are known, whatever their order.

    First come the combinations of which no run failed, then those of which one did, and so on, since a mean over the
    runs that were lucky says less; among them, the better mean comes first.
    """
    grouped: dict[tuple[str, ...], list[Outcome]] = {}
    for run in outcomes:
        grouped.setdefault(tuple(written(run.settings[key]) for key in keys), []).append(run)
    rows = [Row(runs[0].settings, tuple(sorted(runs, key=lambda run: run.seed))) for runs in grouped.values()]
    better: Better = next((run.better for row in rows for run in row.runs if run.counts), "lower")

    def place(row: Row) -> tuple[bool, int, float, list[str]]:
        mean = row.mean if row.mean is not None else math.inf
        signed = -mean if better == "higher" and row.values else mean
        return not row.values, row.lost, signed, [written(row.settings[key]) for key in keys]

    ordered = sorted(rows, key=place)
    first = ordered[0] if ordered and ordered[0].values else None
    others = [row for row in ordered[1:] if row.values]
    told = [] if first is None else told_apart(first.values, [row.values for row in others])
    apart = {id(row): one for row, one in zip(others, told, strict=True)}
    numbered = [
        Row(
            row.settings,
            row.runs,
            rank=place if row.values else None,
            apart=apart.get(id(row)),
        )
        for place, row in enumerate(ordered, 1)
    ]
    return Table(folder, taken, better, tuple(keys), tuple(numbered))


def told_apart(best: Sequence[float], others: Sequence[Sequence[float]]) -> list[bool]:
    """Of which others the best has a mean that differs by more than seeds do.

    Two things have to hold: the means differ by more than the standard deviation of seeds (pooled: of both about their
    own means), and by more than chance, by Student's t-tests at 5% for all together. The best was chosen because it is
    the best, so the correction is Holm's over all pairs of settings, any of which could have been compared. From one
    seed nothing follows.
    """
    tested = [number for number, other in enumerate(others) if min(len(best), len(other)) > 1]
    found = {number: _difference(best, others[number]) for number in tested}
    left, told = len(tested) * (len(tested) + 1) // 2, [False] * len(others)
    for number in sorted(tested, key=lambda number: found[number][0]):
        chance, beyond = found[number]
        if chance >= CHANCE / left:
            break
        told[number], left = beyond, left - 1
    return told


def _difference(one: Sequence[float], other: Sequence[float]) -> tuple[float, bool]:
    """How often means differ as much by chance, and whether they differ by more than the deviation of seeds."""
    apart, freedom = abs(fmean(one) - fmean(other)), len(one) + len(other) - 2
    pooled = sum((len(values) - 1) * stdev(values) ** 2 for values in (one, other)) / freedom
    if pooled == 0:
        return (0.0, True) if apart > 0 else (1.0, False)
    statistic = apart / math.sqrt(pooled * (1 / len(one) + 1 / len(other)))
    return 2 * float(stdtr(freedom, -statistic)), apart > math.sqrt(pooled)


def number(value: float) -> str:
    """Four digits that count."""
    return f"{value:.4g}"
