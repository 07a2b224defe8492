"""Columns of the library `datasets` beside pictures: what their types can be asked for."""

from importlib import import_module
from typing import Any

import numpy as np

from wgan.data.columns import LABELS
from wgan.data.source import Beside
from wgan.data.sources.cells import columns_of
from wgan.errors import InputError


def needed(library: str) -> Any:
    """Import a library of the extra `hub`. An InputError says how to install it."""
    try:
        return import_module(library)
    except ImportError as error:
        raise InputError(
            f"Data sets of the hub and parquet files need the library {library}, which is not installed. "
            "Install it with: pip install 'datasets>=4'."
        ) from error


def not_askable(kind: Any) -> str:
    """Why a column of this type cannot be asked for; "" if it can."""
    library = needed("datasets")
    inner = _inner(kind)
    if isinstance(inner, library.ClassLabel):
        return ""
    dtype = str(getattr(inner, "dtype", "")) if isinstance(inner, library.Value) else ""
    if dtype.startswith(("int", "uint", "float", "bool", "string", "large_string", "decimal")):
        return ""
    if dtype.startswith(("date", "time", "duration")):
        return "dates or times, not numbers"
    return f"{dtype or type(inner).__name__}, neither a number nor a text"


def _inner(kind: Any) -> Any:
    """The type of the values in lists of this type; of other types, the type."""
    library = needed("datasets")
    if isinstance(kind, list) and len(kind) == 1:
        return kind[0]
    lists = tuple(getattr(library, name) for name in ("Sequence", "List", "LargeList") if hasattr(library, name))
    lists = tuple(each for each in lists if isinstance(each, type))
    return kind.feature if isinstance(kind, lists) else kind


def columns_of_feature(name: str, kind: Any, cells: list[object]) -> tuple[Beside, ...]:
    """The cells of a column of this type, as the library gives them."""
    inner = _inner(kind)
    if names := getattr(inner, "names", None):  # a ClassLabel, of which -1 is missing
        if inner is kind:
            places = np.array([-1 if cell is None else cell for cell in cells], np.int64)
            return (Beside(name, places, tuple(names)),)
        lists: list[list[int] | None] = cells  # type: ignore[assignment]
        return columns_of(name, [None if cell is None else [names[place] for place in cell] for cell in lists])
    if name.lower() in LABELS and all(cell is None or type(cell) is int for cell in cells):
        return columns_of(name, [None if cell is None else str(cell) for cell in cells])
    return columns_of(name, [None if cell == "" or cell != cell else cell for cell in cells])
