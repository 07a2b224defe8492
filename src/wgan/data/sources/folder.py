"""Folders of pictures, flat or nested."""

import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from wgan.data.source import Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.sources.layout import VERSION, Tree, is_hidden
from wgan.data.survey import surveyed
from wgan.errors import InputError
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

    What folders mean, `layout` says.
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

    def label_names(self) -> tuple[str, ...]:
        return tuple(self._tree.labels)

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
        return surveyed(self, lambda: len(self._tree.pictures) + len(self._tree.others), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        yield from self._tree.others
        for name in self._tree.pictures:
            yield Sample(self.root / name, self._tree.label(name), self._tree.is_test(name), name)
        yield from self._found[1]  # last: a run that appears while pictures are packed moves none of them
