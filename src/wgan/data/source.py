"""The interface of a data source: it describes its samples and yields them one by one."""

import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from wgan.system.pictures import Array as Array, Picture
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


class Skipped(NamedTuple):
    """A file or row that cannot be used."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Beside:
    """A column of values beside the samples, one for each item of a source, whether it can be read or not."""

    name: str
    values: Array
    """(items,) texts, where "" is missing; numbers, where NaN is missing, or bool; or (items, K) bool, of K labels."""
    names: tuple[str, ...] = ()
    """Of the K labels."""


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
        """What comes with the samples besides their labels: a value for each item of `samples`, in its order."""
        return ()

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
        """Pictures (N, H, W, C), uint8; labels (N,); and which of them are for testing (N,). Cache this property."""

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
