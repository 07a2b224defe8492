"""What a person sees while waiting: a live bar in a terminal, plain lines anywhere else."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from wgan.system.text import printable
from wgan.types import T
from wgan.views.svg.scale import duration

SHOWN = (
    "distance",
    "js",
    "real_score",
    "fake_score",
    "margin",
    "gradient_norm",
    "penalty",
    "critic_loss",
    "generator_loss",
)
"""What tells most comes first: a narrow terminal cuts the rest."""
PLAIN_SECONDS = 5.0
"""Plain lines come no more often than this, however often the run logs."""


class Terminal:
    """Shows long work on a console. Everything it knows, it is told."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str) -> None:
        """A line for people."""
        self.console.print(printable(text), highlight=False, soft_wrap=True, markup=False, emoji=False)

    def counted(self, items: Iterable[T], total: int, what: str) -> Iterable[T]:
        """The same items, with a bar while they pass (in a terminal)."""
        if not self.console.is_terminal:
            self.say(f"{what} ({total:,})")
            yield from items
            return
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), _Left())
        with Progress(*columns, console=self.console, transient=True) as progress:
            yield from progress.track(items, total=total, description=printable(what))

    def training(self, step: int, steps: int, images_per_step: int) -> "TrainingDisplay":
        """The display of a run, from `step` to `steps`."""
        return TrainingDisplay(self.console, step, steps, images_per_step)


class TrainingDisplay:
    """Steps done, images a second, time left; below, the latest numbers."""

    def __init__(self, console: Console, step: int, steps: int, images_per_step: int) -> None:
        self._console, self._steps, self._images_per_step = console, steps, images_per_step
        self._numbers = ""
        self._clock = _Clock(step)
        self._printed = 0.0
        columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}"))
        self._progress = Progress(*columns, console=console)
        self._task = self._progress.add_task("", total=steps, completed=step)
        self._live = Live(get_renderable=self._render, console=console) if console.is_terminal else None

    def __enter__(self) -> "TrainingDisplay":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live:
            self._live.stop()

    def _render(self) -> Group:
        return Group(self._progress.get_renderable(), Text(self._numbers, no_wrap=True, overflow="ellipsis"))

    def tick(self, step: int) -> None:
        """A step was done."""
        self._clock.tick(step)
        if self._live:
            self._progress.update(self._task, completed=step, description=self._speed(step))

    def restart(self, step: int) -> None:
        """The next steps come after `step` again."""
        self._clock = _Clock(step)

    def log(self, row: Mapping[str, Any], verdict: str) -> None:
        """Numbers were read, and judged."""
        numbers = [f"{name} {row[name]:.3g}" for name in SHOWN if name in row]
        self._numbers = "  ".join([verdict, *numbers])
        step = row["step"]
        due = time.monotonic() - self._printed >= PLAIN_SECONDS or step == self._steps
        if not self._live and due:
            self._printed = time.monotonic()
            line = f"step {step:>6}/{self._steps}  {self._numbers}  {self._speed(step)}"
            self._console.print(line, highlight=False, soft_wrap=True, markup=False)

    def _speed(self, step: int) -> str:
        pace = self._clock.steps_per_second()
        if not pace:
            return ""
        left = duration((self._steps - step) / pace)
        return f"{pace * self._images_per_step:,.0f} images/s  {left} left"


class _Clock:
    """Steps per second over the last half minute or so."""

    def __init__(self, step: int) -> None:
        self._marks = [(time.monotonic(), step)]

    def tick(self, step: int) -> None:
        now = time.monotonic()
        if now - self._marks[-1][0] >= 0.5:
            self._marks = [*self._marks[-60:], (now, step)]

    def steps_per_second(self) -> float:
        (start, first), (end, last) = self._marks[0], self._marks[-1]
        return (last - first) / (end - start) if end > start else 0.0


class _Left(ProgressColumn):
    """Time left, in words as short as elsewhere."""

    def render(self, task: Task) -> Text:
        """Empty until it can be told."""
        return Text("" if task.time_remaining is None else f"{duration(task.time_remaining)} left")
