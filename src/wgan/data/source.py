"""The interface of a data source: it describes its samples and yields them one by one."""

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from wgan.system.pictures import Array as Array, Picture
from wgan.system.text import writable
from wgan.types import Progress, T
from wgan.types.sample_spec import Kind, Stored


def no_progress(items: Iterable[T], total: int, what: str) -> Iterable[T]:
    """A `Progress` that shows nothing."""
    return items


class Sample(NamedTuple):
    """One sample as the source stores it, pictures usually still encoded."""

    value: Picture  # or a point (D,)
    label: int | None = None
    test: bool = False  # the source assigns it to its test split
    name: str = ""  # identifies the sample if it turns out to be damaged


UNREAD = "its columns are left out: "
"""How the reason begins why a file of columns cannot be used."""


class Skipped(NamedTuple):
    """A file or row that cannot be used."""

    name: str
    reason: str


NOTHING: Array = np.empty(0)


@dataclass(frozen=True, eq=False)
class Beside:
    """A column of values beside the samples, one for each item of a source, whether it can be read or not."""

    name: str
    values: Array = field(default_factory=lambda: NOTHING)
    """(items,) texts, where "" is missing; numbers, where NaN is missing; bool; or places among `names`, where -1 is
    missing. Or (items, K) of K labels: bool, or int8 where a row of -1 is missing."""
    names: tuple[str, ...] = ()
    """Of the K labels, or of the classes, in their order."""
    reason: str = ""
    """Why it cannot be asked for. Then it has no values."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", writable(self.name))
        object.__setattr__(self, "names", tuple(map(writable, self.names)))

    def at(self, items: Array) -> "Beside":
        """The values of these items, in this order."""
        return self if self.reason else replace(self, values=self.values[items])


def fingerprint(columns: Iterable[Beside]) -> str:
    """A text that changes when a column, its names or any of its values change."""
    digest = hashlib.blake2b(digest_size=16)
    for column in columns:
        values = np.ascontiguousarray(column.values)
        digest.update(repr((column.name, column.names, column.reason, values.shape, values.dtype.kind)).encode())
        texts = values.dtype.kind in "OU"
        digest.update(json.dumps([str(text) for text in values]).encode() if texts else values.tobytes())
    return digest.hexdigest()


def name_in(text: str, known: Container[str]) -> str:
    """The name of the column that NAME or NAME:KIND asks for: names may have colons themselves."""
    return text if text in known else text.rpartition(":")[0] or text


@dataclass(frozen=True)
class Survey:
    """What a source contains, read from headers where these say enough."""

    count: int
    sizes: Counter[tuple[int, ...]] = field(default_factory=Counter)  # (height, width), or the places of other kinds
    modes: Counter[str] = field(default_factory=Counter)  # Pillow's names: L grey, RGB, RGBA, P palette ...
    labels: Counter[str] = field(default_factory=Counter)
    skipped: tuple[Skipped, ...] = ()
    point_size: int | None = None  # D, when the data are points
    kind: Kind = "picture"  # unless they are points
    channels: int | None = None  # where modes do not say
    dtype: Stored = "uint8"
    names: tuple[str, ...] = ()  # of columns or channels
    standardise: bool = False  # points: networks see each column with mean 0 and deviation 1
    notes: tuple[str, ...] = ()  # what a user should know of how the data are read


class Source(ABC):
    """Where samples come from."""

    name: str
    """Short, and usable as the name of a folder."""
    redraws = False
    """Whether reading a sample again gives another one, as of a dataset that draws at random."""

    def label_names(self) -> tuple[str, ...]:
        """The name of each label value; empty if the samples have no labels."""
        return ()

    def beside(self) -> tuple[Beside, ...]:
        """What comes with the samples besides their labels: a value for each item of `samples`, in its order.

        Items at the end may have none if they are skipped. It is asked for once all samples have been read.
        """
        return ()

    def inner(self) -> tuple[str, ...]:
        """The columns of the samples that `asked` takes out of them, by name."""
        return ()

    def asked(self, wanted: Sequence[str]) -> "Source":
        """The same data for a generator that is asked for these columns, NAME or NAME:KIND each.

        Those that are a part of the samples come beside them instead: what is asked for is not made.
        """
        return self

    @abstractmethod
    def identity(self) -> str | None:
        """A text that changes when the samples change; None if only reading all of them can tell."""

    def unchanged(self) -> bool:
        """Whether the samples are still those that `identity` stands for. Asked once they have all been read."""
        return True

    @abstractmethod
    def survey(self, progress: Progress = no_progress) -> Survey:
        """What the source contains. The result is cached."""

    @abstractmethod
    def samples(self) -> Iterator[Sample | Skipped]:
        """All samples, always in the same order. Nothing is decoded here, so that skipping samples is cheap."""


class ArraySource(Source):
    """A source whose pictures are one array."""

    @property
    @abstractmethod
    def arrays(self) -> tuple[Array, Array | None, Array | None]:
        """Pictures (N, H, W, C), uint8; labels (N,); and which are for testing (N,). Keep them: all ask for them."""

    def survey(self, progress: Progress = no_progress) -> Survey:
        images, labels, _ = self.arrays
        return survey_array(images, labels, self.label_names())

    def samples(self) -> Iterator[Sample | Skipped]:
        images, labels, tests = self.arrays
        for i, image in enumerate(images):
            yield Sample(image, None if labels is None else int(labels[i]), tests is not None and bool(tests[i]))


def file_identity(root: Path, names: Iterable[str]) -> str:
    """A text that changes when a file below `root` changes: the path of `root`, and each file's name, size and time.

    The path is included because unpacked archives often agree in everything else. Permissions and owner are included
    for files that not everybody may read: fixing them makes a skipped file readable without changing its time.
    """
    lines = [str(root.resolve())]
    for name in names:
        try:
            status = os.stat(f"{root}/{name}")  # building a Path for each file takes longer than the system call
            lines.append(f"{name}\t{status.st_size}\t{status.st_mtime_ns}")
            if status.st_mode & 0o444 != 0o444:
                lines[-1] += f"\t{status.st_mode:o} {status.st_uid} {status.st_gid}"
        except OSError as error:  # a dangling link or a file just deleted: reading it reports the error
            lines.append(f"{name}\t{error.strerror}")
    return "\n".join(lines)


def survey_array(images: Array, labels: Array | None, names: tuple[str, ...]) -> Survey:
    """The survey of pictures in one array (N, H, W, C)."""
    count, height, width, channels = images.shape
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    counted = Counter(names[label] for label in ([] if labels is None else labels))
    return Survey(count, Counter({(height, width): count}), Counter({mode: count}), counted)
