"""What a figure is, and how it becomes files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import matplotlib
import torch

from wgan.errors import unknown
from wgan.gallery.drawing import STYLE, Canvas, png, svg
from wgan.system.files import make_folder, replacing, write_text


class Maker(Protocol):
    """A file of this folder: numbers, what they say, and how they look."""

    def measure(self) -> Any:
        """The numbers of the figure."""

    def caption(self, found: Any, /) -> str:
        """One sentence with the numbers that the figure shows."""

    def draw(self, found: Any, /) -> Canvas:
        """The figure."""


class Figure(NamedTuple):
    """A figure's title, and the module that makes it."""

    title: str
    made_by: Maker


class Shown(NamedTuple):
    """A finished figure."""

    name: str
    title: str
    caption: str
    svg: str
    png: bytes

    def write(self, folder: Path) -> None:
        """Write NAME.svg and NAME.png."""
        make_folder(folder)
        write_text(folder / f"{self.name}.svg", self.svg)
        with replacing(folder / f"{self.name}.png") as temporary:
            temporary.write_bytes(self.png)


def chosen(figures: Mapping[str, Figure], names: Iterable[str]) -> dict[str, Figure]:
    """The figures of these names, or all. For an unknown name, an InputError offers the nearest."""
    names = list(names) or list(figures)
    for name in names:
        if name not in figures:
            raise unknown("figure", name, figures)
    return {name: figures[name] for name in names}


def show(name: str, figure: Figure) -> Shown:
    """Compute and draw a figure, on one thread: its networks are too small to share, and the numbers are the same."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = figure.made_by.measure()
        with matplotlib.rc_context(STYLE):
            drawn = figure.made_by.draw(found)
            return Shown(name, figure.title, figure.made_by.caption(found), svg(drawn, name), png(drawn))
    finally:
        torch.set_num_threads(threads)
