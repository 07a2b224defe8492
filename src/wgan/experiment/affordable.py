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
from wgan.experiment.plan import NO_PARTS, Parts, Plan, choose, default_out, plan
from wgan.runs import Run
from wgan.training import choose_device, launched_together
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
    own, why = dict(settings or {}), ""
    if recipe is None and _is_folder(data) and parts == NO_PARTS and own.get("data.size") is None:
        config, source, _ = choose(data, None, own, progress, beside)
        run = Run(Path(out or default_out(config, source.name)))
        if run.config_file.exists() and not fresh:
            if run.config.recipe == config.recipe and run.config.data.size != config.data.size:
                own["data.size"] = run.config.data.size
        else:
            chosen, why = affordable(data, config, own)
            own |= chosen
    found = plan(data, recipe=recipe, parts=parts, out=out, settings=own, beside=beside, fresh=fresh, progress=progress)
    return replace(found, why=f"{found.why}; {why}") if why else found


def affordable(data: Any, config: RunConfig, settings: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What a run of `data` with the suggested `config` chooses here, by dotted key, and why.

    Nothing beside `settings` that name a size or a length, on a GPU, or for data that are no folder.
    """
    named = any(settings.get(key) is not None for key in ("data.size", *LENGTHS))
    if named or not _is_folder(data) or launched_together() or choose_device(config.device).type != "cpu":
        return {}, ""
    return fitting(config)


def _is_folder(data: Any) -> bool:
    return isinstance(data, str | Path) and Path(data).expanduser().is_dir()


def fitting(config: RunConfig) -> tuple[dict[str, Any], str]:
    """The settings, by dotted key, with which a run ends within about an hour here, and why; nothing if it does anyway.

    Half the size comes first: pictures of half the size from a whole run are better than larger ones from a part of it.
    """
    size, steps = config.data.size, config.training.steps
    smaller = half_of(size)
    if size is None or smaller is None:
        return {}, ""
    try:
        expected = steps * seconds_at(config, size, config.objective, Wiring())
        if expected <= TOO_LONG:
            return {}, ""
        less = steps * seconds_at(config, smaller, config.objective, Wiring())
    except (InputError, ValueError, RuntimeError):  # what is wrong is said where the run is built
        return {}, ""
    (high, wide), (height, width) = size, smaller
    larger = size_option((high, wide))
    why = f"{high}x{wide} would take about {in_time(expected)} here, so {height}x{width} ({larger} for more)"
    chosen: dict[str, Any] = {"data.size": smaller}
    if less > TOO_LONG:
        chosen["training.minutes"] = MINUTES
        why += f"; of its {steps:,} steps, as many as fit into an hour (--steps {steps} for all)"
    return chosen, why
