"""Parquet of plain columns of numbers, read with pyarrow. `sources/tables.py` reads tables of pictures."""

from pathlib import Path
from typing import Any

from wgan.data.source import Beside
from wgan.data.sources.formats.content import Content, needed, reading
from wgan.data.sources.formats.numeric import ASKABLE, LIST, arrow_reason, numeric_table
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES


def read(path: Path) -> Content:
    """The columns of numbers; see `numeric_table` for what else is in a table. Dates and others are not even loaded."""
    library: Any = needed(path, "pyarrow.parquet", "pyarrow")
    with reading(path, "Parquet"), library.ParquetFile(path, memory_map=False) as file:
        schema = file.schema_arrow
        reasons = {name: arrow_reason(kind) for name, kind in zip(schema.names, schema.types, strict=True)}
        numbers = [name for name, reason in reasons.items() if not reason]
        if not numbers:
            kinds = zip(schema.names, schema.types, strict=True)
            held = ", ".join(f"{name} ({kind!s:.40})" for name, kind in list(kinds)[:10])
            raise InputError(f"{path} has no column of numbers, only: {held}.")
        rows = int(file.metadata.num_rows)
        ARRAY_BYTES.check(8 * rows * len(numbers), path)
        room, beside = ARRAY_BYTES.value - 8 * rows * len(numbers), list[str]()
        for name in (name for name, reason in reasons.items() if reason in ASKABLE):
            if (size := _bytes(file.metadata, name)) <= room:
                beside, room = [*beside, name], room - size
            else:
                reasons[name] = f"{reasons[name]}; {ARRAY_BYTES.passed(ARRAY_BYTES.value + size - room)}"
    coded = [name for name in beside if reasons[name] != LIST]
    with reading(path, "Parquet"), library.ParquetFile(path, read_dictionary=coded) as file:
        content = numeric_table(file.read(columns=[*numbers, *beside], use_threads=False), str(path))
    others = [(name, reason) for name, reason in reasons.items() if name not in (*numbers, *beside)]
    left_out = (Beside(name, reason=reason) for name, reason in others)
    return Content(
        content.values, content.labels, content.names, (*others, *content.passed_over), content.many, content.axes,
        (*content.beside, *left_out),
    )  # fmt: skip


def _bytes(metadata: Any, name: str) -> int:
    """The most that a column takes in memory: what is stored, and a place for each value."""
    size = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema == name or column.path_in_schema.startswith(f"{name}."):
                size += max(column.total_uncompressed_size, 0) + 8 * max(column.num_values, 0)
    return size
