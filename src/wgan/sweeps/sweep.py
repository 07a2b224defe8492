"""A sweep from its first line to its last: plan, record, train, rank.

Read from top to bottom, this file is the story of a sweep. Each step is a module beside it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from wgan.errors import InputError
from wgan.evaluation import training_evaluator
from wgan.experiment.comparing import comparisons_of
from wgan.metrics import metric_of
from wgan.report import write_report
from wgan.sweeps.axes import axes_in, given_of, written
from wgan.sweeps.optuna import Search
from wgan.sweeps.outcome import Taken, outcome
from wgan.sweeps.page import write_page
from wgan.sweeps.plan import At, Sweep, SweepRun, is_finished
from wgan.sweeps.planned import PlannedSweep, planned_sweep
from wgan.sweeps.progress import Board
from wgan.sweeps.record import FILE
from wgan.sweeps.runner import Runner
from wgan.sweeps.table import Table, number, ranked
from wgan.sweeps.words import state_word
from wgan.system.files import make_folder, write_text
from wgan.system.interruption import Interrupted
from wgan.system.locks import locked, owner_of
from wgan.system.validation import dotted
from wgan.training import same_threads
from wgan.views.notebook import terminal_on
from wgan.views.terminal import Terminal

LOCK = ".lock"
CSV, RESULTS, PAGE, REPORT, JOURNAL = "sweep.csv", "results.json", "sweep.html", "report.html", "optuna.journal"
"""What a sweep ends in, beside the folders of its runs."""


def sweep(
    data: str | Path | None = None,
    *,
    vary: Mapping[str, Any],
    seeds: int | Sequence[int] = 1,
    recipe: str | None = None,
    settings: Mapping[str, Any] | None = None,
    random: int | None = None,
    optuna: int | None = None,
    draw_seed: int = 0,
    metric: str | None = None,
    at: At = "last",
    out: str | Path | None = None,
    jobs: int = 1,
    progress: bool = True,
) -> Table:
    """Train with every combination of some settings, several seeds each, and rank them. The same call resumes.

    `vary` has by dotted key a list of values, or a range as text ("1e-5..1e-3"), which `random` combinations are drawn
    from, or `optuna` many trials suggested. `settings` are the same in all runs, as those of `train`. Runs are
    processes of their own, `jobs` at once, so `data` is a name or a path. `metric` is what they are ranked by; None
    is a distance from held-out reals that suits the kind of samples.

    Raises:
        InputError: something given cannot be used; nothing was trained.
    """
    if data is not None and not isinstance(data, str | Path):
        raise InputError("The data of a sweep are a name or a path, since each run is a process of its own.")
    if random is not None and optuna is not None:
        raise InputError("Give random or optuna, not both.")
    given = {**given_of(settings or {}, ()), **axes_in(vary)}
    asked = Sweep(
        data=None if data is None else str(data),
        recipe=recipe,
        given=given,
        seeds=tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds),
        way="random" if random is not None else "optuna" if optuna is not None else "grid",
        count=random or optuna or 0,
        draw_seed=draw_seed,
        metric=metric,
        at=at,
    )
    terminal = terminal_on(Console(quiet=not progress))
    return carry_out(planned_sweep(asked, out, terminal), terminal, jobs=jobs)


def carry_out(planned: PlannedSweep, terminal: Terminal, *, jobs: int = 1, train: bool = True) -> Table:
    """Train what is left, and rank all that is there. Without `train`, only rank.

    Raises:
        Interrupted: a signal arrived; the runs are saved.
        InputError: another process works on this sweep, or `jobs` is no number of processes.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise InputError(f"jobs={jobs!r}: how many runs are trained at once is a whole number from 1 on.")
    if not train and not (planned.folder / FILE).is_file():
        raise InputError(f"{planned.folder} holds no sweep yet. Without --table, the same command trains it.")
    failed: dict[str, str] = {}
    with _holding(planned.folder):
        if train:
            planned.record()
            failed = _train(planned, terminal, jobs)
        table = table_of(planned, failed)
        _write(planned, table)
    return table


def _train(planned: PlannedSweep, terminal: Terminal, jobs: int) -> dict[str, str]:
    """Train what is left; returns why runs failed, by name."""
    if planned.unfinished or planned.sweep.way == "optuna":
        _measurable(planned, terminal)

    def told(run: SweepRun) -> str:
        found = outcome(run, planned.at(run), {}, planned.taken)
        value = "" if found.value is None else f", {planned.taken.metric} {number(found.value)}"
        return state_word(found.verdict or found.state) + value

    board = Board(terminal, told)
    runner = Runner(planned.sweep, planned.folder, jobs, board)
    try:
        if planned.sweep.way == "optuna":
            return _search(planned, runner, board)
        left = planned.unfinished
        with board.showing(left, len(planned.runs)):
            return runner.train(left)
    except Interrupted as interrupted:
        message = "All runs are saved; the same command goes on with what is left."
        raise Interrupted(message, interrupted.signal) from interrupted


