"""What names in a folder or an archive say: which are pictures, what their labels are, what is passed over."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from PIL import Image

from wgan.data.source import Skipped
from wgan.system.pictures import FORMATS


def is_hidden(name: str) -> bool:
    """Whether nobody put this file there on purpose: hidden, or in a folder like `.git` or `__MACOSX`."""
    *folders, file = name.split("/")
    return file.startswith(".") or any(folder.startswith((".", "__")) for folder in folders)


def visible_files(root: Path, onerror: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, list[str]]]:
    """The folders at any depth, as `root` and a path below it, with the files in each that are not hidden."""
    for folder, folders, files in os.walk(root, onerror=onerror):
        folders[:] = [name for name in folders if not is_hidden(f"{name}/file")]
        yield folder, [name for name in files if not is_hidden(name)]


def suffix_of(name: str) -> str:
    """The last suffix, with its dot, in small letters."""
    return os.path.splitext(name)[1].lower()


def picture_suffixes() -> frozenset[str]:
    """The suffixes of all kinds of picture that can be read."""
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS)


class Tree:
    """Relative paths with slashes, sorted out: those named like pictures, and why the others are none."""

    def __init__(self, names: Iterable[str]) -> None:
        known = picture_suffixes()
        self.pictures: list[str] = []
        self.others: list[Skipped] = []
        for name in names:
            suffix = suffix_of(name)
            if suffix in known:
                self.pictures.append(name)
            else:
                self.others.append(Skipped(name, f"not named like a picture ({suffix or 'no suffix'})"))

    @cached_property
    def _common(self) -> int:
        """The length of the path, with its slash, of the deepest folder that holds all pictures."""
        folders = {name.rpartition("/")[0] for name in self.pictures}
        common = "" if "" in folders else os.path.commonpath(folders)
        return len(common) + 1 if common else 0

    @cached_property
    def label_names(self) -> tuple[str, ...]:
        """The folders in the one that holds all pictures, if there are two or more and no picture lies beside them."""
        inner = {name[self._common :] for name in self.pictures}
        first = {name.partition("/")[0] for name in inner}
        if len(first) < 2 or not all("/" in name for name in inner):
            return ()
        return tuple(sorted(first))

    @cached_property
    def _values(self) -> dict[str, int]:
        return {name: value for value, name in enumerate(self.label_names)}

    def label(self, name: str) -> int | None:
        """The index of a picture's label among the names."""
        return self._values.get(name[self._common :].partition("/")[0])
