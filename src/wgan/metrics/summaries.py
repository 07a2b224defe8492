"""What is kept of samples that come in batches: enough to compare them, mergeable, and fit for a file of arrays."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float64, Int
from numpy.typing import NDArray
from torch import Tensor

T = TypeVar("T")
Arrays = dict[str, NDArray[Any]]


@runtime_checkable
class Summary(Protocol):
    """Takes batches in any sizes; the same samples in other batches give the same summary."""

    def __init__(self, size: int) -> None: ...

    @property
    def count(self) -> int:
        """How many samples it holds."""

    def add(self, rows: Tensor) -> None:
        """Take in what an extractor made of a batch."""

    @classmethod
    def merged(cls, parts: Sequence[Any]) -> "Summary":
        """The summary of all that the parts have seen."""

    def arrays(self) -> Arrays:
        """All of it, for a file."""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Summary":
        """Back from a file."""


class Moments:
    """Mean and covariance of rows (N, F), summed in float64: memory does not grow with N."""

    def __init__(self, size: int) -> None:
        self.count = 0
        self._sum = np.zeros(size)
        self._products = np.zeros((size, size))

    def add(self, rows: Tensor) -> None:
        """(B, F)."""
        values = rows.double().numpy()
        self.count += len(values)
        self._sum += values.sum(axis=0)
        self._products += values.T @ values

    @property
    def mean(self) -> NDArray[np.float64]:
        """(F,)."""
        return self._sum / self.count

    @property
    def covariance(self) -> NDArray[np.float64]:
        """(F, F), divided by N - 1."""
        centred = self._products - self.count * np.outer(self.mean, self.mean)
        return np.asarray(centred / max(self.count - 1, 1))

    @classmethod
    def merged(cls, parts: Sequence["Moments"]) -> "Moments":
        """The sums of the sums."""
        whole = cls(len(parts[0]._sum))
        whole.count = sum(part.count for part in parts)
        whole._sum = np.sum([part._sum for part in parts], axis=0)
        whole._products = np.sum([part._products for part in parts], axis=0)
        return whole

    def arrays(self) -> Arrays:
        """Count, sum, products."""
        return {"count": np.asarray(self.count), "sum": self._sum, "products": self._products}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Moments":
        """Back from a file."""
        made = cls(len(arrays["sum"]))
        made.count, made._sum, made._products = int(arrays["count"]), arrays["sum"], arrays["products"]
        return made


class Rows:
    """All rows (N, ...): for metrics of neighbours, pairs and orders."""

    def __init__(self, size: int = 0) -> None:
        self._parts: list[Tensor] = []
        self._known: dict[object, Any] = {}

    def add(self, rows: Tensor) -> None:
        """(B, ...)."""
        self._parts.append(rows)
        self._known.clear()

    @property
    def count(self) -> int:
        """N."""
        return sum(map(len, self._parts))

    @property
    def rows(self) -> Tensor:
        """(N, ...) in the order they came."""
        if len(self._parts) > 1:
            self._parts = [torch.cat(self._parts)]
        return self._parts[0]

    @property
    def precise(self) -> Float64[Tensor, "N F"]:
        """The rows in float64: the distance of two near points is a small difference of large numbers."""
        return self.remembered("precise", lambda: self.rows.double().flatten(1))

    def remembered(self, key: object, compute: Callable[[], T]) -> T:
        """What depends on these rows alone, computed once: the reals are compared with many fakes."""
        if key not in self._known:
            self._known[key] = compute()
        known: T = self._known[key]
        return known

    @classmethod
    def merged(cls, parts: Sequence["Rows"]) -> "Rows":
        """The rows of all parts."""
        whole = cls()
        for part in parts:
            whole._parts += part._parts
        return whole

    def arrays(self) -> Arrays:
        """The rows."""
        return {"rows": self.rows.numpy()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Rows":
        """Back from a file."""
        made = cls()
        made.add(torch.from_numpy(arrays["rows"]))
        return made


class Counts:
    """How many samples fell in each of K classes, and in none of them (which extractors write as -1)."""

    def __init__(self, size: int) -> None:
        self.classes = np.zeros(size, np.int64)
        self.none = 0

    def add(self, rows: Int[Tensor, " B"]) -> None:
        """Class numbers."""
        self.classes += np.bincount(rows[rows >= 0].numpy(), minlength=len(self.classes))
        self.none += int((rows < 0).sum())

    @property
    def count(self) -> int:
        """All, those in no class too."""
        return int(self.classes.sum()) + self.none

    @property
    def shares(self) -> NDArray[np.float64]:
        """(K,) of those in a class; sums to 1, or to 0 where there are none."""
        return np.asarray(self.classes / max(int(self.classes.sum()), 1))

    @classmethod
    def merged(cls, parts: Sequence["Counts"]) -> "Counts":
        """The sums."""
        whole = cls(len(parts[0].classes))
        whole.classes = np.sum([part.classes for part in parts], axis=0)
        whole.none = sum(part.none for part in parts)
        return whole

    def arrays(self) -> Arrays:
        """The counts."""
        return {"classes": self.classes, "none": np.asarray(self.none)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Counts":
        """Back from a file."""
        made = cls(len(arrays["classes"]))
        made.classes, made.none = arrays["classes"], int(arrays["none"])
        return made
