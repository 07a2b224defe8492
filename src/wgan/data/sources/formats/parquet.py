"""Parquet of plain columns of numbers, read with pyarrow. `sources/tables.py` reads tables of pictures."""

from pathlib import Path
from typing import Any

from wgan.data.sources.formats.content import Content, needed, reading
from wgan.data.sources.formats.numeric import arrow_reason, label_columns, numeric_table
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES


def read(path: Path) -> Content:
    """The columns of numbers; see `numeric_table` for what else is in a table. Others are not even loaded."""
    library: Any = needed(path, "pyarrow.parquet", "pyarrow")
    with reading(path, "Parquet"), library.ParquetFile(path, memory_map=False) as file:
        schema = file.schema_arrow
        kinds = dict(zip(schema.names, schema.types, strict=True))
        numbers = [name for name, kind in kinds.items() if not arrow_reason(kind)]
        labels = label_columns(schema.names, kinds)
        if not numbers:
            held = ", ".join(f"{name} ({kind!s:.40})" for name, kind in list(kinds.items())[:10])
            raise InputError(f"{path} has no column of numbers, only: {held}.")
        rows = int(file.metadata.num_rows)
        ARRAY_BYTES.check(8 * rows * (len(numbers) + len(labels)), path)
    with reading(path, "Parquet"), library.ParquetFile(path, read_dictionary=labels) as file:
        content = numeric_table(file.read(columns=[*numbers, *labels], use_threads=False), str(path))
    others = [(name, arrow_reason(kind)) for name, kind in kinds.items() if name not in (*numbers, *labels)]
    return Content(
        content.values, content.labels, content.names, (*others, *content.passed_over), content.many, content.axes
    )
