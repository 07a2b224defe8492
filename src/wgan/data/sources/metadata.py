"""metadata.csv, .tsv or .jsonl beside pictures, as the hub has it: `file_name`, and a column for all else one knows."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from posixpath import dirname, join, normpath
from typing import NamedTuple

import numpy as np

from wgan.data.columns import LABEL, LABELS, MOST_CLASSES, natural
from wgan.data.source import UNREAD, Beside, Skipped
from wgan.data.sources.cells import columns_of
from wgan.data.sources.formats.csv_ import COMMA, MISSING, NUMBER, SEPARATORS, START, dialect
from wgan.errors import InputError, in_short
from wgan.system.limits import ARRAY_BYTES
from wgan.system.text import counted

FILES = ("metadata.csv", "metadata.tsv", "metadata.jsonl")
FILE_NAME = "file_name"
"""The column of the paths of pictures, from the folder of the file."""
MOST_COLUMNS = 1000
SHOWN = 3
"""So many names are given as examples."""

Row = dict[str, object]


class Metadata(NamedTuple):
    """What these files say of pictures."""

    beside: tuple[Beside, ...] = ()
    """With a value for each picture, in their order."""
    label_names: tuple[str, ...] = ()
    """Of the column that is called like labels, if labels were wanted and there is one."""
    labels: tuple[int | None, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[Skipped, ...] = ()
    """The files that cannot be used, and why."""


def is_metadata(name: str) -> bool:
    """Whether a path is that of such a file."""
    return name.rpartition("/")[2] in FILES


def read_metadata(
    files: Iterable[tuple[str, Callable[[], bytes]]], pictures: Sequence[str], *, labelled: bool
) -> Metadata:
    """What files at these paths say of the pictures at these paths.

    If the pictures are not `labelled` already, a column that is called like labels becomes their labels.
    """
    found = _Found(pictures)
    unread: list[Skipped] = []
    for name, read in files:
        try:
            found.add(name, read())
        except (InputError, ValueError, csv.Error, RecursionError) as error:
            unread.append(Skipped(name, f"{UNREAD}{in_short(error).rstrip('.')}"))
    notes = tuple(found.notes())
    columns = dict(found.columns)
    if labelled:
        own = columns.pop(LABEL, None)
        beside = [] if own is None else [Beside(LABEL, reason="the folders of the pictures are the labels")]
    else:
        beside = []
        for name in _like_labels(columns):
            if (labels := _as_labels(columns[name])) is not None:
                del columns[name]
                rest = chain.from_iterable(columns_of(*column) for column in columns.items())
                return Metadata(tuple(rest), *labels, notes, tuple(unread))
    beside += chain.from_iterable(columns_of(*column) for column in columns.items())
    return Metadata(tuple(beside), notes=notes, unread=tuple(unread))


class _Found:
    """Cells by column, one for each picture."""

    def __init__(self, pictures: Sequence[str]) -> None:
        self.columns: dict[str, list[object]] = {}
        self._place_of = {_plain(name): place for place, name in enumerate(pictures)}
        self._pictures = pictures
        self._named = np.zeros(len(pictures), bool)
        self._twice: list[str] = []
        self._without: list[str] = []
        self._odd: list[str] = []
        self._read: list[str] = []

    def add(self, name: str, content: bytes) -> None:
        """The rows of a file; none of them if it is damaged."""
        rows = [*(self._objects(name, content) if name.endswith(".jsonl") else self._lines(name, content))]
        names = {column for _, row in rows for column in row} | self.columns.keys()
        if len(names) > MOST_COLUMNS:
            raise InputError(f"it has {len(names):,} columns, more than {MOST_COLUMNS:,}.")
        ARRAY_BYTES.check(8 * len(names) * len(self._pictures), name)
        for place, row in rows:
            for column, cell in row.items():
                self.columns.setdefault(column, [None] * len(self._pictures))[place] = cell
        self._read.append(name)

    def _place(self, file: str, given: object) -> int | None:
        """The picture that a row is about, if there is one that no row was about before."""
        path = str(given).strip().replace("\\", "/")
        place = self._place_of.get(_plain(join(dirname(file), path)))
        if place is None:
            self._without.append(path)
        elif self._named[place]:
            self._twice.append(path)
        else:
            self._named[place] = True
            return place
        return None

    def _objects(self, name: str, content: bytes) -> Iterator[tuple[int, Row]]:
        for number, line in enumerate(content.decode("utf-8-sig").splitlines(), 1):
            if not line.strip():
                continue
            row = json.loads(line)
            if not isinstance(row, dict):
                raise InputError(f"line {number} is no JSON object.")
            if FILE_NAME not in row:
                raise InputError(f"line {number} has no {FILE_NAME}.")
            if (place := self._place(name, row.pop(FILE_NAME))) is not None:
                yield place, {column: None if cell != cell else cell for column, cell in row.items()}

    def _lines(self, name: str, content: bytes) -> Iterator[tuple[int, Row]]:
        found = dialect(content[:START], name)
        text = content.decode({"utf8": "utf-8-sig"}.get(found.encoding, found.encoding))
        separator, header = _header(text)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        rows = [line for line in lines if any(cell.strip() for cell in line)][1:]
        cells: list[tuple[int, list[str]]] = []
        for row in rows:
            if len(row) != len(header):
                self._odd.append(", ".join(row)[:40])
            elif (place := self._place(name, row[header.index(FILE_NAME)])) is not None:
                cells.append((place, row))
        typed = {
            column: _typed([row[i] for _, row in cells], found.decimal if separator == found.separator else ".")
            for i, column in enumerate(header) if column not in (FILE_NAME, "")
        }  # fmt: skip
        for number, (place, _) in enumerate(cells):
            yield place, {column: values[number] for column, values in typed.items()}

    def notes(self) -> Iterator[str]:
        """What a user should know."""
        if not self._read:
            return
        unnamed = [name for name, there in zip(self._pictures, self._named, strict=True) if not there]
        where = " and ".join(self._read[:SHOWN]) + (" and others" if len(self._read) > SHOWN else "")
        for names, one, many in (
            (self._without, "name in {} has no picture", "names in {} have no picture"),
            (self._twice, "name is more than once in {}: its first row counts",
             "names are more than once in {}: their first row counts"),
            (self._odd, "row of {} has another number of cells than the header, and is passed over",
             "rows of {} have another number of cells than the header, and are passed over"),
            (unnamed, "picture is not in {}", "pictures are not in {}"),
        ):  # fmt: skip
            if names:
                what = counted(len(names), one.format(where), many.format(where))
                yield f"{what} ({', '.join(names[:SHOWN])}{' ...' if len(names) > SHOWN else ''})"


def _plain(path: str) -> str:
    """A path as it is compared: systems write accents in two ways."""
    return unicodedata.normalize("NFC", normpath(path))


def _header(text: str) -> tuple[str, list[str]]:
    """What separates the cells, and the names of the columns: those among which is `FILE_NAME`."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    for separator in SEPARATORS:
        names = [cell.strip() for cell in next(csv.reader([first], delimiter=separator))]
        if FILE_NAME in names:
            if len({*names} - {""}) < len([name for name in names if name]):
                raise InputError("two of its columns have one name.")
            return separator, names
    raise InputError(f"it has no column {FILE_NAME}, so that it is not known which picture a row is about.")


