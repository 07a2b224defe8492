"""A sweep that is planned: each run resolved, and where it would lie. Nothing has been written yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wgan.errors import InputError
from wgan.experiment.plan import Plan
from wgan.metrics import known_metric
from wgan.runs import Run
from wgan.sweeps.axes import Choice
from wgan.sweeps.grid import combinations
from wgan.sweeps.outcome import Taken, taken
from wgan.sweeps.plan import Planner, Sweep, SweepRun, default_folder, is_finished, prepared
from wgan.sweeps.random import drawn
from wgan.sweeps.record import known_runs, read_record, write_record
from wgan.views.terminal import Terminal


@dataclass
class PlannedSweep:
    """What would be trained, and where. Nothing has been written yet."""

    sweep: Sweep
    folder: Path
    planner: Planner
    first: Plan
    """The plan of the first run: it has the data."""
    taken: Taken
    runs: list[SweepRun]
    """What this command asks for; with Optuna, the trials that are known."""
    others: list[SweepRun] = field(default_factory=list)
    """What the folder has beside that, from other commands."""

    @property
    def every(self) -> list[SweepRun]:
        return [*self.others, *self.runs]

    @property
    def unfinished(self) -> list[SweepRun]:
        """The runs of this command that are left to train."""
        return [run for run in self.runs if not is_finished(self.at(run))]

    @property
    def trials(self) -> int:
        """How many trials Optuna has suggested so far."""
        return len({run.trial for run in self.runs})

    def at(self, run: SweepRun) -> Run:
        return Run(self.folder / run.name)

    def record(self) -> None:
        """Write sweep.toml."""
        write_record(self.folder, self.sweep, self.first.pack.contents.digest, self.every)


def planned_sweep(asked: Sweep, out: str | Path | None, terminal: Terminal) -> PlannedSweep:
    """Resolve every run of a sweep.

    Raises:
        InputError: a setting will not do in some run, or the folder holds another sweep.
    """
    _refuse_seeds(asked)
    if asked.way != "grid" and (asked.count < 1 or not asked.axes):
        raise InputError(f"--{asked.way} needs at least one trial, and a setting that varies: --set KEY=1e-5..1e-3.")
    if asked.metric is not None:
        asked = replace(asked, metric=known_metric(asked.metric))
    asked = prepared(asked)
    planner = Planner(asked, terminal.counted)
    for varied in corners(asked):  # all that is listed, and the ends of ranges, before anything is written
        planner.config(asked.settings(varied))
    first = planner.first
    assert first is not None
    folder = Path(out) if out is not None else default_folder(first)
    had = known_runs(read_record(folder), planner, first.pack.contents.digest, folder)
    if asked.way == "optuna":
        mine = [run for run in had if run.trial is not None and run.trial < asked.count]
        if any(run.settings.keys() != asked.given.keys() for run in mine):
            raise InputError(f"{folder} holds trials that vary other settings. Choose another folder with --out.")
        trials = sorted({run.trial for run in mine if run.trial is not None})
        runs = [run for trial in trials for run in _again(planner, mine, trial)]
    else:
        runs = planner.runs(_combinations(asked), [run for run in had if run.trial is None])
    names = {run.name for run in runs}
    others = [run for run in had if run.name not in names]
    return PlannedSweep(asked, folder, planner, first, taken(asked, first.pack.spec.is_spatial), runs, others)


def _refuse_seeds(asked: Sweep) -> None:
    """Raise an InputError if a seed will not do for a run, or the seed of what is drawn."""
    if not asked.seeds:
        raise InputError("A sweep has at least one seed.")
    for seed in (*asked.seeds, asked.draw_seed):
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InputError(f"{seed!r} is no seed. Seeds are whole numbers from 0 to 2^63 - 1.")
    if len({*asked.seeds}) < len(asked.seeds):
        raise InputError("A seed is given twice. Runs with the same seed are the same run.")


def corners(asked: Sweep) -> list[dict[str, Any]]:
    """Combinations that try what can be known beforehand: all of them, or, for Optuna, each axis on its own.

    These are the first values and low ends of all axes, and each other value, or the high end, of one axis at a time.
    """
    if asked.way != "optuna":
        return _combinations(asked)
    ends = {key: axis.values if isinstance(axis, Choice) else (axis.low, axis.high) for key, axis in asked.axes.items()}
    first = {key: values[0] for key, values in ends.items()}
    return [first, *({**first, key: value} for key, values in ends.items() for value in values[1:])]


def _combinations(asked: Sweep) -> list[dict[str, Any]]:
    return drawn(asked.axes, asked.count, asked.draw_seed) if asked.way == "random" else combinations(asked.axes)


def _again(planner: Planner, had: Sequence[SweepRun], trial: int) -> list[SweepRun]:
    """The runs of a trial that was suggested before, with the seeds of this command."""
    settings = next(run.settings for run in had if run.trial == trial)
    varied = {key: settings[key] for key in planner.sweep.axes}
    return planner.runs([varied], had, trial)
