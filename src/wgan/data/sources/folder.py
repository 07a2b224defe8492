"""A folder of pictures, flat or at any depth; the first folders that part them are labels when each is in one."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from wgan.data.source import Sample, Skipped, Survey, file_identity, plain
from wgan.data.sources.file_names import Tree, visible_files
from wgan.data.survey import surveyed
from wgan.errors import InputError
from wgan.system.pictures import reason, refuse_passing
from wgan.types import Progress


class Folder:
    """Every picture below `root`, in the order of their relative paths. Hidden files are passed over."""

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
        """The first folders that part the pictures, if no picture lies beside them."""
        return self._tree.label_names

    def identity(self) -> str:
        """The place, and the names, sizes and times of all files, those that are no pictures included."""
        return self._identity

    @cached_property
    def _identity(self) -> str:
        return file_identity(self.root, [*self._tree.pictures, *(entry.name for entry in self._tree.others)])

    def survey(self, progress: Progress = plain) -> Survey:
        """Counts from the files' headers; nothing is decoded."""
        return surveyed(self, lambda: len(self._tree.pictures) + len(self._tree.others), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        """Files that are named like pictures; the others come first, as `Skipped`."""
        yield from self._tree.others
        for name in self._tree.pictures:
            yield Sample(self.root / name, self._tree.label(name), name=name)
