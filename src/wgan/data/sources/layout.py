"""What the paths of pictures tell: which folders are splits, which are labels, and what does not belong."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from PIL import Image

from wgan.data.source import Skipped
from wgan.system import heif
from wgan.system.pictures import FORMATS

VERSION = 4
"""A part of a source's identity: increase it when the same names get other labels or splits."""
LITTER = frozenset({"@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"})
"""Folders that file servers and systems put among files, in lower case."""

SPLIT = re.compile(
    r"((?P<train>train|training)|test|testing|val|valid|validation|dev|eval)([-_ ]?(set|data|images?|imgs?|\d+))?",
    re.IGNORECASE,
)
"""The name of a folder that holds a split: train, test_images, val2017."""

MASKS = re.compile(
    r"(seg(mentation)?[-_ ]?)?(masks?|labels?|annotations?|segmentations?|ground[-_ ]?truths?|gts?|seg)", re.IGNORECASE
)
"""The name of a folder, or what follows the name of a picture, of masks beside pictures."""
IMAGES = re.compile(r"(images?|imgs?|pictures?|photos?|jpe?gimages|inputs?|raw)", re.IGNORECASE)
"""The name of a folder of pictures that have masks in another one."""
STRAYS = 0.05
"""So many pictures, or a single one, may lie beside folders that are labels. They are passed over."""
FEW = 10
"""Among fewer pictures than this, none is a stray."""


def is_hidden(name: str) -> bool:
    """Whether a file is hidden, or in a folder like `.git`, `__MACOSX` or `@eaDir`."""
    *folders, file = name.split("/")
    return file.startswith(".") or any(folder.startswith((".", "__")) or folder.lower() in LITTER for folder in folders)


def suffix_of(name: str) -> str:
    """The last suffix with its dot, in lower case."""
    return os.path.splitext(name)[1].lower()


def picture_suffixes() -> frozenset[str]:
    """The suffixes of all formats in `FORMATS`."""
    known = {suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS}
    return frozenset(known) | frozenset(heif.SUFFIXES)


class Layout(NamedTuple):
    """What folders mean, by their paths."""

    labels: dict[str, int]
    """The number of each label."""
    label_of: dict[str, int]
    """The label of each folder; empty if there are no labels."""
    tests: frozenset[str]
    """The folders of test and validation splits."""
    beside: frozenset[str]
    """The folders of strays: few pictures beside folders that are labels."""


def layout(pictures: Counter[str]) -> Layout:
    """What the folders of pictures mean, given the number of pictures in each.

    A folder that holds all others tells nothing. Folders named train, test and so on are splits. Then the first folders
    that divide the pictures are the labels, if no more than `STRAYS` lie beside them.
    """
    below = {folder: tuple(folder.split("/")) if folder else () for folder in pictures}
    tests: frozenset[str] = frozenset()
    allowed = max(1, int(STRAYS * pictures.total())) if pictures.total() >= FEW else 0
    while sum(pictures[folder] for folder, parts in below.items() if not parts) <= allowed:
        firsts = sorted({parts[0] for parts in below.values() if parts})
        matches = [SPLIT.fullmatch(first) for first in firsts]
        training = {first for first, match in zip(firsts, matches, strict=True) if match and match["train"]}
        splits = not tests and all(matches) and 0 < len(training) < len(firsts)
        if not firsts:
            break
        if splits:
            tests = frozenset(folder for folder, parts in below.items() if parts and parts[0] not in training)
        elif len(firsts) > 1:
            labels = {first: number for number, first in enumerate(firsts)}
            label_of = {folder: labels[parts[0]] for folder, parts in below.items() if parts}
            return Layout(labels, label_of, tests, frozenset(below) - frozenset(label_of))
        below = {folder: parts[1:] for folder, parts in below.items()}
    return Layout({}, {}, tests, frozenset())


class Tree:
    """Relative paths with slashes, divided into pictures and other files; what the folders of pictures mean."""

    def __init__(self, names: Iterable[str], suffixes: frozenset[str] | None = None, what: str = "a picture") -> None:
        """`suffixes` are those of what is looked for, if it is not pictures but `what`."""
        known = picture_suffixes() if suffixes is None else suffixes
        pictures: list[str] = []
        self.others: list[Skipped] = []
        """What is no picture, and why, in the order of the names."""
        for name in names:
            if (suffix := suffix_of(name)) in known or (suffix == ".gz" and name.lower().endswith(tuple(known))):
                pictures.append(name)
            else:
                self.others.append(Skipped(name, f"not named like {what} ({suffix or 'no suffix'})"))
        masks = _masks(pictures)
        self.others += [Skipped(name, "a mask beside the pictures, by its name") for name in sorted(masks)]
        pictures = [name for name in pictures if name not in masks]
        self._layout = layout(Counter(map(_folder, pictures)))
        self.pictures = [name for name in pictures if _folder(name) not in self._layout.beside]
        shown = ", ".join(list(self.labels)[:3])
        strays = (name for name in pictures if _folder(name) in self._layout.beside)
        self.others += [Skipped(name, f"lies beside the folders that are labels ({shown})") for name in strays]

    @property
    def names(self) -> list[str]:
        """All of them, those that belong first."""
        return [*self.pictures, *(entry.name for entry in self.others)]

    @property
    def labels(self) -> dict[str, int]:
        """The number of each label; empty if there are none."""
        return self._layout.labels

    def label(self, name: str) -> int | None:
        """The number of a picture's label."""
        return self._layout.label_of.get(_folder(name))

    def is_test(self, name: str) -> bool:
        """Whether a picture belongs to a test or validation split."""
        return _folder(name) in self._layout.tests

    @cached_property
    def found(self) -> str:
        """In a few words, what there is that is no picture."""
        if not self.others:
            return "it is empty"
        kinds = Counter(suffix_of(other.name) or "no suffix" for other in self.others)
        shown = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(5))
        return f"{len(self.others):,} other files ({shown})"


def _masks(names: list[str]) -> set[str]:
    """Those of these files that are masks: in a folder of masks beside one of pictures, or named after a picture."""
    folders = {name: tuple(name.split("/")[:-1]) for name in names}
    with_images = {
        path[:place] for path in set(folders.values()) for place, part in enumerate(path) if _is(IMAGES, part)
    }
    found = {
        name
        for name, path in folders.items()
        if any(_is(MASKS, part) and path[:place] in with_images for place, part in enumerate(path))
    }
    stems = {os.path.splitext(name)[0] for name in names}
    for name in names:
        stem, _, last = os.path.splitext(name)[0].replace("-", "_").rpartition("_")
        if stem and _is(MASKS, last) and os.path.splitext(name)[0][: len(stem)] in stems:
            found.add(name)
    return found


def _is(pattern: re.Pattern[str], word: str) -> bool:
    return pattern.fullmatch(word) is not None


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
