"""What a source of training data is: it can say what it holds, and hand it over sample by sample."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from wgan.system.pictures import Array as Array, Picture
from wgan.types import Progress, T


def plain(items: Iterable[T], total: int, what: str) -> Iterable[T]:
    """Shows nothing: the progress of those who do not watch."""
    return items


class Sample(NamedTuple):
    """One datum as it was found: a picture, not decoded yet if it is a file or bytes; or a float point (D,)."""

    value: Picture
    label: int | None = None
    test: bool = False  # the source itself says: keep this one out of training
    name: str = ""  # what to call it if it turns out to be damaged


class Skipped(NamedTuple):
    """Something that was there and cannot be used."""

    name: str
    reason: str


@dataclass(frozen=True)
class Survey:
    """What is in a source, learnt from headers alone."""

    count: int
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)  # (height, width)
    modes: Counter[str] = field(default_factory=Counter)  # Pillow's names: L grey, RGB, RGBA, P palette ...
    labels: Counter[str] = field(default_factory=Counter)
    skipped: tuple[Skipped, ...] = ()
    point_size: int | None = None  # D, when the data are points and not pictures


@runtime_checkable
class Source(Protocol):
    """Where data come from. `name` is short and fit for a folder name."""

    @property
    def name(self) -> str:
        """A short name for people and paths."""

    def label_names(self) -> tuple[str, ...]:
        """The name of each label value, empty when there are no labels."""

    def identity(self) -> str | None:
        """A text that changes whenever what would be read changes; None when only reading can tell."""

    def survey(self, progress: Progress = plain) -> Survey:
        """What is there; asked a second time, it is not read again."""

    def samples(self) -> Iterator[Sample | Skipped]:
        """All of it, in an order that is the same every time; cheap to pass over, so nothing is decoded here."""


EVERYBODY = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
"""The permissions of a file that everybody may read."""


def file_identity(root: Path, names: Iterable[str]) -> str:
    """A text that changes when a file below `root` does: the place, and each file's name, size and time.

    The place is part of it because times can be made equal: two unpacked archives often agree in all else. So are
    the permissions and the owner of a file that not everybody may read: what was skipped for them can be mended
    without a change of the file's time.
    """
    lines = [str(root.resolve())]
    for name in names:
        try:
            status = os.stat(f"{root}/{name}")  # a Path for each would take longer than asking the system
            lines.append(f"{name}\t{status.st_size}\t{status.st_mtime_ns}")
            if status.st_mode & EVERYBODY != EVERYBODY:
                lines[-1] += f"\t{status.st_mode:o} {status.st_uid} {status.st_gid}"
        except OSError as error:  # a link to nowhere, a file just deleted: reading it will say so
            lines.append(f"{name}\t{error.strerror}")
    return "\n".join(lines)


def survey_array(images: Array, labels: Array | None, names: tuple[str, ...]) -> Survey:
    """The survey of pictures that lie in one array (N, H, W, C)."""
    count, height, width, channels = images.shape
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    counted: Counter[str] = Counter()
    if labels is not None:
        values, counts = np.unique(labels, return_counts=True)
        counted = Counter({names[v]: int(c) for v, c in zip(values, counts, strict=True)})
    return Survey(count, Counter({(height, width): count}), Counter({mode: count}), counted)
