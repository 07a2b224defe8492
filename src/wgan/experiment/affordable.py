"""A folder of pictures at a size and a length that this machine does within an hour or so, where nobody names them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wgan.config import LENGTHS, RunConfig
from wgan.data import Beside, no_progress
from wgan.diagnosis import Wiring
from wgan.errors import InputError
from wgan.experiment.alternatives import half_of, seconds_at, size_option
from wgan.experiment.plan import NO_PARTS, Parts, Plan, asking_for, choose, default_out, kind_of_device, plan
from wgan.recipes.suggest import Reasons
from wgan.runs import Run
from wgan.training import launched_together
from wgan.types import Progress
from wgan.views import in_time

TOO_LONG = 5400.0
"""Seconds. A run that nobody gave a size or a length takes no longer than about this on a CPU."""
MINUTES = 60.0
"""The length that is chosen where half the size would take too long as well."""


def affordable_plan(
    data: Any = None,
    *,
    recipe: str | None = None,
    parts: Parts = NO_PARTS,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    beside: Sequence[Beside] = (),
    fresh: bool = False,
    progress: Progress = no_progress,
) -> Plan:
    """`plan`, of a folder of pictures at a size and a length that suit this machine, where neither is given.

    The run that is there keeps its size, whatever the machine does now.
    """
    own, why = dict(asking_for(beside, settings or {})), Reasons()
    if recipe is None and parts == NO_PARTS:
        chosen, why = affordable(data, own, out, beside=beside, fresh=fresh, progress=progress)
        own |= chosen
    found = plan(data, recipe=recipe, parts=parts, out=out, settings=own, beside=beside, fresh=fresh, progress=progress)
    return replace(found, why=(*found.why, *why))


def affordable(
    data: Any,
    settings: Mapping[str, Any],
    out: str | Path | None = None,
    *,
    beside: Sequence[Beside] = (),
    fresh: bool = False,
    progress: Progress = no_progress,
) -> tuple[dict[str, Any], Reasons]:
    """What a run of `data` chooses here beside the `settings`, by dotted key, and why.

    Nothing where they name a size, for data that are no folder, on a GPU, or for a run in several processes.

    Raises:
        InputError: the data cannot be read, or a setting is unknown or out of range.
    """
    if settings.get("data.size") is not None or not _is_folder(data):
        return {}, ()
    config, source, _ = choose(data, None, settings, progress, beside)
    run = Run(Path(out or default_out(config, source.name)))
    if run.config_file.exists() and not fresh:
        had = run.config
        other = had.recipe == config.recipe and had.data.size != config.data.size
        return {"data.size": had.data.size} if other else {}, ()
    named = any(settings.get(key) is not None for key in LENGTHS)
    return ({}, ()) if named or launched_together() or kind_of_device(settings) != "cpu" else fitting(config)


def _is_folder(data: Any) -> bool:
    return isinstance(data, str | Path) and Path(data).expanduser().is_dir()


def fitting(config: RunConfig) -> tuple[dict[str, Any], Reasons]:
    """The settings, by dotted key, with which a run ends within about an hour here, and why; nothing if it does anyway.

    Half the size comes first: pictures of half the size from a whole run are better than larger ones from a part of it.
    """
    size, steps = config.data.size, config.training.steps
    smaller = half_of(size)
    if size is None or smaller is None:
        return {}, ()
    try:
        expected = steps * seconds_at(config, size, config.objective, Wiring())
        if expected <= TOO_LONG:
            return {}, ()
        less = steps * seconds_at(config, smaller, config.objective, Wiring())
    except (InputError, ValueError, RuntimeError):  # what is wrong is said where the run is built
        return {}, ()
    (high, wide), (height, width) = size, smaller
    larger = size_option((high, wide))
    why = f"{high}x{wide} would take about {in_time(expected)} here, so {height}x{width} ({larger} for more)"
    if less <= TOO_LONG:
        return {"data.size": smaller}, (why,)
    whole = f"{size_option(smaller)} --steps {steps}"
    part = f"of the recipe's {steps:,} steps, as many as fit into an hour ({whole} for all)"
    return {"data.size": smaller, "training.minutes": MINUTES}, (why, part)