def _search(planned: PlannedSweep, runner: Runner, board: Board) -> dict[str, str]:
    """Train trial after trial, each with all of its seeds, since the next one depends on what came of it."""
    asked, failed = planned.sweep, dict[str, str]()
    better = _better(planned.taken)
    search = Search(asked.axes, asked.draw_seed, better, planned.folder / JOURNAL)
    total = asked.count * len(asked.seeds)
    values: list[tuple[Mapping[str, Any], float | None]] = []
    for trial in range(asked.count):
        if trial >= planned.trials:
            varied = search.suggest(values)
            planned.runs += planned.planner.runs([varied], planned.every, trial)
            planned.record()
        mine = [run for run in planned.runs if run.trial == trial]
        left = [run for run in mine if not is_finished(planned.at(run))]
        before = trial * len(asked.seeds) + len(mine) - len(left)
        with board.showing(left, total, ended=before):
            failed |= runner.train(left)
        settings = {key: mine[0].settings[key] for key in asked.axes}
        (row,) = ranked(planned.folder, planned.taken, [], _outcomes(planned, mine, [], failed)).rows
        values.append((settings, None if row.lost else row.mean))
        search.keep(values)
    return failed


def _better(wanted: Taken) -> str:
    """Which direction the metric says is better."""
    return metric_of(wanted.metric)[1].better


def _measurable(planned: PlannedSweep, terminal: Terminal) -> None:
    """Do now what all runs need of the data, and fail now if it cannot be had.

    Raises:
        InputError: there are too few reals to compare with, or the metric does not suit the data.
    """
    first = planned.first
    with same_threads(first.config.threads):
        training_evaluator(first.config, first.pack, terminal.counted)
        if comparisons_of(first) is None and not planned.taken.evaluated:
            raise InputError("There are too few real samples to compare with: name another --metric, or get more data.")


def table_of(planned: PlannedSweep, failed: Mapping[str, str] | None = None) -> Table:
    """The table of all runs of the sweep's folder, from what they have written."""
    keys = varied_keys(planned)
    return ranked(planned.folder, planned.taken, keys, _outcomes(planned, planned.every, keys, failed or {}))


def varied_keys(planned: PlannedSweep) -> list[str]:
    """The settings that are varied now, and those in which runs of earlier commands differ."""
    keys = [*planned.sweep.axes]
    for run in planned.every:
        for key in run.settings:
            if key not in keys and len({written(_value(one, key)) for one in planned.every}) > 1:
                keys.append(key)
    return keys


def _value(run: SweepRun, key: str) -> Any:
    """A setting of a run: as it was given, or as it came out."""
    if key in run.settings:
        return run.settings[key]
    return dotted(run.config.to_dict()).get(key, "")


def _outcomes(
    planned: PlannedSweep, runs: Iterable[SweepRun], keys: Sequence[str], failed: Mapping[str, str]
) -> list[Any]:
    return [
        outcome(run, planned.at(run), {key: _value(run, key) for key in keys}, planned.taken, failed.get(run.name))
        for run in runs
    ]


def _write(planned: PlannedSweep, table: Table) -> None:
    """Write the table as CSV and JSON, and the pages."""
    folder = planned.folder
    write_text(folder / CSV, table.to_csv())
    write_text(folder / RESULTS, json.dumps(table.to_dict(), indent=2) + "\n")
    trained = [planned.at(run) for run in planned.every if planned.at(run).metrics()]
    if trained:
        write_report(trained, folder / REPORT)
    write_page(table, folder / PAGE, report=REPORT if trained else None)


def announce(planned: PlannedSweep) -> None:
    """Write what the sweep is, for runs that others train."""
    with _holding(planned.folder):
        planned.record()


@contextmanager
def _holding(folder: Path) -> Iterator[None]:
    """Hold the lock of a sweep's folder, which is made if it is missing."""

    def refuse(turn: Iterable[None]) -> Iterable[None]:
        owner = owner_of(folder / LOCK)
        who = f" ({owner})" if owner else ""
        raise InputError(f"Another process works on {folder}{who}. Wait for it, stop it, or use --out.")

    make_folder(folder)
    with locked(folder / LOCK, refuse):
        yield
