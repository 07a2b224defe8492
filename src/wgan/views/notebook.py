"""What people see in a Jupyter notebook while they wait: one output, which is redrawn in place.

By IPython's own display updates, since rich's bars need ipywidgets there.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console

from wgan.system.html import SOFT, Markup
from wgan.system.text import printable
from wgan.types import T
from wgan.views.terminal import Terminal, TrainingDisplay, numbers_of

SECONDS = 0.25
"""The least time between two drawings: each is a message to the browser."""


def terminal_on(console: Console) -> Terminal:
    """Where long work is shown: on the console, or in the notebook whose console it is."""
    return Notebook(console) if console.is_jupyter else Terminal(console)


class Notebook(Terminal):
    """Shows the progress of long work in one output of a cell: what was said, and below it a bar."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._said: list[str] = []
        self._bar, self._plain = Markup(""), ""
        self._handle: Any = None
        self._drawn = time.monotonic()  # a bar that would be gone at once is not drawn

    def say(self, text: str) -> None:
        self._said.append(printable(text, kept="\n"))
        self._draw()

    def show(self, values: Iterable[object]) -> None:
        if self.console.quiet:
            return
        from IPython.display import display

        for value in values:
            display(value, exclude=["image/jpeg"])  # Pillow gives PNG as well

    def counted(self, items: Iterable[T], total: int, what: str) -> Iterable[T]:
        before = self._bar, self._plain
        for done, item in enumerate(items):
            self.bar(done, total, f"{what} {done:,} of {total:,}")
            yield item
        if (self._bar, self._plain) != before:
            self._bar, self._plain = before
            self._draw()

    def training(self, step: int, steps: int, images_per_step: int, epochs: float) -> TrainingDisplay:
        return NotebookDisplay(self, step, steps, images_per_step, epochs)

    def bar(self, done: int, total: int, text: str, *, below: str = "", at_once: bool = False) -> None:
        """Show how much is done, in place of what the bar said. Drawn at most four times a second, or `at_once`."""
        if self.console.quiet or not (at_once or time.monotonic() - self._drawn >= SECONDS):
            return
        text, below = printable(text), printable(below)
        bar = '<progress value="{}" max="{}" style="width: 220px; vertical-align: middle"></progress> {}'
        self._bar = Markup(bar).format(done, max(total, 1), text)
        self._bar += Markup('<div style="{}">{}</div>').format(SOFT, below) if below else ""
        self._plain = "  ".join(filter(None, (text, below)))
        self._draw()

    def _draw(self) -> None:
        if self.console.quiet:
            return
        self._drawn = time.monotonic()
        bundle = {"text/plain": "\n".join(self._lines()), "text/html": self._html()}
        if self._handle is None:
            from IPython.display import display

            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def _lines(self) -> Iterator[str]:
        yield from self._said
        if self._plain:
            yield self._plain

    def _html(self) -> str:
        style = "margin: 0 0 4px; max-height: 14em; overflow: auto; white-space: pre-wrap; font-size: 12px"
        said = Markup('<pre style="{}">{}</pre>').format(style, "\n".join(self._said)) if self._said else ""
        bar = Markup('<div style="font: 12px ui-monospace, monospace; white-space: pre-wrap">{}</div>').format(
            self._bar
        )
        return str(Markup("{}{}").format(said, bar))


class NotebookDisplay(TrainingDisplay):
    """Shows steps, epochs, images per second and time left beside a bar, with the latest numbers below."""

    def __init__(self, notebook: Notebook, step: int, steps: int, images_per_step: int, epochs: float) -> None:
        super().__init__(notebook.console, step, steps, images_per_step, epochs)
        self._notebook, self._step = notebook, step

    def __enter__(self) -> "NotebookDisplay":
        self._draw(at_once=True)
        return self

    def __exit__(self, *exception: object) -> None:
        self._draw(at_once=True)

    def tick(self, step: int) -> None:
        super().tick(step)
        self._step = step
        self._draw()

    def restart(self, step: int) -> None:
        super().restart(step)
        self._step = step
        self._draw(at_once=True)

    def log(self, row: Mapping[str, Any], verdict: str) -> None:
        self._numbers = numbers_of(row, verdict)
        self._draw()

    def _draw(self, *, at_once: bool = False) -> None:
        text = f"step {self._step:,} of {self._steps:,}  {self._epoch(self._step)}  {self._speed()}"
        below = "  ".join(self._numbers)
        self._notebook.bar(self._step, self._steps, text.rstrip(), below=below, at_once=at_once)
