"""What people see while they wait: a live bar in a terminal, plain lines elsewhere."""

import textwrap
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
    "critic_loss",
    "generator_loss",
    "gradient_norm",
    "penalty",
    "margin",
    "real_score",
    "fake_score",
)
"""The terms shown, the most telling first: the first three fit into a line of 80 columns beside the verdict."""
NUMBER_LINES = 2
"""Lines of them in a terminal: a narrow one cuts off the rest."""
BAR = 12
UNBROKEN = "\N{NO-BREAK SPACE}"
SILENT_SECONDS = 20.0
"""After so long without a line, one says which step is done."""
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

    def counted_again(self, items: Iterable[T], total: int, what: str) -> Iterable[T]:
        """Yield the items of work that comes time and again: with a bar where there are bars, else with no word."""
        return self.counted(items, total, what) if self.console.is_terminal or self.console.is_jupyter else items

    def training(self, step: int, steps: int, images_per_step: int, epochs: float) -> "TrainingDisplay":
        return TrainingDisplay(self.console, step, steps, images_per_step, epochs)


class TrainingDisplay:
    """Shows steps, epochs, images per second and time left, with the latest numbers below."""

    def __init__(self, console: Console, step: int, steps: int, images_per_step: int, epochs: float) -> None:
        """`epochs` are those of all `steps`."""
        self._console, self._steps, self._images_per_step, self._epochs = console, steps, images_per_step, epochs
        self._numbers: list[str] = []
        self._printed, self._said = 0.0, time.monotonic()
        columns = (BarColumn(bar_width=BAR), MofNCompleteColumn(), TextColumn("{task.description}"))
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
        (task,) = self._progress.tasks
        self._progress.update(self._task, description=f"{self._epoch(task.completed)}  {self._speed()}".rstrip())
        whole = "  ".join(number.replace(" ", UNBROKEN) for number in self._numbers)
        lines = textwrap.wrap(whole, self._console.width, break_on_hyphens=False)[:NUMBER_LINES]
        shown = (Text(line.replace(UNBROKEN, " "), no_wrap=True, overflow="ellipsis") for line in lines)
        return Group(self._progress.get_renderable(), *shown)

    def tick(self, step: int) -> None:
        """Show that a step is done. Where there is no bar, a line says so if there was none for long."""
        self._progress.update(self._task, completed=step)
        if not self._live and time.monotonic() - self._said >= SILENT_SECONDS:
            self._say([self._where(step), self._speed()])

    def restart(self, step: int) -> None:
        self._progress.reset(self._task, completed=step)

    def log(self, row: Mapping[str, Any], verdict: str) -> None:
        """Show the numbers of a row and their verdict."""
        self._numbers = numbers_of(row, verdict)
        due = time.monotonic() - self._printed >= PLAIN_SECONDS or row["step"] == self._steps
        if not self._live and due:
            self._printed = time.monotonic()
            self._say([self._where(row["step"]), *self._numbers, self._speed()])

    def _say(self, parts: list[str]) -> None:
        self._said = time.monotonic()
        self._console.print("  ".join(parts).rstrip(), highlight=False, soft_wrap=True, markup=False)

    def _where(self, step: int) -> str:
        return f"step {step:>6}/{self._steps}  {self._epoch(step)}"

    def _epoch(self, step: float) -> str:
        done, total = step / self._steps * self._epochs, self._epochs
        if total < 1:
            return f"epoch {done:.2g}/{total:.2g}"
        return f"epoch {done:,.1f}/{f'{total:,.1f}'.removesuffix('.0')}"  # as many digits, so that none exceeds it

    def _speed(self) -> str:
        (task,) = self._progress.tasks
        if not task.speed:
            return ""
        left = f"  {duration(task.time_remaining or 0)} left" if task.remaining else ""
        return f"{rate(task.speed * self._images_per_step)}{left}"


def rate(images: float) -> str:
    """Images a second: whole ones, or where these are few, two digits."""
    return f"{images:,.0f} images/s" if images >= 10 else f"{images:.2g} images/s"


def numbers_of(row: Mapping[str, Any], verdict: str) -> list[str]:
    """The verdict on a row of the log, and its numbers by name."""
    return [verdict, *(f"{name} {row[name]:.3g}" for name in SHOWN if name in row)]
