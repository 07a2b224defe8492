"""Whether a run ends before its last step: a function of what it has written, so a resumed run decides the same."""

from typing import Any

from wgan.diagnosis import Log, Setup, Verdict, examine
from wgan.runs import Run
from wgan.runs.doctor import setup_in
from wgan.training import StopSettings, stalled_since


def decision(run: Run, step: int) -> dict[str, Any] | None:
    """What ends the run at this step, as `Run.stopped` gives it; None if it goes on.

    It is asked where `RunConfig.may_stop` says so, once all lines of the step are written.
    """
    stop, log = run.config.stop, run.log()
    since = _converged_since(stop, setup_in(run), log) if stop.metric is None else _best_since(stop, log)
    return None if since is None else {"step": step, "by": stop.by, "window": stop.span, "since": since}


def _best_since(stop: StopSettings, log: Log) -> int | None:
    """The step of the metric's best value, if those of the last window are no improvement.

    Values that are not finite are left out: a run that makes only those diverges.
    """
    found = [(row, row["metrics"][stop.metric]) for row in log.evaluations if stop.metric in row["metrics"]]
    known = [(row["step"], one) for row, one in found if row.get("while_training") and one["value"] is not None]
    values = [float(-one["value"] if one.get("better") == "higher" else one["value"]) for _, one in known]
    place = stalled_since(values, stop.span)
    return None if place is None else int(known[place][0])


def _converged_since(stop: StopSettings, setup: Setup, log: Log) -> int | None:
    """The first step of the last window of comparisons, if at each of them the verdict was "converged"."""
    steps = [row["step"] for row in log.comparisons][-stop.span :]
    if len(steps) < stop.span:
        return None
    settled = all(examine(setup, log.until(step)).verdict is Verdict.converged for step in reversed(steps))
    return int(steps[0]) if settled else None
