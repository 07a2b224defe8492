"""sweep.toml: what a sweep is, on disk before its first run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from wgan.errors import InputError
from wgan.sweeps.axes import written
from wgan.sweeps.plan import Planner, Sweep, SweepRun, with_seed
from wgan.system.files import write_text
from wgan.system.limits import read_text
from wgan.system.validation import checked, toml_values

FILE = "sweep.toml"
LOGS = "logs"
"""The folder, beside those of the runs, with what their processes print."""


@dataclass(frozen=True)
class RecordedRun:
    """A run as sweep.toml has it."""

    name: str
    seed: int
    settings: dict[str, Any]
    trial: int | None = None


@dataclass(frozen=True)
class Record:
    """What sweep.toml holds."""

    data_digest: str
    """Of the contents of the data."""
    data: str | None = None
    recipe: str | None = None
    seeds: list[int] = field(default_factory=list)
    way: str = "grid"
    count: int = 0
    draw_seed: int = 0
    metric: str | None = None
    at: str = "last"
    fixed: dict[str, Any] = field(default_factory=dict)
    axes: dict[str, Any] = field(default_factory=dict)
    runs: list[RecordedRun] = field(default_factory=list)


def read_record(folder: Path) -> Record | None:
    """What the folder of a sweep says of it; None if it holds none.

    Raises:
        InputError: its sweep.toml cannot be read, or the folder holds something else.
    """
    file = folder / FILE
    if file.is_file():
        try:
            record = checked(Record, toml_values(read_text(file), file), "")
            for run in record.runs:
                _refuse_paths(run.name)
            return record
        except (OSError, InputError) as error:
            raise InputError(f"{file} cannot be read: {str(error).rstrip('.')}. Choose another --out.") from error
    others = [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
    if folder.exists() and (others or not folder.is_dir()):
        raise InputError(f"{folder} holds other files and no sweep. Choose another folder with --out.")
    return None


def _refuse_paths(name: str) -> None:
    """Raise an InputError if a run's name leads anywhere but to a folder in that of the sweep."""
    if name.startswith(".") or name == LOGS or not re.fullmatch(r"[^/\\:\0]+", name):
        raise InputError(f"the run '{name}' is not named as a sweep names runs, and would lie outside of its folder")


def write_record(folder: Path, sweep: Sweep, digest: str, runs: Sequence[SweepRun]) -> None:
    """Write what is asked for, and every run that belongs to the sweep."""
    values: dict[str, Any] = {
        "data_digest": digest,
        "data": sweep.data,
        "recipe": sweep.recipe,
        "seeds": list(sweep.seeds),
        "way": sweep.way,
        "count": sweep.count,
        "draw_seed": sweep.draw_seed,
        "metric": sweep.metric,
        "at": sweep.at,
        "fixed": sweep.fixed,
        "axes": {key: axis.to_plain() for key, axis in sweep.axes.items()},
        "runs": [
            {"name": run.name, "seed": run.seed}
            | ({} if run.trial is None else {"trial": run.trial})
            | {"settings": dict(run.settings)}
            for run in runs
        ],
    }
    write_text(folder / FILE, tomli_w.dumps({key: value for key, value in values.items() if value is not None}))


def known_runs(record: Record | None, planner: Planner, digest: str, folder: Path) -> list[SweepRun]:
    """The runs that a sweep's folder has from before, if they belong to this sweep.

    Another sweep of which no run has started may be replaced: it has none.

    Raises:
        InputError: they were made on other data, or with other settings that neither command varies.
    """
    if record is None:
        return []
    sweep = planner.sweep
    varied = {*record.axes, *sweep.axes}
    differing = [key for key in {**record.fixed, **sweep.fixed} if key not in varied and _differs(key, record, sweep)]
    if record.recipe != sweep.recipe:
        differing.insert(0, "recipe")
    if (differing or record.data_digest != digest) and not any((folder / run.name).exists() for run in record.runs):
        return []  # it was only listed, as for Slurm
    if record.data_digest != digest:
        raise InputError(f"{folder} holds a sweep on other data ({record.data}). Choose another folder with --out.")
    if differing:
        told = "; ".join(_told(key, record, sweep) for key in differing)
        raise InputError(
            f"{folder} holds a sweep with other settings: {told}. Choose another folder with --out, or give the "
            "settings of that sweep."
        )
    return [
        SweepRun(run.name, run.settings, run.seed, with_seed(planner.config(run.settings), run.seed), run.trial)
        for run in record.runs
    ]


def _differs(key: str, record: Record, sweep: Sweep) -> bool:
    return bool(_of(record.fixed, key) != _of(sweep.fixed, key))


def _told(key: str, record: Record, sweep: Sweep) -> str:
    if key == "recipe":
        there, here = record.recipe or "not named", sweep.recipe or "not named"
    else:
        there, here = _shown(record.fixed, key), _shown(sweep.fixed, key)
    return f"{key} is {there} there and {here} here"


def _shown(settings: Mapping[str, Any], key: str) -> str:
    return written(settings[key]) if key in settings else "not set"


def _of(settings: Mapping[str, Any], key: str) -> Any:
    value = settings.get(key)
    return list(value) if isinstance(value, tuple) else value
