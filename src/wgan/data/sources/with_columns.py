"""Columns from Python beside the samples of any source: `wgan.train(x, condition=y)`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch

from wgan.data.source import Beside, Sample, Skipped, Source, Survey, fingerprint, name_in, no_progress
from wgan.data.sources.cells import columns_in, columns_of
from wgan.data.sources.formats.content import needed
from wgan.data.sources.torch_dataset import as_array
from wgan.errors import InputError
from wgan.system.pictures import Array
from wgan.system.text import counted
from wgan.types import Progress

CONDITION = "condition"
"""The name of what is given without one."""


class WithColumns(Source):
    """The samples of `source`, and beside them these columns and its own, of which those of the same names give way."""

    def __init__(self, source: Source, columns: Sequence[Beside]) -> None:
        """The columns have a value for each sample, in the order of the source. What it skips has none."""
        self._source, self._columns = source, tuple(columns)
        self.name, self.redraws = source.name, source.redraws

    def label_names(self) -> tuple[str, ...]:
        return self._source.label_names()

    def identity(self) -> str | None:
        base = self._source.identity()
        return None if base is None else f"{base}\nbeside {fingerprint(self._columns)}"

    def unchanged(self) -> bool:
        return self._source.unchanged()

    def survey(self, progress: Progress = no_progress) -> Survey:
        """What the source contains.

        Raises:
            InputError: There are not as many values as samples.
        """
        survey = self._source.survey(progress)
        count = survey.count if self.identity() is None else len(self._places)
        for column in self._columns:
            if not column.reason and len(column.values) != count:
                samples, values = counted(count, "sample"), counted(len(column.values), "value")
                raise InputError(
                    f"There are {samples} and {values} of {column.name}. Give one for each sample, in the same order; "
                    "NaN where it is missing."
                )
        return survey

    @cached_property
    def _places(self) -> Array:
        """Which items of the source are samples."""
        return np.flatnonzero([isinstance(item, Sample) for item in self._source.samples()])

    def samples(self) -> Iterator[Sample | Skipped]:
        return self._source.samples()

    def beside(self) -> tuple[Beside, ...]:
        own = {column.name for column in self._columns}
        others = tuple(column for column in self._source.beside() if column.name not in own)
        if self.identity() is None:  # its samples are others when they are read again, and it skips none
            return self._columns + others
        value_of = np.zeros(int(self._places.max(initial=-1)) + 1, np.int64)
        value_of[self._places] = np.arange(len(self._places))
        return tuple(column.at(value_of) for column in self._columns) + others

    def inner(self) -> tuple[str, ...]:
        own = {column.name for column in self._columns}
        return tuple(name for name in self._source.inner() if name not in own)

    def asked(self, wanted: Sequence[str]) -> Source:
        own = {column.name for column in self._columns}
        inner = self._source.asked([text for text in wanted if name_in(text, own) not in own])
        return self if inner is self._source else WithColumns(inner, self._columns)


def columns_from(condition: Any) -> tuple[Beside, ...]:
    """What a generator is asked for, as it is given in Python: columns with a value for each sample.

    An array, a tensor or a list is called "condition": see `columns_in` for what it means. A dict, a DataFrame or a
    Series brings names. NaN, None and "" are missing.

    Raises:
        InputError: It is none of these, or holds infinite numbers.
    """
    columns = tuple(column for name, values in _named(condition) for column in _checked(name, values))
    if not columns:
        raise InputError("condition is empty. Give a value for each sample, or leave it out.")
    return columns


def _named(condition: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(condition, "iloc") and hasattr(condition, "columns"):  # a DataFrame: its names may occur twice
        for place, name in enumerate(condition.columns):
            yield str(name), condition.iloc[:, place]
    elif isinstance(condition, Mapping):
        yield from ((str(name), values) for name, values in condition.items())
    elif hasattr(condition, "__arrow_c_stream__") and hasattr(condition, "columns"):
        yield from needed("the condition", "pyarrow").table(condition).to_pydict().items()
    else:
        yield str(getattr(condition, "name", None) or CONDITION), condition


def _checked(name: str, values: Any) -> tuple[Beside, ...]:
    columns = _columns(name, values)
    for column in columns:
        if column.reason:
            raise InputError(
                f"{name} cannot be a condition: {column.reason}. Give a class, several labels as 0 and 1, or numbers."
            )
        if column.values.dtype.kind == "f" and np.isinf(column.values).any():
            place = int(np.flatnonzero(np.isinf(column.values))[0])
            raise InputError(
                f"{column.name} is infinite for sample {place} (counted from 0), and a condition is a finite number. "
                "NaN says that it is missing."
            )
    return columns


def _columns(name: str, values: Any) -> tuple[Beside, ...]:
    if isinstance(values, torch.Tensor):
        values = as_array(values)
    elif isinstance(values, np.ma.MaskedArray):
        holes, values = np.ma.getmaskarray(values), np.asarray(values)
        if holes.any():
            values = values.astype(object)
            values[holes] = None
    elif hasattr(values, "iloc"):  # a Series
        holes = np.asarray(values.isna())
        plain = getattr(values.dtype, "kind", "O") in "biuf" and not holes.any()
        values = np.asarray(values, dtype=None if plain else object).copy()
        if holes.any():
            values[holes] = None
    if isinstance(values, np.ndarray):
        if values.ndim == 0:
            raise InputError(f"{name} is one value, {values}. Give one for each sample.")
        return columns_in(name, values)
    if not hasattr(values, "__iter__") or isinstance(values, str | bytes):
        raise InputError(
            f"A condition cannot be a {type(values).__name__}. Give an array, a tensor, a list, or a dict or DataFrame "
            "of those with names."
        )
    cells = [value.tolist() if hasattr(value, "tolist") else value for value in values]
    if cells and all(isinstance(cell, int) for cell in cells):  # bool too
        return columns_in(name, np.array(cells))
    return columns_of(name, [None if cell != cell else cell for cell in cells])
