"""Folders of pictures, flat or nested."""

import os
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from wgan.data.source import Beside, Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.sources.layout import VERSION, Tree, is_hidden
from wgan.data.sources.metadata import Metadata, is_metadata, read_metadata
from wgan.data.survey import surveyed
from wgan.errors import InputError
from wgan.system.limits import FILE_BYTES, regular
from wgan.system.pictures import reason, refuse_passing
from wgan.types import Progress

RUN = "a run of this program, which is no data"


def is_run(folder: str | Path) -> bool:
    """Whether a folder is a run of this program."""
    return os.path.exists(f"{folder}/config.toml") and os.path.isdir(f"{folder}/checkpoints")


def visible_files(
    root: Path, passed_over: Callable[[str, str], None] = lambda folder, why: None
) -> Iterator[tuple[str, list[str]]]:
    """Each folder at any depth, as a path that begins with `root`, and the names of its files that are not hidden.

    `passed_over` is called with a folder that is not entered, and why. Links are not followed, so loops do no harm.
    """

    def unreadable(error: OSError) -> None:
        refuse_passing(error, error.filename)
        passed_over(error.filename, reason(error))

    for folder, folders, files in os.walk(root, onerror=unreadable):
        entered: list[str] = []
        for name in sorted(folders):
            if os.path.islink(path := f"{folder}/{name}"):
                passed_over(path, "a link to a folder, which is not followed: copy the folder, or give it as DATA")
            elif is_run(path):
                passed_over(path, RUN)
            elif not is_hidden(f"{name}/file"):
                entered.append(name)
        folders[:] = entered
        yield folder, [name for name in files if not is_hidden(name)]


class Folder(Source):
    """Every picture below `root`, in the order of their relative paths. Hidden files are ignored.

    What folders mean, `layout` says; what a metadata.csv among them means, `metadata`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.resolve().name or "pictures"

    @cached_property
    def _found(self) -> tuple[Tree, list[Skipped]]:
        """Files, and folders that were passed over."""
        names: list[str] = []
        closed: list[Skipped] = []

        def below(path: str) -> str:
            relative = Path(path).relative_to(self.root).as_posix()
            return "" if relative == "." else relative

        for folder, files in visible_files(self.root, lambda path, why: closed.append(Skipped(below(path), why))):
            prefix = f"{above}/" if (above := below(folder)) else ""
            names += [prefix + name for name in files]
        tree = Tree(sorted(names))
        found = tree.found
        if closed:
            found += f"; {len(closed):,} folders passed over ({closed[0].name}: {closed[0].reason})"
        tree.others.sort()
        if not tree.pictures:
            raise InputError(
                f"No pictures in {self.root}: {found}. Give a folder that holds pictures (.jpg, .png, .webp ...) "
                "at any depth, or MNIST's idx files."
            )
        return tree, sorted(closed)

    @property
    def _tree(self) -> Tree:
        return self._found[0]

    @cached_property
    def _described(self) -> Metadata:
        files = [entry.name for entry in self._tree.others if is_metadata(entry.name)]
        readers = ((name, partial(self._read, name)) for name in files)
        return read_metadata(readers, self._tree.pictures, labelled=bool(self._tree.labels))

    def _read(self, name: str) -> bytes:
        path = self.root / name
        try:
            FILE_BYTES.check(regular(path).st_size, name)
            return path.read_bytes()
        except OSError as error:
            refuse_passing(error, path)
            raise InputError(reason(error)) from error

    @cached_property
    def _others(self) -> list[Skipped]:
        """What is no picture, and says nothing of pictures."""
        unread = dict(self._described.unread)
        others = (Skipped(name, unread.get(name, why)) for name, why in self._tree.others)
        return [entry for entry in others if not is_metadata(entry.name) or entry.name in unread]

    def label_names(self) -> tuple[str, ...]:
        return tuple(self._tree.labels) or self._described.label_names

    def beside(self) -> tuple[Beside, ...]:
        # Others are no samples: any value will do for them, so that they get that of the first picture.
        items = np.array([0] * len(self._others) + [*range(len(self._tree.pictures))])
        return tuple(column.at(items) for column in self._described.beside)

    def identity(self) -> str:
        return self._identity

    @cached_property
    def _identity(self) -> str:
        closed = [f"{entry.name}: {entry.reason}" for entry in self._found[1] if entry.reason != RUN]
        return "\n".join([f"layout {VERSION}", file_identity(self.root, self._tree.names), *closed])

    def unchanged(self) -> bool:
        try:
            return Folder(self.root).identity() == self._identity
        except InputError:  # no pictures are left
            return False

    def survey(self, progress: Progress = no_progress) -> Survey:
        total, notes = lambda: len(self._tree.pictures) + len(self._others), lambda: self._described.notes
        return surveyed(self, total, progress, notes)

    def samples(self) -> Iterator[Sample | Skipped]:
        yield from self._others
        labels = self._described.labels
        for place, name in enumerate(self._tree.pictures):
            label = labels[place] if labels else self._tree.label(name)
            yield Sample(self.root / name, label, self._tree.is_test(name), name)
        yield from self._found[1]  # last: a run that appears while pictures are packed moves none of them
