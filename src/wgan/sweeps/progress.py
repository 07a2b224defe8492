"""What people see of a sweep while it trains: a bar for each run in a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from wgan.language import say
from wgan.sweeps.plan import SweepRun
from wgan.system.text import printable
from wgan.views import duration
from wgan.views.terminal import Terminal

APART = 10.0
"""Seconds between two plain lines on the same run."""
SAID = 0.05
"""How much of the steps has to be done before the time that is left can be told."""


class Board:
    """Shows how far the runs are that train, which have ended and how, and how long all of them take."""

    def __init__(self, terminal: Terminal, verdict: Callable[[SweepRun], str]) -> None:
        """`verdict` says in some words what came of a run that has ended."""
        self._terminal, self._verdict = terminal, verdict
        self._total, self._ended = 0, 0
        self._left: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._first: dict[str, int] = {}
        self._told: dict[str, float] = {}
        self._began = time.monotonic()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    @contextmanager
    def showing(self, runs: Sequence[SweepRun], total: int, ended: int | None = None) -> Iterator[None]:
        """In this context, progress is that of these runs, of a `total` of which so many have ended: all others."""
        self._total, self._ended = total, total - len(runs) if ended is None else ended
        self._left = {run.name: run.config.training.steps for run in runs}
        console = self._terminal.console
        if not console.is_terminal:
            yield
            return
        columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=20), MofNCompleteColumn())
        with Progress(*columns, console=console, transient=True) as self._bars:
            self._tasks[""] = self._bars.add_task("", total=total, completed=self._ended)
            yield
        self._bars = None

    def started(self, run: SweepRun) -> None:
        if self._bars:
            self._tasks[run.name] = self._bars.add_task(printable(run.name), total=run.config.training.steps)

    def at(self, run: SweepRun, step: int, steps: int) -> None:
        """A run is at this step of so many."""
        self._first.setdefault(run.name, step)
        self._done[run.name], self._left[run.name] = step - self._first[run.name], steps - step
        if self._bars:
            self._bars.update(self._tasks[run.name], completed=step, total=steps)
            self._bars.update(self._tasks[""], description=self._overall())
        elif step and time.monotonic() - self._told.setdefault(run.name, self._began) >= APART:
            self._told[run.name] = time.monotonic()
            self._terminal.say(
                say(
                    "  {run}: step {step:,} of {steps:,}; {overall}",
                    run=run.name,
                    step=step,
                    steps=steps,
                    overall=self._overall(),
                )
            )

    def ended(self, run: SweepRun, failed: str | None) -> None:
        """A run has ended: as it should, or for this reason."""
        self._ended += 1
        self._done[run.name] = self._done.get(run.name, 0) + self._left.pop(run.name, 0)
        if self._bars:
            self._bars.remove_task(self._tasks.pop(run.name))
            self._bars.update(self._tasks[""], completed=self._ended, description=self._overall())
        what = say("failed: {why}", why=failed) if failed else self._verdict(run)
        self._terminal.say(f"[{self._ended}/{self._total}] {run.name}: {what}")

    def _overall(self) -> str:
        done, left = sum(self._done.values()), sum(self._left.values())
        said = say("{ended} of {total} runs ended", ended=self._ended, total=self._total)
        if done < SAID * (done + left) or not left:
            return said
        seconds = (time.monotonic() - self._began) * left / done
        return say("{said}, about {time} left", said=said, time=duration(seconds))
