"""What is kept of samples beside what they were asked to be."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64, Int, Int8
from numpy.typing import NDArray
from torch import Tensor

from wgan.metrics.summaries import AllRows, Arrays, Summary, Sums, held


class Answers(Sums):
    """How often each of P parts' C cells was asked for, and how often the answer was right."""

    def __init__(self, size: int = 0) -> None:
        self.sums = {"count": np.asarray(0), "asked": np.asarray(0), "right_answers": np.asarray(0)}

    def add(self, rows: Int8[Tensor, "B P C"]) -> None:
        asked, right = (rows >= 0).sum(0).numpy(), (rows == 1).sum(0).numpy()
        self.extend({"count": len(rows), "asked": asked, "right_answers": right})

    @property
    def count(self) -> int:
        return int(self.sums["count"])

    @property
    def asked(self) -> Int[np.ndarray, "P C"]:
        return self.sums["asked"]

    @property
    def shares(self) -> Float64[np.ndarray, "P C"]:
        """The share of right answers in each cell; NaN where it was not asked for."""
        shares = np.full(self.asked.shape, np.nan)
        np.divide(self.sums["right_answers"], self.asked, out=shares, where=self.asked > 0)
        return shares

    @property
    def right(self) -> Float64[np.ndarray, " P"]:
        """The mean of each part's shares, over what was asked for."""
        return np.asarray([np.mean(shares[~np.isnan(shares)]) for shares in self.shares])


class Differences(Sums):
    """The mean absolute value of rows (N, F), in float64."""

    def __init__(self, size: int = 0) -> None:
        self.sums = {"count": np.asarray(0), "sum": np.zeros(size) if size else np.asarray(0.0)}

    def add(self, rows: Float[Tensor, "B F"]) -> None:
        self.extend({"count": len(rows), "sum": rows.double().abs().sum(0).numpy()})

    @property
    def count(self) -> int:
        return int(self.sums["count"])

    @property
    def mean(self) -> Float64[np.ndarray, " F"]:
        return np.asarray(self.sums["sum"] / self.count)


class Groups(Summary):
    """Features (N, F) of samples, and which of G groups each is in: a sample can be in several, or in none."""

    def __init__(self, size: int) -> None:
        self._groups = size
        self._members, self._features = AllRows(), AllRows()

    def add(self, rows: Float[Tensor, "B W"]) -> None:
        """Add rows of G zeros or ones, and then features."""
        self.extend({"members": rows[:, : self._groups].bool().numpy(), "features": rows[:, self._groups :].numpy()})

    def extend(self, arrays: Mapping[str, Any]) -> None:
        self._members.add(torch.from_numpy(arrays["members"]))
        self._features.add(torch.from_numpy(arrays["features"]))

    @property
    def count(self) -> int:
        return self._features.count

    @property
    def groups(self) -> list[AllRows]:
        """The features of each group."""

        def compute() -> list[AllRows]:
            members, features = self._members.rows, self._features.rows
            return [held(features[inside]) for inside in members.T]

        return self._features.cached("groups", compute)

    def arrays(self) -> Arrays:
        return {"members": self._members.rows.numpy(), "features": self._features.rows.numpy()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Groups":
        made = cls(arrays["members"].shape[1])
        made.extend(arrays)
        return made
