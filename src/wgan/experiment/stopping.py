"""Whether a run ends before its last step: a function of what it has written, so a resumed run decides the same."""

from collections.abc import Mapping
from typing import Any

from wgan.config import RunConfig
from wgan.diagnosis import MINUTES, Log, Setup, Verdict, examine
from wgan.runs import Run
from wgan.runs.doctor import setup_in
from wgan.training import StopSettings, stalled_since

OVERDUE, SECONDS_OVERDUE = 1.15, 10.0
"""A run with minutes ends once it has trained for so many times them, and for so many seconds more. How many steps fit
was measured before, and other programs may have come since."""


def decision(run: Run, step: int, seconds: float) -> dict[str, Any] | None:
    """What ends the run at this step, after so many seconds of training, as `Run.stopped` gives it.

    None if it goes on. It is asked where `RunConfig.may_stop` says so, once all lines of the step are written.
    """
    minutes = run.config.training.minutes
    if run.config.may_run_out(step) and is_overdue(seconds, minutes):
        return {"step": step, "by": MINUTES, "minutes": minutes, "seconds": round(seconds, 3)}
    if not run.config.may_be_stopped(step):
        return None
    stop, log = run.config.stop, run.log()
    since = _converged_since(stop, setup_in(run), log) if stop.metric is None else _best_since(stop, log)
    return None if since is None else {"step": step, "by": stop.by, "window": stop.span, "since": since}


def is_overdue(seconds: float, minutes: float | None) -> bool:
    """Whether a run has trained for more than its minutes, by more than is within what they promise."""
    return minutes is not None and seconds > max(OVERDUE * 60 * minutes, 60 * minutes + SECONDS_OVERDUE)


def ends_again(found: Mapping[str, Any], config: RunConfig, step: int) -> bool:
    """Whether what ended a run at a step would end it there with this configuration as well."""
    if found["by"] == MINUTES:
        return found["step"] == step and is_overdue(found["seconds"], config.training.minutes)
    stop = config.stop
    return found == {**found, "step": step, "by": stop.by, "window": stop.span}


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
