"""Tables of numbers: which columns are numbers, labels, or neither. For CSV and parquet files, and data frames."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from wgan.data.columns import LABELS
from wgan.data.source import Beside
from wgan.data.sources.cells import columns_of
from wgan.data.sources.formats.content import Content, as_labels, needed
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES
from wgan.system.pictures import Array
from wgan.system.text import counted

KINDS_OF_LABELS = 1000
"""A column of more different values is a quantity, as is one that rarely has a value twice."""
INDICES = ("", "index", "idx", "row", "rownames", "__index_level_0__")
"""Names of a column that counts the rows, if it does; also those that begin with "Unnamed: 0" or end with "id"."""
TEXT = "text: a condition, not a number"
CATEGORY = "categories: a condition, not a number"
LIST = "lists: labels, not a number"
ASKABLE = (TEXT, CATEGORY, LIST)
"""Columns for these reasons come beside the samples."""
DATE = "dates or times, not numbers"


class Column(NamedTuple):
    """One column: numbers, with NaN where they are missing, or the reason why it has none."""

    name: str
    values: Array | None
    reason: str = ""
    texts: Array | None = None
    """The texts of a column that is named like labels, if none is missing."""
    cells: Sequence[object] | None = None
    """The texts or lists of a column that comes beside the samples; None is missing."""


def numeric_table(frame: Any, name: str = "The table") -> Content:
    """The columns of numbers of a pandas DataFrame, an Arrow table, or any table that exports itself to Arrow.

    `values` are float64 (N, D) and `names` has the D names. A column of whole numbers or texts with few values that is
    named like labels becomes `labels`. Columns of texts, categories and lists come `beside`. Dates are passed over, and
    columns that count the rows. Of columns of which more than half is missing, numbers come beside too. Rows in which
    any other number is missing or infinite are left out.

    Raises:
        InputError: No numbers are left, or numbers are missing in more than half of the rows.
    """
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):
        columns = list(_pandas(frame))
    else:
        if not (hasattr(frame, "column_names") and hasattr(frame, "schema")):
            if not hasattr(frame, "__arrow_c_stream__"):
                raise InputError(f"{name} is a {type(frame).__name__}, not a table.")
            frame = needed(name, "pyarrow").table(frame)
        columns = list(_arrow(frame))
    rows = len(frame) if hasattr(frame, "iloc") else int(frame.num_rows)
    if not rows:
        raise InputError(f"{name} has no rows.")
    return _content(columns, rows, name)


def _content(columns: list[Column], rows: int, name: str) -> Content:
    labelled = _labels(columns, rows)
    kept: list[Column] = []
    passed_over: list[tuple[str, str]] = []
    beside: list[Beside] = []
    for column in columns:
        if column is labelled:
            continue
        if column.values is None:
            found = () if column.cells is None else columns_of(column.name, column.cells)
            beside += found or [Beside(column.name, reason=column.reason)]
            reasons = [one.reason for one in found if one.reason] or ([] if found else [column.reason])
            passed_over += [(column.name, why if column.reason in ASKABLE else column.reason) for why in reasons]
        elif _counts(column, rows):
            passed_over.append((column.name, "it counts the rows"))
            beside.append(Beside(column.name, reason="it counts the rows"))
        elif (missing := int((~_usable(column.values)).sum())) * 2 > rows:
            passed_over.append((column.name, f"missing in {counted(missing, 'row')} of {rows:,}"))
            beside.append(Beside(column.name, column.values))
        else:
            kept.append(column)
    if not kept:
        texts = ((column.name, TEXT) for column in columns if column.cells is not None)
        held = "; ".join(f"{column} ({why})" for column, why in [*passed_over, *texts][:10]) or "labels only"
        raise InputError(f"{name} has no column of numbers: {held}.")
    ARRAY_BYTES.check(8 * rows * len(kept), name)
    values = np.empty((rows, len(kept)))
    for i, column in enumerate(kept):
        values[:, i] = column.values
    labels = None if labelled is None else _found(labelled)
    complete = np.asarray(np.isfinite(values).all(1))
    holes = [column.name for i, column in enumerate(kept) if not np.isfinite(values[:, i]).all()]
    if labelled and labels is not None and labels.dtype.kind == "f":
        complete &= np.isfinite(labels)
        holes.append(labelled.name)
        labels = np.nan_to_num(labels).astype(np.int64)
    if missing := rows - int(complete.sum()):
        where = f"{', '.join(holes[:5])}{' ...' if len(holes) > 5 else ''}"
        if missing * 2 > rows:
            raise InputError(
                f"{name} lacks numbers in {missing:,} of {rows:,} rows (columns {where}). Fill them in, or remove "
                "those columns."
            )
        passed_over.append((counted(missing, "row"), f"numbers are missing or infinite in {where}"))
        values = values[complete]
        labels = None if labels is None else labels[complete]
        beside = [column.at(complete) for column in beside]
    names = tuple(column.name for column in kept)
    return Content(values, labels, names, tuple(passed_over), axes="NC", beside=tuple(beside))


def _usable(values: Array) -> Array:
    usable: Array = np.isfinite(values)
    return usable


def _labels(columns: list[Column], rows: int) -> Column | None:
    lower = {column.name.lower() for column in columns}
    for wanted in LABELS:
        if wanted == "y" and "x" in lower:  # coordinates
            continue
        for column in columns:
            found = _found(column)
            if column.name.strip().lower() != wanted or found is None:
                continue
            if found.dtype.kind == "f":  # whole numbers, of which some are missing
                known = found[~np.isnan(found)]
                if len(known) in (0, rows) or as_labels(known) is None:
                    continue
                found = known
            if len(np.unique(found)) <= min(KINDS_OF_LABELS, max(2, rows // 2)):
                return column
    return None


def _found(column: Column) -> Array | None:
    return column.texts if column.values is None else column.values


def _counts(column: Column, rows: int) -> bool:
    name, values = column.name.strip().lower(), column.values
    if values is None or values.dtype.kind not in "iu":
        return False
    if not (name in INDICES or name.startswith("unnamed: 0") or name.endswith("id")):
        return False
    return bool((np.diff(values.astype(np.int64)) == 1).all())


def _is_label(name: Any) -> bool:
    return str(name).strip().lower() in LABELS


def _texts(values: Any) -> Array | None:
    """Short texts, of which none is missing."""
    if len(values) and all(isinstance(value, str) and len(value) <= 200 for value in values):
        return np.array(list(values), dtype=str)
    return None


# -- pandas -----------------------------------------------------------------------------------------------------


def _pandas(frame: Any) -> Iterator[Column]:
    for i, name in enumerate(frame.columns):
        series, text = frame.iloc[:, i], str(name)
        kind = getattr(series.dtype, "kind", "O")
        if str(series.dtype) == "category":
            yield Column(text, None, CATEGORY, _texts(series) if _is_label(name) else None, _pandas_cells(series))
        elif kind in "mM" or str(series.dtype).startswith("period"):
            yield Column(text, None, DATE)
        elif kind in "biuf" and not hasattr(series, "sparse"):
            holes = series.isna().any()
            yield Column(text, series.to_numpy(dtype=np.float64, na_value=np.nan) if holes else _plain(series))
        elif kind == "O" and not series.map(lambda value: isinstance(value, str)).any():
            yield Column(text, None, f"{series.dtype}, not numbers", cells=_pandas_cells(series))
        else:
            yield Column(text, None, TEXT, _texts(series) if _is_label(name) else None, _pandas_cells(series))


def _pandas_cells(series: Any) -> list[object]:
    holes = series.isna()
    values = (None if hole else value for value, hole in zip(series, holes, strict=True))
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in values]


def _plain(series: Any) -> Array:
    values = np.asarray(series.to_numpy())
    if values.dtype.kind == "O":
        values = values.astype({"b": bool, "i": np.int64, "u": np.uint64}.get(series.dtype.kind, np.float64))
    return values


# -- Arrow ------------------------------------------------------------------------------------------------------


def _arrow(table: Any) -> Iterator[Column]:
    for i, name in enumerate(table.column_names):
        yield _arrow_column(str(name), table.column(i))


def arrow_reason(kind: Any) -> str:
    """Why a column of this Arrow type holds no numbers; "" if it does."""
    types: Any = needed("the table", "pyarrow.types", "pyarrow")
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return ""
    if types.is_null(kind):
        return "all of it is missing"
    if types.is_dictionary(kind):
        return CATEGORY
    if types.is_temporal(kind):
        return DATE
    if _is_text(types, kind):
        return TEXT
    if types.is_list(kind) or types.is_large_list(kind):
        inner = kind.value_type
        if _is_text(types, inner) or types.is_boolean(inner) or types.is_integer(inner) or types.is_floating(inner):
            return LIST
    return f"{kind!s:.60}, not numbers"


def _is_text(types: Any, kind: Any) -> bool:
    view = hasattr(types, "is_string_view") and types.is_string_view(kind)
    return bool(types.is_string(kind) or types.is_large_string(kind) or view)


def _arrow_column(name: str, column: Any) -> Column:
    arrow: Any = needed("the table", "pyarrow")
    types = arrow.types
    if reason := arrow_reason(column.type):
        can = reason == TEXT or (types.is_dictionary(column.type) and arrow_reason(column.type.value_type) == TEXT)
        if reason not in ASKABLE:
            return Column(name, None, reason)
        cells = _shared(arrow, column) if reason != LIST else column.to_pylist()
        return Column(name, None, reason, _texts(cells) if can and _is_label(name) else None, cells)
    if types.is_decimal(column.type):
        column = column.cast(arrow.float64())
    if column.null_count:
        column = _as_floats(arrow, column)
    parts = [chunk.to_numpy(zero_copy_only=False) for chunk in getattr(column, "chunks", [column])]
    return Column(name, np.concatenate(parts) if parts else np.empty(0))


def _as_floats(arrow: Any, column: Any) -> Any:
    """Missing numbers are NaN in NumPy, for which they must be floats."""
    if arrow.types.is_boolean(column.type):
        column = column.cast(arrow.uint8())
    return column.cast(arrow.float64(), safe=False)


def _shared(arrow: Any, column: Any) -> list[object]:
    """The cells of a column, of which equal ones are one object."""
    found: list[object] = []
    for chunk in getattr(column, "chunks", [column]):
        coded = chunk if arrow.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        known = [*coded.dictionary.to_pylist(), None]
        found += [known[place] for place in coded.indices.fill_null(len(known) - 1).to_pylist()]
    return found
