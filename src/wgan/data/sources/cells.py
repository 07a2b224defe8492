"""Cells and arrays as columns beside samples: which of them are classes, several labels at once, or numbers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain

import numpy as np

from wgan.data.columns import MOST_CLASSES, natural
from wgan.data.source import Beside
from wgan.system.pictures import Array

SEPARATORS = ("|", ";")
"""What may stand between several labels in one text."""
LONGEST = 40
"""So many characters has the name of such a label at most."""
MOST_NUMBERS = 64
"""Of so many numbers in one cell, each becomes a column."""
LARGEST = float(np.finfo(np.float64).max)


def columns_of(name: str, cells: Sequence[object]) -> tuple[Beside, ...]:
    """A column of Python values as columns beside samples; None is missing, and so is "", except among labels.

    Numbers stay numbers, texts and truth values become classes. Texts in which | or ; stand between names become
    labels: if no name is empty, is longer than 40 characters or twice in a text, and each occurs twice on average, as
    is rare in ordinary text. An empty text then has none of them. So do lists of texts or whole numbers, on the same
    terms, and lists of one length of 0 and 1. Of other lists of numbers that have one length, each place becomes a
    column.
    """
    known = [cell for cell in cells if cell is not None and cell != ""]
    kinds = {_kind(cell) for cell in known}
    if kinds == {"number"}:
        numbers = [np.nan if cell is None or cell == "" else cell for cell in cells]
        return (Beside(name, np.array(numbers, np.float64)),)
    if kinds == {"list"}:
        return _lists(name, [cell if isinstance(cell, list | tuple) else None for cell in cells])
    if "list" in kinds or "other" in kinds:
        other = next(cell for cell in known if _kind(cell) in ("list", "other"))
        return (Beside(name, reason=f"{type(other).__name__}, neither a number nor a text"),)
    texts = [None if cell is None else _text(cell) for cell in cells]
    for mark in SEPARATORS if any(isinstance(cell, str) for cell in known) else ():
        names = [None if text is None else _names(text, mark) for text in texts]
        if any(mark in text for text in texts if text) and _are_labels(names, LONGEST):
            return (_labels(name, names),)
    return (Beside(name, np.array([text or "" for text in texts], dtype=object)),)


def _names(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark)] if text else []


def _kind(cell: object) -> str:
    if isinstance(cell, str | bool | np.bool_):
        return "text"
    if isinstance(cell, int):
        return "number" if abs(cell) <= LARGEST else "text"
    if isinstance(cell, float | Decimal | np.integer | np.floating):
        return "number"
    return "list" if isinstance(cell, list | tuple) else "other"


def _text(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool | np.bool_) else str(cell).strip()


Names = Sequence[Sequence[str] | None]
"""The labels of each item; None is missing."""


def _are_labels(rows: Names, longest: int) -> bool:
    there = [row for row in rows if row is not None]
    counts = Counter(chain.from_iterable(there))
    return (
        bool(counts)
        and "" not in counts
        and max(map(len, counts)) <= longest
        and len(counts) <= MOST_CLASSES
        and 2 * len(counts) <= counts.total()
        and all(len({*row}) == len(row) for row in there)
    )


def _labels(name: str, rows: Names) -> Beside:
    names = sorted({*chain.from_iterable(row for row in rows if row is not None)}, key=natural)
    place_of = {text: place for place, text in enumerate(names)}
    values = np.zeros((len(rows), len(names)), np.int8)
    for place, row in enumerate(rows):
        values[place, slice(None) if row is None else [place_of[text] for text in row]] = -1 if row is None else 1
    return Beside(name, values, tuple(names))


def _lists(name: str, rows: Sequence[Sequence[object] | None]) -> tuple[Beside, ...]:
    there = [row for row in rows if row is not None]
    values = [*chain.from_iterable(there)]
    lengths = {len(row) for row in there}
    if all(isinstance(value, str) for value in values):
        names = [None if row is None else [str(text).strip() for text in row] for row in rows]
        if _are_labels(names, 200):
            return (_labels(name, names),)
        return (Beside(name, reason="lists of texts, of which hardly any occurs twice"),)
    if not all(_kind(value) == "number" or isinstance(value, bool) for value in values):
        return (Beside(name, reason="lists of what is neither numbers nor texts"),)
    if len(lengths) == 1 and all(value in (0, 1) for value in values):
        (width,) = lengths
        return (_hot(name, np.array([(-1,) * width if row is None else row for row in rows], np.int8)),)
    if all(isinstance(value, int) for value in values):
        names = [None if row is None else [str(value) for value in row] for row in rows]
        if _are_labels(names, 200):
            return (_labels(name, names),)
    if len(lengths) == 1:
        (width,) = lengths
        return columns_in(name, np.array([(np.nan,) * width if row is None else row for row in rows], np.float64))
    return (Beside(name, reason="lists of numbers of several lengths"),)


def _hot(name: str, rows: Array) -> Beside:
    return Beside(name, rows, tuple(map(str, range(rows.shape[1]))))


def columns_in(name: str, values: Array) -> tuple[Beside, ...]:
    """An array of values (N,) or (N, K) as columns beside samples.

    (N,) whole numbers of at most 1,000 values, texts and truth values are a class, other numbers a number. (N, K) of 0
    and 1 are K labels, or a class if they are whole numbers of which each row has one 1; others are K numbers with
    the names `name`_0, `name`_1 and so on.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    kind = values.dtype.kind
    if values.ndim == 1:
        return (_classes(name, values),) if kind in "iu" else columns_of_array(name, values)
    if values.ndim == 2 and kind in "biu" and ((values == 0) | (values == 1)).all():
        if kind != "b" and (values.sum(1) == 1).all():
            return (Beside(name, values.argmax(1), tuple(map(str, range(values.shape[1])))),)
        return (_hot(name, values.astype(np.int8)),)
    if values.ndim == 2 and kind in "iuf" and values.shape[1] <= MOST_NUMBERS:
        columns = enumerate(np.asarray(values, np.float64).T)
        return tuple(Beside(f"{name}_{place}", column) for place, column in columns)
    what = f"an array of shape {values.shape}"
    return (Beside(name, reason=f"{what}, and one of numbers (N, K) has at most {MOST_NUMBERS} columns"),)


def columns_of_array(name: str, values: Array) -> tuple[Beside, ...]:
    """The same of an array (N,) whose whole numbers are numbers."""
    if values.dtype.kind == "f":
        return (Beside(name, values.astype(np.float64)),)
    if values.dtype.kind in "biu":
        return (Beside(name, values),)
    return columns_of(name, [*_cells(values)])


def _cells(values: Array) -> Iterator[object]:
    for value in values.tolist():
        missing = value is None or value != value
        yield None if missing else value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _classes(name: str, values: Array) -> Beside:
    found, places = np.unique(values, return_inverse=True)
    if len(found) > MOST_CLASSES:
        return Beside(name, values.astype(np.float64))
    return Beside(name, places.reshape(-1), tuple(map(str, found)))
