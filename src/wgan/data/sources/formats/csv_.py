"""CSV and TSV, read with pyarrow: separator, decimal point, header and types are found in the text."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from wgan.data.sources.formats.content import Content, needed, reading
from wgan.data.sources.formats.numeric import numeric_table
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES

SEPARATORS = (",", ";", "\t", "|")
START = 1 << 18
LINES = 100
"""So much is looked at."""
MISSING = ("", "?", "-", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "-nan", "NULL", "null", "None", "none", "<NA>", ".")
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?(inf|infinity)\s*", re.IGNORECASE)
COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*")


class Dialect(NamedTuple):
    """How a table is written."""

    separator: str
    decimal: str
    header: bool
    encoding: str


def read(path: Path) -> Content:
    """The columns of numbers; see `numeric_table` for what else is in a table."""
    reader: Any = needed(path, "pyarrow.csv", "pyarrow")
    with reading(path, "a table"):
        ARRAY_BYTES.check(path.stat().st_size, path)
        with path.open("rb") as file:
            found = dialect(file.read(START), path)
        ARRAY_BYTES.check(8 * _cells(path, found), path)
        table = reader.read_csv(
            path,
            read_options=reader.ReadOptions(
                use_threads=False, encoding=found.encoding, autogenerate_column_names=not found.header
            ),
            parse_options=reader.ParseOptions(delimiter=found.separator, newlines_in_values=False),
            convert_options=reader.ConvertOptions(
                decimal_point=found.decimal, null_values=list(MISSING), strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip
        return numeric_table(table, str(path))


def dialect(start: bytes, path: Path | str) -> Dialect:
    """How a table is written, from its first lines: its first `START` bytes."""
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if b"\0" in start and encoding != "utf-16":
        raise InputError(f"{path} is no text. Copy or download it again.")
    text = start.decode(encoding, "replace")
    if "\ufffd" in text[:-4]:
        encoding, text = "latin-1", start.decode("latin-1")
    lines = text.splitlines()
    if len(start) == START:
        lines = lines[:-1]
    lines = [line for line in lines if line.strip()][:LINES]
    if not lines:
        raise InputError(f"{path} has no rows.")
    rows, separator = max(
        ((_split(lines, mark), mark) for mark in SEPARATORS),
        key=lambda found: (_regular(found[0]) * len(found[0][0]), len(found[0][0])),
    )
    cells = [cell for row in rows[1:] or rows for cell in row]
    commas = sum(bool(COMMA.fullmatch(cell)) for cell in cells)
    points = sum("." in cell and bool(NUMBER.fullmatch(cell)) for cell in cells)
    decimal = "," if separator != "," and commas > points else "."
    return Dialect(separator, decimal, _has_header(rows, decimal), "utf8" if "utf-8" in encoding else encoding)


def _split(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator)) or [[""]]
    except csv.Error:
        return [[line] for line in lines]


def _regular(rows: Sequence[Sequence[str]]) -> float:
    """The part of the rows that are as long as the first."""
    return sum(len(row) == len(rows[0]) for row in rows) / len(rows)


def _has_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first row names the columns: it has no numbers where others have some, or counts from 0."""

    def number(cell: str) -> bool:
        return bool(NUMBER.fullmatch(cell.replace(decimal, ".") if decimal == "," else cell))

    first, others = rows[0], rows[1:]
    if first == [str(i) for i in range(len(first))] and len(first) > 2:
        return True
    for i, cell in enumerate(first):
        below = [row[i] for row in others if i < len(row) and row[i].strip() not in MISSING]
        if not number(cell) and cell.strip() not in MISSING[1:] and below and all(map(number, below)):
            return True
    return not any(number(cell) or cell.strip() in MISSING for cell in first)


def _cells(path: Path, found: Dialect) -> int:
    """At most so many cells are in the file."""
    marks, count = [found.separator.encode(), b"\n", b"\r"], 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            count += sum(piece.count(mark) for mark in marks)
    return count + 1
