"""What people see while they wait: a live bar in a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from wgan.system.text import printable
from wgan.types import T
from wgan.views.scale import duration

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
"""The terms shown, the most telling first: a narrow terminal cuts off the rest."""
PLAIN_SECONDS = 5.0
"""The least time between two plain lines."""
SPEED_SECONDS = 300.0
"""The time over which speed is measured (at most 1,000 steps): a single step can take a minute."""


class Terminal:
    """Shows the progress of long work on a console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str) -> None:
        self.console.print(printable(text), highlight=False, soft_wrap=True, markup=False, emoji=False)

    def show(self, values: Iterable[object]) -> None:
        """Show values that draw themselves, where that can be seen: in a notebook."""

    def counted(self, items: Iterable[T], total: int, what: str) -> Iterable[T]:
        """Yield the items, with a bar in a terminal."""
        if not self.console.is_terminal:
            self.say(f"{what} ({total:,})")
            yield from items
            return
        left = (TimeRemainingColumn(compact=True), TextColumn("left"))
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), *left)
        with Progress(*columns, console=self.console, transient=True) as progress:
            yield from progress.track(items, total=total, description=printable(what))

    def training(self, step: int, steps: int, images_per_step: int) -> "TrainingDisplay":
        return TrainingDisplay(self.console, step, steps, images_per_step)


class TrainingDisplay:
    """Shows steps, images per second and time left, with the latest numbers below."""

    def __init__(self, console: Console, step: int, steps: int, images_per_step: int) -> None:
        self._console, self._steps, self._images_per_step = console, steps, images_per_step
        self._numbers = ""
        self._printed = 0.0
        columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}"))
        self._progress = Progress(*columns, console=console, speed_estimate_period=SPEED_SECONDS)
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
        self._progress.update(self._task, description=self._speed())
        return Group(self._progress.get_renderable(), Text(self._numbers, no_wrap=True, overflow="ellipsis"))

    def tick(self, step: int) -> None:
        self._progress.update(self._task, completed=step)

    def restart(self, step: int) -> None:
        self._progress.reset(self._task, completed=step)

    def log(self, row: Mapping[str, Any], verdict: str) -> None:
        """Show the numbers of a row and their verdict."""
        self._numbers = numbers_line(row, verdict)
        due = time.monotonic() - self._printed >= PLAIN_SECONDS or row["step"] == self._steps
        if not self._live and due:
            self._printed = time.monotonic()
            line = f"step {row['step']:>6}/{self._steps}  {self._numbers}  {self._speed()}"
            self._console.print(line, highlight=False, soft_wrap=True, markup=False)

    def _speed(self) -> str:
        (task,) = self._progress.tasks
        if not task.speed:
            return ""
        left = f"  {duration(task.time_remaining or 0)} left" if task.remaining else ""
        return f"{task.speed * self._images_per_step:,.0f} images/s{left}"


def numbers_line(row: Mapping[str, Any], verdict: str) -> str:
    """The verdict on a row of the log, and its numbers."""
    return "  ".join([verdict, *(f"{name} {row[name]:.3g}" for name in SHOWN if name in row)])
