"""Archives of pictures: one, or several shards; labels from folders, or from WebDataset's `.cls` files."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from wgan.data.source import Sample, Skipped, Survey, file_identity, plain
from wgan.data.sources.archive_members import SUFFIXES, Member, members
from wgan.data.sources.file_names import Tree, suffix_of
from wgan.data.survey import surveyed
from wgan.errors import InputError
from wgan.types import Progress

Key = tuple[int, str]
"""Which archive, and what files of one WebDataset sample share: the path up to the file's first dot."""


class _Index(NamedTuple):
    """What is known once the names in all archives were read."""

    tree: Tree
    keys: frozenset[Key]  # of the pictures
    classes: dict[Key, str]  # what the .cls files say


class Archives:
    """The pictures in archives, in the archives' order. Nothing is written to the disk but the pack."""

    def __init__(self, paths: Sequence[Path], name: str | None = None) -> None:
        self.paths = tuple(paths)
        self.name = name or _stem(self.paths[0])

    @cached_property
    def _index(self) -> _Index:
        names: list[str] = []
        classes: dict[Key, str] = {}
        keys: list[Key] = []
        for shard, member in self._members():
            names.append(member.name)
            keys.append(_key(shard, member.name))
            if suffix_of(member.name) == ".cls" and isinstance(content := member.read(), bytes):
                classes[keys[-1]] = content.decode(errors="replace").strip()
        tree = Tree(names)
        if not tree.pictures:
            where = f"{self.paths[0]}" if len(self.paths) == 1 else f"the {len(self.paths)} archives of {self.name}"
            found = f"{len(tree.others)} other files" if tree.others else "nothing"
            raise InputError(f"No pictures in {where}: {found}. Give archives that hold pictures (.jpg, .png ...).")
        others = {other.name for other in tree.others}
        pictures = frozenset(key for key, name in zip(keys, names, strict=True) if name not in others)
        return _Index(tree, pictures, classes if pictures <= classes.keys() else {})

    def _members(self) -> Iterator[tuple[int, Member]]:
        for shard, path in enumerate(self.paths):
            for member in members(path):
                yield shard, member

    def label_names(self) -> tuple[str, ...]:
        """What the `.cls` files say, if every picture has one; else as for a folder."""
        return tuple(self._classes) or self._index.tree.label_names

    @cached_property
    def _classes(self) -> dict[str, int]:
        """The value of each class, by number where all are numbers."""
        named = {self._index.classes[key] for key in self._index.keys if self._index.classes}
        order = sorted(named, key=int) if all(name.isdecimal() for name in named) else sorted(named)
        return {name: value for value, name in enumerate(order)}

    def _label(self, shard: int, name: str) -> int | None:
        index = self._index
        return self._classes[index.classes[_key(shard, name)]] if self._classes else index.tree.label(name)

    def identity(self) -> str:
        """The places, sizes and times of the archives."""
        return file_identity(self.paths[0].parent, [path.name for path in self.paths])

    def survey(self, progress: Progress = plain) -> Survey:
        """Counts from the pictures' headers; nothing is decoded."""
        return surveyed(self, lambda: len(self._index.tree.pictures) + len(self._index.tree.others), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        """The pictures' bytes. Other files of a WebDataset sample that has a picture are passed over."""
        index = self._index
        others = dict(index.tree.others)
        for shard, member in self._members():
            name = member.name if len(self.paths) == 1 else f"{self.paths[shard].name}/{member.name}"
            if member.name not in others:
                content = member.read()
                if isinstance(content, str):
                    yield Skipped(name, content)
                else:
                    yield Sample(content, self._label(shard, member.name), name=name)
            elif _key(shard, member.name) not in index.keys:
                yield Skipped(name, others[member.name])


def _key(shard: int, name: str) -> Key:
    folder, slash, file = name.rpartition("/")
    return shard, folder + slash + file.partition(".")[0]


def _stem(path: Path) -> str:
    name = path.name.lower()
    ending = max((suffix for suffix in SUFFIXES if name.endswith(suffix)), key=len)
    return path.name[: -len(ending)] or "archive"
