"""Columns of a pack: what comes beside its samples and could be asked for, kept in the order of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wgan.data.source import Beside
from wgan.errors import InputError, unknown
from wgan.system.pictures import Array
from wgan.types import NonNegativeCount
from wgan.types.condition import Condition, Part, PartKind

LABEL = "label"
"""What the labels of a data set are asked for by, whatever they are called there."""
MOST_CLASSES = 1000
"""ImageNet and three stacked digits have so many; a column of more is text or numbers."""
QUANTILES = 65
"""Of numbers, so many are kept."""
BINS = 32
"""Of the histogram of numbers."""


@dataclass(frozen=True)
class Column:
    """A column of a pack: its rows are places among `names` (-1 is missing), numbers (NaN is missing) or labels."""

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


@dataclass(frozen=True)
class LeftOut:
    """A column that cannot be asked for, and why."""

    name: str
    reason: str


def stored(beside: Beside) -> tuple[Column, Array] | LeftOut:
    """A column as a pack keeps it, with its rows: int64 places, float64 numbers or bool labels (N, K)."""
    name, values = beside.name, np.asarray(beside.values)
    if values.ndim == 2:
        counts = values.sum(0)
        return Column(name, "labels", beside.names, 0, tuple(map(int, counts))), values.astype(bool)
    if values.dtype.kind in "iuf":
        return _numbers(name, values.astype(np.float64))
    texts = np.array(["true" if value else "false" for value in values]) if values.dtype.kind == "b" else values
    texts = np.array([str(text).strip() for text in texts], dtype=object)
    found = sorted({*texts} - {""}, key=_natural)
    if not found:
        return LeftOut(name, "all of it is missing")
    if len(found) > MOST_CLASSES:
        return LeftOut(name, f"{len(found):,} different texts, and a class has at most {MOST_CLASSES:,} names")
    place_of = {text: place for place, text in enumerate(found)}
    places = np.array([place_of.get(text, -1) for text in texts], np.int64)
    counts = np.bincount(places[places >= 0], minlength=len(found))
    return Column(name, "class", tuple(found), int((places < 0).sum()), tuple(map(int, counts))), places


def _numbers(name: str, numbers: Array) -> tuple[Column, Array] | LeftOut:
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return LeftOut(name, "all of it is missing")
    low, high = float(known.min()), float(known.max())
    counts, _ = np.histogram(known, BINS, (low, high if high > low else low + 1))
    missing = len(numbers) - len(known)
    facts = low, high, float(known.mean()), float(known.std())
    return Column(name, "number", (), missing, tuple(map(int, counts)), *facts), numbers


def _natural(text: str) -> tuple[bool, float, str]:
    """Sorts numbers by their size, before texts."""
    try:
        return False, float(text), text
    except ValueError:
        return True, 0.0, text


Columns = Mapping[str, tuple[Column, Array]]
"""By name, with their rows."""


def chosen(wanted: Sequence[str], columns: Columns, left_out: Sequence[LeftOut]) -> Condition:
    """The condition of these parts, each written as NAME or NAME:KIND.

    Raises:
        InputError: there is no such column, or it says nothing, or it cannot be of that kind.
    """
    parts = []
    for text in wanted:
        name, kind = _name_and_kind(text, columns)
        if name not in columns:
            raise _absent(name, columns, left_out)
        parts.append(_part(*columns[name], kind))
    if len({part.name for part in parts}) < len(parts):
        raise InputError(f"{','.join(wanted)} names a column twice. Name each once.")
    return Condition(tuple(parts))


def _name_and_kind(text: str, columns: Mapping[str, object]) -> tuple[str, str | None]:
    name, colon, kind = text.rpartition(":")
    if text in columns or not colon:
        return text, None
    if kind not in ("class", "labels", "number"):
        raise InputError(f"'{kind}' is no kind of condition: write {name}:class or {name}:number.")
    return name, kind


def _absent(name: str, columns: Mapping[str, object], left_out: Sequence[LeftOut]) -> InputError:
    for column in left_out:
        if column.name == name:
            return InputError(f"{name} cannot be a condition: {column.reason}.")
    if not columns:
        return InputError(
            f"There is nothing beside these samples that could be a condition, and no {name}. Give class folders, a "
            "metadata.csv with a file_name column beside pictures, a table with such a column, or, from Python, "
            "condition=values."
        )
    return unknown("condition", name, columns)


def _part(column: Column, rows: Array, kind: str | None) -> Part:
    name = column.name
    if kind not in (None, column.kind):
        if "labels" in (kind, column.kind):
            raise InputError(f"{name} is of kind {column.kind}, and cannot be {kind}. Write {name} alone.")
        column, rows = _as_classes(column, rows) if kind == "class" else _as_numbers(column, rows)
    if column.kind == "number":
        known = rows[~np.isnan(rows)]
        if column.low == column.high:
            raise InputError(f"{name} is {column.low:g} for every sample: it says nothing, and cannot be a condition.")
        quantiles = tuple(map(float, np.quantile(known, np.linspace(0, 1, QUANTILES))))
        spread = max(column.deviation, 1e-30)
        return Part(name, "number", samples=len(known), centre=column.mean, spread=spread, quantiles=quantiles)
    samples = len(rows) - column.missing
    there = [count for count in column.counts if count]
    if (column.kind == "class" and len(there) < 2) or not there:
        only = next((text for text, count in zip(column.names, column.counts, strict=True) if count), "missing")
        raise InputError(f"{name} is {only} for every sample: it says nothing, and cannot be a condition.")
    if len(column.names) > MOST_CLASSES:
        raise InputError(
            f"{name} has {len(column.names):,} different values, and a class has at most {MOST_CLASSES:,}."
            + (f" If they are numbers, write {name}:number." if all(map(_is_number, column.names)) else "")
        )
    return Part(name, column.kind, column.names, column.counts, samples)


def _as_classes(column: Column, rows: Array) -> tuple[Column, Array]:
    texts = np.array(["" if np.isnan(number) else f"{number:.6g}" for number in rows], dtype=object)
    found = stored(Beside(column.name, texts))
    if isinstance(found, LeftOut):
        raise InputError(
            f"{column.name} cannot be a class: {found.reason.replace('texts', 'numbers')}. Write {column.name} alone."
        )
    return found


def _as_numbers(column: Column, rows: Array) -> tuple[Column, Array]:
    if not all(map(_is_number, column.names)):
        text = next(text for text in column.names if not _is_number(text))
        raise InputError(f"{column.name} holds '{text}', which is no number. Write {column.name} alone.")
    values = np.array([*map(float, column.names), np.nan])[rows]
    found = _numbers(column.name, values)
    assert not isinstance(found, LeftOut)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def rows_of(condition: Condition, columns: Columns) -> Array:
    """The rows of a condition (N, width), float32; NaN where the data do not say, or name what it does not have.

    Raises:
        InputError: a column is missing.
    """
    found = []
    for part in condition.parts:
        if part.name not in columns:
            raise InputError(f"The condition {part.name} is not among what comes with these data.")
        column, rows = columns[part.name]
        if part.kind == "number":
            numbers = rows if column.kind == "number" else _as_numbers(column, rows)[1]
            found.append(((numbers - part.centre) / part.spread).astype(np.float32)[:, None])
        elif part.kind == "class":
            column, places = (column, rows) if column.kind == "class" else _as_classes(column, rows)
            place_of = {text: float(place) for place, text in enumerate(part.names)}
            known = np.array([*(place_of.get(text, np.nan) for text in column.names), np.nan], np.float32)
            found.append(known[places][:, None])
        else:
            empty = np.zeros(len(rows), bool)
            by_name = {text: rows[:, place] for place, text in enumerate(column.names)}
            found.append(np.stack([by_name.get(text, empty) for text in part.names], axis=1).astype(np.float32))
    return np.concatenate(found, axis=1)