def _typed(cells: Sequence[str], decimal: str) -> list[object]:
    """The cells of a CSV column: numbers if all are, else texts; None is missing, and "" is an empty cell."""
    known = [None if cell.strip() in MISSING and cell.strip() else cell.strip() for cell in cells]
    texts = [cell for cell in known if cell]
    comma = decimal == "," and any(COMMA.fullmatch(text) for text in texts)
    plain = [text.replace(",", ".") if comma else text for text in texts]
    if not all(NUMBER.fullmatch(text) for text in plain):
        return list(known)
    numbers = iter(map(float, plain))
    return [next(numbers) if cell else None for cell in known]


def _like_labels(columns: Iterable[str]) -> list[str]:
    """The columns that are called like labels, the likeliest first."""
    lower = {name.lower() for name in columns}
    wanted = [name for name in LABELS if not (name == "y" and "x" in lower)]  # coordinates
    return sorted((name for name in columns if name.lower() in wanted), key=lambda name: wanted.index(name.lower()))


def _as_labels(cells: Sequence[object]) -> tuple[tuple[str, ...], tuple[int | None, ...]] | None:
    """Names of labels and a label for each picture; None if the cells are numbers with fractions, lists or too many."""
    (column, *others) = columns_of(LABEL, cells)
    values = column.values
    if others or column.reason or values.ndim != 1:
        return None
    if values.dtype.kind == "f":
        known = values[np.isfinite(values)]
        if not np.array_equal(known, np.rint(known)):
            return None
        values = np.array([str(int(value)) if np.isfinite(value) else "" for value in values], dtype=object)
    texts = [str(text) for text in values]
    names = sorted({*texts} - {""}, key=natural)
    if not 0 < len(names) <= min(MOST_CLASSES, max(2, sum(map(bool, texts)) // 2)):
        return None
    place_of = {text: place for place, text in enumerate(names)}
    return tuple(names), tuple(place_of.get(text) for text in texts)
