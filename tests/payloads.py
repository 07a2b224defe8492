"""A pickle that would make a file, and a watch on pickles that are loaded."""

import builtins
import sys
from pathlib import Path

LOADED: list[str] = []
WATCHING: list[bool] = []


def _note(event: str, arguments: tuple) -> None:
    if event == "pickle.find_class" and WATCHING:
        LOADED.append(".".join(map(str, arguments)))


sys.addaudithook(_note)  # for good: Python lets none be taken away


class Evil:
    """Unpickled, it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return builtins.open, (str(self.marker), "w")
