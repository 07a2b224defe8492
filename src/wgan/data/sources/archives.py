"""Archives of pictures, one or several shards; labels come from folders or from WebDataset's `.cls` files."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from wgan.data.source import Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.sources.archive_members import SUFFIXES, Member, members
from wgan.data.sources.layout import VERSION, Tree, suffix_of
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

    def label_names(self) -> tuple[str, ...]:
        return tuple(self._index.classes or self._index.tree.labels)

    def identity(self) -> str:
        return self._identity

    def unchanged(self) -> bool:
        return self._identity == Archives(self.paths).identity()

    @cached_property
    def _identity(self) -> str:
        return f"layout {VERSION}\n{file_identity(self.paths[0].parent, [path.name for path in self.paths])}"

    def survey(self, progress: Progress = no_progress) -> Survey:
        return surveyed(self, lambda: len(self._index.tree.pictures) + len(self._index.tree.others), progress)

    def samples(self) -> Iterator[Sample | Skipped]:
        tree, keys, _, labels = self._index
        others = dict(tree.others)
        for shard, member in self._members():
            name = member.name if len(self.paths) == 1 else f"{self.paths[shard].name}/{member.name}"
            key = _key(shard, member.name)
            if member.name not in others:
                content = member.read()
                if isinstance(content, str):
                    yield Skipped(name, content)
                else:
                    label = labels[key] if labels else tree.label(member.name)
                    yield Sample(content, label, tree.is_test(member.name), name)
            elif key not in keys:  # other files of a WebDataset sample are no surprise
                yield Skipped(name, others[member.name])


def _key(shard: int, name: str) -> Key:
    folder, slash, file = name.rpartition("/")
    return shard, folder + slash + file.partition(".")[0]
