"""Conditions of packs: columns that are asked for, and what they say of each sample."""

from collections.abc import Mapping, Sequence

import numpy as np

from wgan.data.columns import LABEL, LABELS, MISSING, MOST_CLASSES, Column, LeftOut, is_number, named, numbers_of
from wgan.data.source import UNREAD, name_in
from wgan.errors import InputError, unknown
from wgan.system.pictures import Array
from wgan.types.condition import MOST_SETS, Condition, Part

QUANTILES = 81
"""Of numbers, so many are kept, each of which occurs. The median and the ends of fifths are among them."""
MOST_PLACES = 10_000
"""Sets of labels that occur together have so many labels in all: a file of text holds them."""
MOST, NARROW = (0.05, 0.95), 0.1
"""Where all but a twentieth of the numbers at either end take less than this share of their deviation."""
EXACT = 2**53
"""Whole numbers below this are exact."""
FLOAT32 = np.finfo(np.float32)

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


def notes(condition: Condition) -> list[str]:
    """What a user should know of what is asked for: numbers that a few others dwarf."""
    found = []
    for part in condition.parts:
        if part.kind == "number":
            low, high = (part.quantiles[round(share * (len(part.quantiles) - 1))] for share in MOST)
            if high - low < NARROW * part.spread:
                found.append(
                    f"most numbers of {part.name} lie between {low:g} and {high:g}, and a few far outside, up to "
                    f"{max(part.low, part.high, key=abs):g}: networks can hardly tell the others apart. Remove those, "
                    "or take the logarithm"
                )
    return found


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
            return InputError(f"{name} cannot be a condition: {column.reason}.{others}")
    if name in inner:
        return InputError(
            f"{name} is a column of these samples, and what is asked for is no part of them. Pack the data again with "
            "it as condition, which takes it out of the samples."
        )
    near = [known for known in {*columns, *inner} if known.lower() == name.lower()]
    if near:
        return InputError(f"There is no {name}, but {near[0]}: --condition {near[0]}.")
    if name.lower() in LABELS and LABEL in columns:
        return InputError(f"The labels of data are asked for as {LABEL}, whatever they are called. Write {LABEL}.")
    if others:
        return unknown("condition", name, {*columns, *inner})
    for column in left_out:
        if column.reason.startswith(UNREAD):
            return InputError(f"There is no {name}: {column.name} could not be read, and {column.reason}.")
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
        if column.constant:
            raise _constant(name, f"{column.low:g}", column.missing)
        quantiles = tuple(np.sort(known)[(len(known) - 1) * np.arange(QUANTILES) // (QUANTILES - 1)].tolist())
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
            + (f" If they are numbers, write {name}:number." if all(map(is_number, column.names)) else "")
            + " Join them to fewer groups."
        )
    together = _together(rows) if column.kind == "labels" else ()
    sets, set_counts = tuple(zip(*together, strict=True)) or ((), ())
    return Part(name, column.kind, column.names, column.counts, samples, sets=sets, set_counts=set_counts)


def _together(rows: Array) -> list[tuple[tuple[int, ...], int]]:
    """Which labels occur together, and how often, of rows (N, K): the most frequent sets first.

    Of more sets than are kept, those of samples that are evenly chosen: so each label stays as frequent as it is.
    """
    known = rows[(rows >= 0).all(1)] > 0
    sets, counts = _sets_of(known)
    if len(sets) > MOST_SETS or sum(map(len, sets)) > MOST_PLACES:
        most = min(MOST_SETS, MOST_PLACES // int(known.sum(1).max()))
        sets, counts = _sets_of(known[np.linspace(0, len(known) - 1, most).astype(int)])
    return sorted(zip(sets, counts, strict=True), key=lambda found: -found[1])


def _sets_of(known: Array) -> tuple[list[tuple[int, ...]], list[int]]:
    bits, counts = np.unique(np.packbits(known, axis=1), axis=0, return_counts=True)
    there = np.unpackbits(bits, axis=1, count=known.shape[1])
    return [tuple(np.flatnonzero(row).tolist()) for row in there], counts.tolist()


def _constant(name: str, value: str, missing: int) -> InputError:
    where = "every sample" if not missing else f"every sample of which it is known ({missing:,} lack it)"
    return InputError(
        f"{name} is {value} for {where}: it says nothing, and cannot be a condition. Ask for another column, or leave "
        "data.condition out."
    )


def _spread(column: Column) -> float:
    """The deviation; of numbers next to each other, at least what tells them apart."""
    return max(column.deviation, (column.high - column.low) / 1e6)


def _in_full(number: float) -> str:
    """A number by which it is told apart from others, without the rounding of how it was computed."""
    if number.is_integer() and abs(number) < EXACT:
        return str(int(number))
    single = np.float32(number) if abs(number) < FLOAT32.max else np.float32(0)
    return str(single) if float(single) == number else f"{number:.15g}"


def _as_classes(column: Column, rows: Array) -> tuple[Column, Array]:
    if column.kind == "labels":
        names = np.array(column.names, dtype=object)
        texts = ["" if row.min() < 0 else "|".join(names[row > 0]) or "none" for row in rows]
    else:
        texts = ["" if np.isnan(number) else _in_full(float(number)) for number in rows]
    different = len({*texts} - {""})
    if different > MOST_CLASSES:
        raise InputError(
            f"{column.name} has {different:,} different values, and a class has at most {MOST_CLASSES:,}. Write "
            f"{column.name} alone."
        )
    found = named(column.name, np.array(texts, dtype=object))
    assert not isinstance(found, LeftOut), "columns of which all is missing are left out"
    return found


def _as_numbers(column: Column, rows: Array) -> tuple[Column, Array]:
    if column.kind == "labels" or not all(map(is_number, column.names)):
        text = next((text for text in column.names if not is_number(text)), None)
        why = "several labels" if text is None else f"'{text}', which is no number"
        raise InputError(f"{column.name} holds {why}. Write {column.name} alone.")
    values = np.array([*map(float, column.names), np.nan])[rows]
    found = numbers_of(column.name, values)
    if isinstance(found, LeftOut):
        raise InputError(f"{column.name} cannot be a condition: {found.reason}. Ask for something else.")
    return found


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
            standardised = (numbers - part.centre) / part.spread
            standardised[np.abs(standardised) > FLOAT32.max] = np.nan
            found.append(standardised.astype(np.float32)[:, None])
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
