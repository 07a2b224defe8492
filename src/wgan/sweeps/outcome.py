"""What came of a run: read from its folder, so that it is the same whoever trained it and however often it stopped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from wgan.errors import InputError
from wgan.metrics import Better
from wgan.runs import Run
from wgan.runs.best import best_row
from wgan.runs.doctor import diagnose
from wgan.sweeps.plan import At, Sweep, SweepRun, is_finished

State = Literal["done", "diverged", "unfinished", "not started", "failed"]
SPATIAL, POINTS = "frechet", "energy"
"""What runs are ranked by where nothing is named: distances from held-out reals that every run measures as it trains.

The critic's own distance is none of them: its scale is that of the objective and of the critic.
"""


@dataclass(frozen=True)
class Taken:
    """Which number runs are ranked by."""

    metric: str
    at: At
    evaluated: bool
    """Whether it is one of the run's evaluations, or else of its comparisons, of fewer samples."""

    def of(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        """The row of a run that has it: the last, or the best."""
        return best_row(rows if self.at == "best" else rows[-1:], self.metric)


@dataclass(frozen=True)
class Outcome:
    """One run of the table."""

    name: str
    settings: Mapping[str, Any]
    """What is varied, by dotted key."""
    seed: int
    state: State
    steps: int
    """Of the whole run."""
    step: int | None = None
    """At which its value was taken."""
    value: float | None = None
    floor: float | None = None
    """What real samples have in the place of generated ones."""
    better: Better = "lower"
    fakes: int = 0
    reals: int = 0
    verdict: str | None = None
    others: Mapping[str, float] = field(default_factory=dict)
    """The run's other values in the same row, by metric."""
    failure: str | None = None
    """Why it failed, in this process."""
    trial: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it has a value to be ranked by."""
        return self.state == "done" and self.value is not None


def taken(sweep: Sweep, spatial: bool) -> Taken:
    """Which number the runs of a sweep are ranked by."""
    return Taken(sweep.metric or (SPATIAL if spatial else POINTS), sweep.at, sweep.metric is not None)


def outcome(run: SweepRun, at: Run, settings: Mapping[str, Any], wanted: Taken, failure: str | None = None) -> Outcome:
    """What came of a run in the folder `at`."""
    found = Outcome(run.name, settings, run.seed, "failed" if failure else "unfinished", run.config.training.steps)
    found = replace(found, failure=failure, trial=run.trial)
    if not at.config_file.is_file():
        return found if failure else replace(found, state="not started")
    if at.failure() is not None:
        found = replace(found, state="diverged")
    elif is_finished(at):
        found = replace(found, state="done")
    found = replace(found, steps=at.config.training.steps, verdict=verdict_of(at))
    rows = [row for row in at.evaluations() if row.get("while_training")] if wanted.evaluated else at.comparisons()
    row = wanted.of(rows) if found.state == "done" else None
    return found if row is None else _with_value(found, wanted.metric, row)


def _with_value(found: Outcome, metric: str, row: Mapping[str, Any]) -> Outcome:
    """The outcome with what a row of the run's evaluations or comparisons says."""
    measured = row["metrics"][metric]
    return replace(
        found,
        step=row["step"],
        value=float(measured["value"]),
        floor=measured.get("floor"),
        better=measured.get("better", "lower"),
        fakes=int(measured.get("n") or row.get("fakes") or 0),
        reals=int(row.get("reference") or row.get("reals") or 0),
        others={
            name: one["value"] for name, one in row["metrics"].items() if name != metric and one["value"] is not None
        },
    )


def verdict_of(run: Run) -> str | None:
    """The verdict on a run in one word; None if it cannot be read."""
    try:
        return diagnose(run).verdict.value
    except InputError:
        return None
