"""The best step of a run, and what is meant by a step."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from wgan.errors import InputError

if TYPE_CHECKING:
    from wgan.runs.run import Run

Step = int | Literal["best"]
Row = dict[str, Any]
"""A line of the evaluations or the comparisons of a run."""


def best_row(rows: Sequence[Row], metric: str) -> Row | None:
    """The first of the lines with the best value of a metric; None if none has one."""
    known = [row for row in rows if row["metrics"].get(metric, {}).get("value") is not None]

    def badness(row: Row) -> float:
        found = row["metrics"][metric]
        return float(-found["value"] if found.get("better") == "higher" else found["value"])

    return min(known, key=badness, default=None)


def best_step(run: "Run", by: str | None) -> int | None:
    """The step with the best value of a metric, of those evaluated while training.

    Which values are better, the lines say: a metric of the user's own is not imported to ask it.
    """
    if by is None:
        return None
    best = best_row([row for row in run.evaluations() if row.get("while_training")], by)
    return None if best is None else int(best["step"])


def step_of(run: "Run", step: Step) -> int:
    """A step as a number, where it may be the "best" one.

    Raises:
        InputError: the run does not say which is the best, or has no checkpoint of it any more.
    """
    if step != "best":
        return step
    by = run.config.output.best_by
    if by is None:
        raise InputError(
            f"{run.path} has no best step: it was trained without output.best_by. Train with --metrics, or with --set "
            "output.best_by=METRIC; or name a step."
        )
    found, kept = best_step(run, by), run.checkpoints()
    if found is None:
        raise InputError(f"{run.path} has no best step: {by} was not evaluated while it trained. Name a step.")
    if found not in kept:
        there = ", ".join(map(str, kept)) or "none"
        raise InputError(f"{run.path} has no checkpoint of step {found:,}, the best by {by}. There are: {there}.")
    return found
