"""Summaries keep what metrics need of samples that come in batches; they can be merged and saved as arrays."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import Float, Float64, Int
from numpy.typing import NDArray
from torch import Tensor

T = TypeVar("T")
Arrays = dict[str, NDArray[Any]]


class Summary(ABC):
    """What is kept of extracted samples. The split into batches does not change it."""

    @abstractmethod
    def __init__(self, size: int) -> None: ...

    @property
    @abstractmethod
    def count(self) -> int:
        """How many samples it holds."""

    @abstractmethod
    def add(self, rows: Any) -> None:
        """Add a batch of an extractor's output."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """The content as arrays, for a file."""

    @abstractmethod
    def extend(self, arrays: Mapping[str, Any]) -> None:
        """Add the content of another summary."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Summary":
        """The summary with this content."""

    @classmethod
    def merged(cls, parts: Sequence["Summary"]) -> "Summary":
        """The summary of all samples in the parts."""
        whole = cls.from_arrays(parts[0].arrays())
        for part in parts[1:]:
            whole.extend(part.arrays())
        return whole


class Sums(Summary):
    """Arrays that each batch adds to: memory does not grow with the number of samples."""

    sums: Arrays

    def extend(self, arrays: Mapping[str, Any]) -> None:
        self.sums = {name: np.asarray(value + arrays[name]) for name, value in self.sums.items()}

    def arrays(self) -> Arrays:
        return self.sums

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Sums":
        made = cls(0)
        made.sums = dict(arrays)
        return made


class Moments(Sums):
    """The mean and covariance of rows (N, F), computed in float64."""

    def __init__(self, size: int) -> None:
        self.sums = {"count": np.asarray(0), "sum": np.zeros(size), "products": np.zeros((size, size))}

    def add(self, rows: Float[Tensor, "B F"]) -> None:
        values = rows.double().numpy()
        self.extend({"count": len(values), "sum": values.sum(axis=0), "products": values.T @ values})

    @property
    def count(self) -> int:
        return int(self.sums["count"])

    @property
    def mean(self) -> Float64[np.ndarray, " F"]:
        return np.asarray(self.sums["sum"] / self.count)

    @property
    def covariance(self) -> Float64[np.ndarray, "F F"]:
        """The sample covariance, divided by N - 1."""
        centred = self.sums["products"] - self.count * np.outer(self.mean, self.mean)
        return np.asarray(centred / max(self.count - 1, 1))


class Counts(Sums):
    """How many samples are in each of K classes, and how many in none (-1 in an extractor's output)."""

    def __init__(self, size: int) -> None:
        self.sums = {"classes": np.zeros(size, np.int64), "none": np.asarray(0)}

    def add(self, rows: Int[Tensor, " B"]) -> None:
        classes = np.bincount(rows[rows >= 0].numpy(), minlength=len(self.classes))
        self.extend({"classes": classes, "none": int((rows < 0).sum())})

    @property
    def classes(self) -> Int[np.ndarray, " K"]:
        return self.sums["classes"]

    @property
    def none(self) -> int:
        return int(self.sums["none"])

    @property
    def count(self) -> int:
        return int(self.classes.sum()) + self.none

    @property
    def shares(self) -> Float64[np.ndarray, " K"]:
        """The share of each class among samples that have one; all zero if none has."""
        return np.asarray(self.classes / max(int(self.classes.sum()), 1))


class AllRows(Summary):
    """All rows (N, ...), for metrics that compare neighbours, pairs or order statistics."""

    def __init__(self, size: int = 0) -> None:
        self._parts: list[Tensor] = []
        self._cache: dict[object, Any] = {}

    def add(self, rows: Tensor) -> None:
        self._parts.append(rows)
        self._cache.clear()

    def extend(self, arrays: Mapping[str, Any]) -> None:
        self.add(torch.from_numpy(arrays["rows"]))

    @property
    def count(self) -> int:
        return sum(map(len, self._parts))

    @property
    def rows(self) -> Tensor:
        """(N, ...), in the order they were added."""
        if len(self._parts) > 1:
            self._parts = [torch.cat(self._parts)]
        return self._parts[0]

    def first(self, count: int) -> "AllRows":
        """The first rows alone, where there are more."""
        return self if self.count <= count else self.cached(("first", count), lambda: held(self.rows[:count]))

    @property
    def precise(self) -> Float64[Tensor, "N F"]:
        """The rows in float64: in float32, the distance of two near points is mostly rounding error."""
        return self.cached("precise", lambda: self.rows.double().flatten(1))

    def cached(self, key: object, compute: Callable[[], T]) -> T:
        """The value of `compute`, kept until rows are added: the same reals are compared with many fakes."""
        if key not in self._cache:
            self._cache[key] = compute()
        value: T = self._cache[key]
        return value

    def arrays(self) -> Arrays:
        return {"rows": self.rows.numpy()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "AllRows":
        made = cls()
        made.extend(arrays)
        return made


def held(rows: Tensor) -> AllRows:
    """A summary of these rows (N, ...)."""
    made = AllRows()
    made.add(rows)
    return made
