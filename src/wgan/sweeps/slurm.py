"""The same sweep as an array of Slurm's jobs. Nothing is submitted."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wgan.errors import InputError
from wgan.sweeps.axes import typed_value
from wgan.sweeps.plan import Sweep, SweepRun


def train_command(sweep: Sweep, run: SweepRun, folder: Path) -> str:
    """The command that trains one run on its own, as a shell takes it."""
    words = ["wgan", "train"]
    words += [] if sweep.data is None else [sweep.data]
    words += [] if sweep.recipe is None else ["--recipe", sweep.recipe]
    words += ["--out", str(folder / run.name)]
    for key, value in run.given.items():
        words += ["--set", f"{key}={typed_value(value)}"]
    return shlex.join(words)


def script(sweep: Sweep, runs: Sequence[SweepRun], folder: Path, again: str) -> list[str]:
    """The lines of a script for sbatch: a task for each run. `again` is the command that makes the table.

    Raises:
        InputError: trials depend on those before them, so they cannot be listed.
    """
    if sweep.way == "optuna":
        raise InputError("--slurm lists all runs at once, and Optuna suggests one after the other. Use --random N.")
    return list(_lines(sweep, runs, folder, again))


def _lines(sweep: Sweep, runs: Sequence[SweepRun], folder: Path, again: str) -> Iterator[str]:
    threads: Any = runs[0].config.threads or 1
    yield "#!/bin/bash"
    yield f"# {len(runs)} runs. Submit with sbatch; once they have ended, the table: {again}"
    yield "#SBATCH --job-name=wgan-sweep"
    yield f"#SBATCH --array=0-{len(runs) - 1}"
    yield f"#SBATCH --ntasks=1 --cpus-per-task={threads} --time=24:00:00"
    if sweep.fixed.get("threads") is None:
        yield "#SBATCH --gpus-per-task=1"
    yield "# two minutes before the end, a run saves itself; submit the script again to go on"
    yield "#SBATCH --signal=B:USR1@120 --open-mode=append"
    yield f"cd {shlex.quote(str(Path.cwd()))} || exit 1"
    yield f"export OMP_NUM_THREADS={threads}"
    yield "case $SLURM_ARRAY_TASK_ID in"
    for place, run in enumerate(runs):
        yield f"{place}) exec {train_command(sweep, run, folder)} ;;"
    yield "esac"
