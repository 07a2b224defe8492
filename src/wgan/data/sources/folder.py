"""Folders of pictures, flat or nested, and what the names of files tell."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from PIL import Image

from wgan.data.source import Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.survey import surveyed
from wgan.errors import InputError
from wgan.system.pictures import FORMATS, reason, refuse_passing
from wgan.types import Progress


def is_hidden(name: str) -> bool:
    """Whether a file is hidden, or in a folder like `.git` or `__MACOSX`."""
    *folders, file = name.split("/")
    return file.startswith(".") or any(folder.startswith((".", "__")) for folder in folders)


def visible_files(root: Path, onerror: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Each folder at any depth, as a path that begins with `root`, and the names of its files that are not hidden."""
    for folder, folders, files in os.walk(root, onerror=onerror):
        folders[:] = [name for name in folders if not is_hidden(f"{name}/file")]
        yield folder, [name for name in files if not is_hidden(name)]


def suffix_of(name: str) -> str:
    """The last suffix with its dot, in lower case."""
    return os.path.splitext(name)[1].lower()


def picture_suffixes() -> frozenset[str]:
    """The suffixes of all formats in `FORMATS`."""
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS)


class Tree:
    """Relative paths with slashes, divided by their suffixes into pictures and other files."""

    def __init__(self, names: Iterable[str]) -> None:
        known = picture_suffixes()
        self.pictures: list[str] = []
        self.others: list[Skipped] = []
        for name in names:
            if (suffix := suffix_of(name)) in known:
                self.pictures.append(name)
            else:
                self.others.append(Skipped(name, f"not named like a picture ({suffix or 'no suffix'})"))

    @cached_property
    def _common(self) -> int:
        """The length of the path, with its slash, of the deepest folder that contains all pictures."""
        folders = {name.rpartition("/")[0] for name in self.pictures}
        common = "" if "" in folders else os.path.commonpath(folders)
        return len(common) + 1 if common else 0

    @cached_property
    def labels(self) -> dict[str, int]:
        """The subfolders of that folder, numbered, if there are two or more and no picture lies beside them."""
        inner = {name[self._common :] for name in self.pictures}
        first = {name.partition("/")[0] for name in inner}
        if len(first) < 2 or not all("/" in name for name in inner):
            return {}
        return {name: value for value, name in enumerate(sorted(first))}

    def label(self, name: str) -> int | None:
        """The number of a picture's label."""
        return self.labels.get(name[self._common :].partition("/")[0])


class Folder(Source):
    """Every picture below `root`, in the order of their relative paths. Hidden files are ignored.

    If each picture is in a subfolder, the first subfolders that divide the pictures are the labels.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.resolve().name or "pictures"

    @cached_property
    def _tree(self) -> Tree:
        names: list[str] = []
        closed: list[Skipped] = []

        def unreadable(error: OSError) -> None:
            refuse_passing(error, error.filename)
            closed.append(Skipped(Path(error.filename).relative_to(self.root).as_posix(), reason(error)))

        for folder, files in visible_files(self.root, unreadable):
            above = Path(folder).relative_to(self.root).as_posix()
            prefix = "" if above == "." else f"{above}/"
            names += [prefix + name for name in files]
        tree = Tree(sorted(names))
        tree.others = sorted([*tree.others, *closed])
        if not tree.pictures:
            found = f"{len(tree.others)} other files" if tree.others else "it is empty"
            raise InputError(
                f"No pictures in {self.root}: {found}. Give a folder that holds pictures (.jpg, .png, .webp ...) "
                "at any depth, or MNIST's idx files."
            )
        return tree

    def label_names(self) -> tuple[str, ...]:
        return tuple(self._tree.labels)

    def identity(self) -> str:
        return self._identity

    @cached_property
    def _identity(self) -> str:
        return file_identity(self.root, [*self._tree.pictures, *(entry.name for entry in self._tree.others)])

    def survey(self, progress: Progress = no_progress) -> Survey:
        return surveyed(self, lambda: len(self._tree.pictures) + len(self._tree.others), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        yield from self._tree.others
        for name in self._tree.pictures:
            yield Sample(self.root / name, self._tree.label(name), name=name)
