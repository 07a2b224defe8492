"""The best step of a run, and what is meant by a step."""

from typing import TYPE_CHECKING, Literal

from wgan.errors import InputError

if TYPE_CHECKING:
    from wgan.runs.run import Run

Step = int | Literal["best"]


def best_step(run: "Run", by: str | None) -> int | None:
    """The step with the best value of a metric, of those evaluated while training.

    Which values are better, the lines say: a metric of the user's own is not imported to ask it.
    """
    if by is None:
        return None
    rows = [row for row in run.evaluations() if row.get("while_training") and by in row["metrics"]]
    known = [(row["metrics"][by], row["step"]) for row in rows if row["metrics"][by]["value"] is not None]
    values = [(-found["value"] if found.get("better") == "higher" else found["value"], step) for found, step in known]
    return min(values, key=lambda found: found[0], default=(None, None))[1]


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
