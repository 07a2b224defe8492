"""Columns of a pack: what comes beside its samples and could be asked for, kept in the order of its rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wgan.data.source import Beside, name_in
from wgan.errors import InputError, unknown
from wgan.system.pictures import Array
from wgan.types import NonNegativeCount
from wgan.types.condition import Condition, Part, PartKind

LABEL = "label"
"""What the labels of a data set are asked for by, whatever they are called there."""
LABELS = ("label", "labels", "class", "target", "y")
"""Names of a column of labels in a table, in any case; of several, the first."""
MOST_CLASSES = 1000
"""ImageNet and three stacked digits have so many; a column of more is text or numbers."""
FEW = 20
"""Of more different texts, each occurs twice on average: others are names of samples, or prose."""
QUANTILES = 65
"""Of numbers, so many are kept."""
BINS = 32
"""Of the histogram of numbers."""
MISSING = "all of it is missing"


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
        return _numbers(name, values.astype(np.float64))
    texts = np.array(["true" if value else "false" for value in values]) if values.dtype.kind == "b" else values
    texts = np.array([str(text).strip() for text in texts], dtype=object)
    found = {*texts} - {""}
    if len(found) > MOST_CLASSES and all(map(_is_number, found)):
        return _numbers(name, np.array([float(text or "nan") for text in texts]))
    if len(found) > MOST_CLASSES:
        return LeftOut(name, f"{len(found):,} different texts, and a class has at most {MOST_CLASSES:,} names")
    if len(found) > max(FEW, (known := int((texts != "").sum())) // 2):
        return LeftOut(name, f"{len(found):,} different texts in {known:,} samples, so that hardly any occurs twice")
    return _named(name, texts)


def _named(name: str, texts: Array) -> tuple[Column, Array] | LeftOut:
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


def _numbers(name: str, numbers: Array) -> tuple[Column, Array] | LeftOut:
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return LeftOut(name, MISSING)
    low, high = float(known.min()), float(known.max())
    counts, _ = np.histogram(known, BINS, (low, high if high > low else low + 1))
    missing = len(numbers) - len(known)
    facts = low, high, float(known.mean()), float(known.std())
    return Column(name, "number", (), missing, tuple(map(int, counts)), *facts), numbers


def natural(text: str) -> tuple[bool, float, str]:
    """Sorts numbers by their size, before texts."""
    return (False, float(text), text) if _is_number(text) else (True, 0.0, text)


Columns = Mapping[str, tuple[Column, Array]]
"""By name, with their rows."""


def chosen(
    wanted: Sequence[str], columns: Columns, left_out: Sequence[LeftOut], inner: Sequence[str] = ()
) -> Condition:
    """The condition of these parts, each written as NAME or NAME:KIND; `inner` are the columns of the samples.

    Raises:
        InputError: there is no such column, or it says nothing, or it cannot be of that kind.
    """
    parts = []
    for text in wanted:
        name, kind = _name_and_kind(text, columns)
        if name not in columns:
            raise _absent(name, columns, left_out, inner)
        parts.append(_part(*columns[name], kind))
    if len({part.name for part in parts}) < len(parts):
        raise InputError(f"{','.join(wanted)} names a column twice. Name each once.")
    return Condition(tuple(parts))


def _name_and_kind(text: str, columns: Columns) -> tuple[str, str | None]:
    name = name_in(text, columns)
    kind = text[len(name) + 1 :] or None
    if kind not in (None, "class", "labels", "number"):
        raise InputError(f"'{kind}' is no kind of condition: write {name}:class or {name}:number.")
    return name, kind


def _absent(name: str, columns: Columns, left_out: Sequence[LeftOut], inner: Sequence[str]) -> InputError:
    others = f" There are: {', '.join(sorted({*columns, *inner}))}." if columns or inner else ""
    for column in left_out:
        if column.name == name:
            return InputError(f"{name} cannot be a condition: {column.reason}.{others or ' Leave data.condition out.'}")
    if name in inner:
        return InputError(
            f"{name} is a column of these samples, and what is asked for is no part of them. Pack the data again with "
            "it as condition, which takes it out of the samples."
        )
    if name.lower() in LABELS and LABEL in columns:
        return InputError(f"The labels of data are asked for as {LABEL}, whatever they are called. Write {LABEL}.")
    if others:
        return unknown("condition", name, {*columns, *inner})
    return InputError(
        f"There is nothing beside these samples that could be a condition, and no {name}. Give class folders, a "
        "metadata.csv with a file_name column beside pictures, a table with such a column, or, from Python, "
        "condition=values."
    )


def _part(column: Column, rows: Array, kind: str | None) -> Part:
    name = column.name
    if kind not in (None, column.kind):
        if kind == "labels":
            raise InputError(f"{name} is of kind {column.kind}, and cannot be labels. Write {name} alone.")
        column, rows = _as_classes(column, rows) if kind == "class" else _as_numbers(column, rows)
    if column.kind == "number":
        known = rows[~np.isnan(rows)]
        if column.low == column.high:
            raise _constant(name, f"{column.low:g}", column.missing)
        quantiles = tuple(map(float, np.quantile(known, np.linspace(0, 1, QUANTILES))))
        return Part(name, "number", samples=len(known), centre=column.mean, spread=_spread(column), quantiles=quantiles)
    samples = len(rows) - column.missing
    there = [text for text, count in zip(column.names, column.counts, strict=True) if count]
    if not samples:
        raise InputError(f"{name} cannot be a condition: {MISSING}. Fill it in, or ask for something else.")
    if column.kind == "class" and len(there) < 2:
        raise _constant(name, there[0], column.missing)
    if column.kind == "labels" and all(count in (0, samples) for count in column.counts):
        raise _constant(name, "|".join(there) or "none of its labels", column.missing)
    if len(column.names) > MOST_CLASSES:
        raise InputError(
            f"{name} has {len(column.names):,} different values, and a class has at most {MOST_CLASSES:,}."
            + (f" If they are numbers, write {name}:number." if all(map(_is_number, column.names)) else "")
            + " Otherwise join them to fewer groups."
        )
    return Part(name, column.kind, column.names, column.counts, samples)


def _constant(name: str, value: str, missing: int) -> InputError:
    where = "every sample" if not missing else f"every sample of which it is known ({missing:,} lack it)"
    return InputError(
        f"{name} is {value} for {where}: it says nothing, and cannot be a condition. Ask for another column, or leave "
        "data.condition out."
    )


def _spread(column: Column) -> float:
    """The deviation; of numbers next to each other, at least what tells them apart."""
    return max(column.deviation, (column.high - column.low) / 1e6)


def _as_classes(column: Column, rows: Array) -> tuple[Column, Array]:
    if column.kind == "labels":
        names = np.array(column.names, dtype=object)
        texts = ["" if row.min() < 0 else "|".join(names[row > 0]) or "none" for row in rows]
    else:
        texts = ["" if np.isnan(number) else f"{number:.6g}" for number in rows]
    different = len({*texts} - {""})
    if different > MOST_CLASSES:
        raise InputError(
            f"{column.name} has {different:,} different values, and a class has at most {MOST_CLASSES:,}. Write "
            f"{column.name} alone."
        )
    found = _named(column.name, np.array(texts, dtype=object))
    assert not isinstance(found, LeftOut), "columns of which all is missing are left out"
    return found


def _as_numbers(column: Column, rows: Array) -> tuple[Column, Array]:
    if column.kind == "labels" or not all(map(_is_number, column.names)):
        text = next((text for text in column.names if not _is_number(text)), None)
        why = "several labels" if text is None else f"'{text}', which is no number"
        raise InputError(f"{column.name} holds {why}. Write {column.name} alone.")
    values = np.array([*map(float, column.names), np.nan])[rows]
    found = _numbers(column.name, values)
    if isinstance(found, LeftOut):
        raise InputError(f"{column.name} cannot be a condition: {found.reason}. Ask for something else.")
    return found


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def rows_of(condition: Condition, columns: Columns) -> Array:
    """The rows of a condition (N, width), float32; NaN where the data do not say, or name what it does not have.

    Raises:
        InputError: a column is missing.
    """
    found = []
    for part in condition.parts:
        if part.name not in columns:
            raise InputError(
                f"The condition {part.name} is not among what comes with these data. Give data that have it."
            )
        column, rows = columns[part.name]
        if part.kind == "number":
            numbers = rows if column.kind == "number" else _as_numbers(column, rows)[1]
            found.append(((numbers - part.centre) / part.spread).astype(np.float32)[:, None])
        elif part.kind == "class":
            column, places = (column, rows) if column.kind == "class" else _as_classes(column, rows)
            place_of = {text: float(place) for place, text in enumerate(part.names)}
            known = np.array([*(place_of.get(text, np.nan) for text in column.names), np.nan], np.float32)
            found.append(known[places][:, None])
        elif column.kind != "labels":
            raise InputError(
                f"The condition {part.name} has several labels at once, and in these data it is of kind {column.kind}."
            )
        else:
            empty = np.zeros(len(rows), np.int8)
            by_name = {text: rows[:, place] for place, text in enumerate(column.names)}
            labels = np.stack([by_name.get(text, empty) for text in part.names], axis=1).astype(np.float32)
            labels[(rows < 0).any(1)] = np.nan
            found.append(labels)
    return np.concatenate(found, axis=1)
