"""Archives of pictures, one or several shards; labels come from folders or from WebDataset's `.cls` files."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np

from wgan.data.source import Beside, Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.sources.archive_members import SUFFIXES, Member, members
from wgan.data.sources.layout import VERSION, Tree, suffix_of
from wgan.data.sources.metadata import Metadata, is_metadata, read_metadata
from wgan.data.survey import surveyed
from wgan.errors import InputError
from wgan.types import Progress

Key = tuple[int, str]
"""A WebDataset sample: the index of its archive, and the path of its files up to the first dot of their names."""


class _Index(NamedTuple):
    """What the names in all archives tell."""

    tree: Tree
    keys: frozenset[Key]  # of the pictures
    classes: dict[str, int]  # the value of each, in numerical order if all are numbers
    labels: dict[Key, int]  # from the .cls files; empty unless every picture has one


class Archives(Source):
    """The pictures in archives, in the archives' order. They are never unpacked to disk."""

    def __init__(self, paths: Sequence[Path], name: str | None = None) -> None:
        self.paths = tuple(paths)
        file = self.paths[0].name
        ending = max((suffix for suffix in SUFFIXES if file.lower().endswith(suffix)), key=len, default="")
        self.name = name or file[: len(file) - len(ending)] or "archive"

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
            raise InputError(
                f"No pictures in {where}: {tree.found}. Give archives that hold pictures (.jpg, .png ...)."
            )
        others = {other.name for other in tree.others}
        pictures = frozenset(key for key, name in zip(keys, names, strict=True) if name not in others)
        named = {classes[key] for key in pictures} if pictures <= classes.keys() else set()
        order = sorted(named, key=int) if all(name.isdecimal() for name in named) else sorted(named)
        values = {name: value for value, name in enumerate(order)}
        return _Index(tree, pictures, values, {key: values[classes[key]] for key in pictures if values})

    def _members(self) -> Iterator[tuple[int, Member]]:
        for shard, path in enumerate(self.paths):
            for member in members(path):
                yield shard, member

    @cached_property
    def _described(self) -> Metadata:
        """What metadata files say of the pictures. Both have the number of their archive for a first folder."""
        index = self._index
        if not any(is_metadata(other.name) for other in index.tree.others):
            return Metadata()
        others = {other.name for other in index.tree.others}
        names = [f"{shard}/{member.name}" for shard, member in self._members() if member.name not in others]
        labelled = bool(index.labels or index.tree.labels)
        return read_metadata(self._metadata(), names, labelled=labelled)

    def _metadata(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        for shard, member in self._members():
            if is_metadata(member.name):
                yield f"{shard}/{member.name}", partial(_content, member)

    def label_names(self) -> tuple[str, ...]:
        return tuple(self._index.classes or self._index.tree.labels) or self._described.label_names

    def beside(self) -> tuple[Beside, ...]:
        if not (columns := self._described.beside):
            return ()
        # Others are no samples: any value will do for them, so that they get that of the first picture.
        items = np.array([place or 0 for _, _, place, _ in self._items()])
        return tuple(column.at(items) for column in columns)

    def identity(self) -> str:
        return self._identity

    def unchanged(self) -> bool:
        return self._identity == Archives(self.paths).identity()

    @cached_property
    def _identity(self) -> str:
        return f"layout {VERSION}\n{file_identity(self.paths[0].parent, [path.name for path in self.paths])}"

    def survey(self, progress: Progress = no_progress) -> Survey:
        total, notes = lambda: len(self._index.tree.pictures) + len(self._index.tree.others), self._notes
        return surveyed(self, total, progress, notes)

    def _notes(self) -> tuple[str, ...]:
        return self._described.notes

    def _items(self) -> Iterator[tuple[int, Member, int | None, str]]:
        """Each item: its archive, its file, and its place among the pictures or why it is none."""
        others, unread, pictures = dict(self._index.tree.others), dict(self._described.unread), count(0)
        for shard, member in self._members():
            if member.name not in others:
                yield shard, member, next(pictures), ""
            elif is_metadata(member.name):
                if why := unread.get(f"{shard}/{member.name}"):
                    yield shard, member, None, why
            elif _key(shard, member.name) not in self._index.keys:
                yield shard, member, None, others[member.name]
            # Other files of a WebDataset sample are no surprise.

    def samples(self) -> Iterator[Sample | Skipped]:
        tree, _, _, labels = self._index
        described = self._described.labels
        for shard, member, place, why in self._items():
            name = member.name if len(self.paths) == 1 else f"{self.paths[shard].name}/{member.name}"
            content = why if place is None else member.read()
            if place is None or isinstance(content, str):
                yield Skipped(name, str(content))
                continue
            own = described[place] if described else tree.label(member.name)
            label = labels[_key(shard, member.name)] if labels else own
            yield Sample(content, label, tree.is_test(member.name), name)


def _content(member: Member) -> bytes:
    content = member.read()
    if isinstance(content, str):
        raise InputError(content)
    return content


def _key(shard: int, name: str) -> Key:
    folder, slash, file = name.rpartition("/")
    return shard, folder + slash + file.partition(".")[0]
