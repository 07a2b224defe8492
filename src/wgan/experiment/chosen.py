"""Settings that a run chooses where nobody gives them, and keeps when it is resumed."""

from collections.abc import Set
from typing import Any

from wgan.config import CHOSEN, LENGTHS, RunConfig
from wgan.errors import InputError
from wgan.metrics import METRICS
from wgan.runs import Run
from wgan.system.validation import dotted

WINDOWS = 6
"""A run that a metric may end is so many windows long. Two have to have passed, so that is a third of it."""


def for_stopping(config: RunConfig, given: Set[str]) -> RunConfig:
    """The configuration with what a metric that ends the run needs: the best is kept, and it is measured often enough.

    `given` are the dotted keys that the user gave: they stay.
    """
    if config.stop.metric is None:
        return config
    wanted: dict[str, Any] = {"output.best_by": config.output.best_by or config.stop.metric}
    if config.training.minutes is None:  # else once the steps are known
        wanted["output.evaluate_every"] = evaluations_every(config, config.training.steps)
    return config.choosing({key: value for key, value in wanted.items() if key not in given})


def evaluations_every(config: RunConfig, steps: int) -> int:
    """How often a run of so many steps is evaluated if its metric may end it: never less often than it was."""
    return min(config.output.evaluate_every, max(1, steps // (WINDOWS * config.stop.span)))


def is_open(config: RunConfig) -> bool:
    """Whether it has yet to be measured how many steps a run's minutes are: it was stopped before its first."""
    return config.training.minutes is not None and "training.steps" not in config.chosen


def kept_settings(config: RunConfig, run: Run, given: Set[str]) -> dict[str, Any]:
    """What the run that is there has chosen for itself, and this command leaves open, by dotted key.

    More minutes than it was begun with are more steps of the same speed; without any, it keeps its minutes beside its
    steps. A metric of the user's own is not taken over: only a command may name code.

    Raises:
        InputError: minutes are asked for, and how long the run is was said in steps or epochs.
    """
    if not run.config_file.exists():
        return {}
    had = run.config
    values = dotted(had.model_dump(mode="json"))
    kept = {key: values[key] for key in CHOSEN if key in had.chosen and key not in given}
    if config.stop.metric is not None or kept.get("output.best_by", "") not in METRICS:
        kept.pop("output.best_by", None)  # the best by the metric that ends it now is kept
    if given & {*LENGTHS[:2]}:
        kept.pop("training.steps", None)
    elif config.training.minutes is None:
        if "training.steps" in kept or is_open(had):
            kept |= {"training.epochs": None, "training.minutes": had.training.minutes}
    elif is_open(had):
        pass  # it is measured now
    elif "training.steps" not in kept or had.training.minutes is None:
        raise InputError(
            f"{run.path} is a run of {had.training.steps:,} steps, not of minutes: how it trains depends on its "
            "length. Give it more --steps, choose another folder with --out, or set it aside with --fresh."
        )
    else:
        kept["training.steps"] = max(1, round(had.training.steps * config.training.minutes / had.training.minutes))
    if config.stop.metric is not None and "output.evaluate_every" not in {*kept, *given}:
        kept["output.evaluate_every"] = _more_often(had, config, kept.get("training.steps", config.training.steps))
    return kept


def _more_often(had: RunConfig, config: RunConfig, steps: int) -> int:
    """How often a run of so many steps is evaluated if its metric may end it only from now on.

    What divides the steps between evaluations until now, so that those stay.
    """
    before = had.output.evaluate_every
    wanted = evaluations_every(had.model_copy(update={"stop": config.stop}), steps)
    return next(every for every in range(wanted, before + 1) if before % every == 0)
