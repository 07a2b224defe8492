"""Columns of a pack: what comes beside its samples and could be asked for, kept in the order of its rows."""

import math
from dataclasses import dataclass

import numpy as np

from wgan.data.histogram import constant, histogram
from wgan.data.source import Beside
from wgan.system.pictures import Array
from wgan.system.text import writable
from wgan.types import NonNegativeCount
from wgan.types.condition import PartKind

LABEL = "label"
"""What the labels of a data set are asked for by, whatever they are called there."""
LABELS = ("label", "labels", "class", "target", "y")
"""Names of a column of labels in a table, in any case; of several, the first."""
MOST_CLASSES = 1000
"""ImageNet and three stacked digits have so many; a column of more is text or numbers."""
FEW = 20
"""Of more different texts, each occurs twice on average: others are names of samples, or prose."""
BINS = 32
"""Of the histogram of numbers."""
MISSING = "all of it is missing"
LARGEST = 1e150
"""Squares of larger numbers overflow, and so do those of numbers whose differences are as small."""


@dataclass(frozen=True)
class Column:
    """A column of a pack.

    Its rows are places among `names` (-1 is missing), numbers (NaN is missing), or 0 and 1 for each of several labels
    (-1 is missing).
    """

    name: str
    kind: PartKind
    names: tuple[str, ...] = ()
    """Of classes or labels."""
    missing: NonNegativeCount = 0
    counts: tuple[NonNegativeCount, ...] = ()
    """Of each class or label, or of numbers in even steps from `low` to `high`."""
    low: float = 0.0
    high: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0

    @property
    def constant(self) -> bool:
        """Whether numbers are all the same, but for rounding."""
        return constant(self.low, self.high)


@dataclass(frozen=True)
class LeftOut:
    """A column that cannot be asked for, and why."""

    name: str
    reason: str


def stored(beside: Beside) -> tuple[Column, Array] | LeftOut:
    """A column as a pack keeps it, with its rows: int64 places, float64 numbers, or int8 labels (N, K)."""
    name, values = beside.name, np.asarray(beside.values)
    if beside.reason:
        return LeftOut(name, beside.reason)
    if values.ndim == 2:
        return _labels(name, values.astype(np.int8), beside.names)
    if beside.names:
        return _classes(name, values.astype(np.int64), beside.names)
    if values.dtype.kind in "iuf":
        return numbers_of(name, values.astype(np.float64))
    texts = np.array(["true" if value else "false" for value in values]) if values.dtype.kind == "b" else values
    texts = np.array([writable(str(text)).strip() for text in texts], dtype=object)
    found = {*texts} - {""}
    if len(found) > MOST_CLASSES and all(map(is_number, found)):
        return numbers_of(name, np.array([float(text or "nan") for text in texts]))
    if len(found) > MOST_CLASSES:
        return LeftOut(name, f"{len(found):,} different texts, and a class has at most {MOST_CLASSES:,} names")
    if len(found) > max(FEW, (known := int((texts != "").sum())) // 2):
        return LeftOut(name, f"{len(found):,} different texts in {known:,} samples, so that hardly any occurs twice")
    return named(name, texts)


def named(name: str, texts: Array) -> tuple[Column, Array] | LeftOut:
    """Texts (N,) as classes."""
    found = sorted({*texts} - {""}, key=natural)
    place_of = {text: place for place, text in enumerate(found)}
    return _classes(name, np.array([place_of.get(text, -1) for text in texts], np.int64), tuple(found))


def _classes(name: str, places: Array, names: tuple[str, ...]) -> tuple[Column, Array] | LeftOut:
    known = places[places >= 0]
    if not len(known):
        return LeftOut(name, MISSING)
    counts = np.bincount(known, minlength=len(names))
    return Column(name, "class", names, len(places) - len(known), tuple(map(int, counts))), places


def _labels(name: str, rows: Array, names: tuple[str, ...]) -> tuple[Column, Array] | LeftOut:
    known = (rows >= 0).all(1)
    if not known.any():
        return LeftOut(name, MISSING)
    if len(names) > MOST_CLASSES:
        return LeftOut(name, f"{len(names):,} different labels, of which there are at most {MOST_CLASSES:,}")
    counts = rows[known].sum(0, dtype=np.int64)
    return Column(name, "labels", names, int((~known).sum()), tuple(map(int, counts))), rows


def numbers_of(name: str, numbers: Array) -> tuple[Column, Array] | LeftOut:
    """Numbers (N,) as a column; those that are not finite are missing."""
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return LeftOut(name, MISSING)
    low, high = float(known.min()), float(known.max())
    if max(-low, high) > LARGEST or 0 < high - low < 1 / LARGEST:
        which = "too large" if max(-low, high) > LARGEST else "too close to each other"
        return LeftOut(name, f"numbers from {low:.4g} to {high:.4g}, {which} to be standardised: use another unit")
    missing, counts = len(numbers) - len(known), tuple(histogram(known, BINS))
    return Column(name, "number", (), missing, counts, low, high, float(known.mean()), float(known.std())), numbers


def natural(text: str) -> tuple[bool, float, str]:
    """Sorts numbers by their size, before texts."""
    return (False, float(text), text) if is_number(text) else (True, 0.0, text)


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
