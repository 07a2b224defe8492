"""Balls around samples, each reaching to the k-th nearest neighbour, for precision, recall, density and coverage."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float64
from torch import Tensor

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows

BLOCK = 512


@dataclass(frozen=True)
class BallMetric(Metric[AllRows]):
    """A metric that counts which samples lie in the others' balls. k is `neighbours`."""

    extractor: str
    neighbours: int = 3
    summary = AllRows
    limit = 5000  # more rows would take minutes
    better = "higher"
    bounds = (0.0, 1.0)

    @property
    def fewest(self) -> int:
        return self.neighbours + 1


def radii(points: AllRows, k: int) -> Float64[Tensor, " N"]:
    """The distance of each row to its k-th nearest other row, or to the farthest if there are fewer."""

    def compute() -> Tensor:
        x = points.precise
        nearest = min(k, len(x) - 1)
        blocks = [torch.cdist(block, x).topk(nearest + 1, largest=False).values[:, -1] for block in x.split(BLOCK)]
        return torch.cat(blocks)  # the nearest, number zero, is the row itself

    return points.cached(("radii", k), compute)


def inside(centres: AllRows, k: int, points: AllRows) -> Iterator[Bool[Tensor, "N M"]]:
    """Which of M points lie in the balls of N centres, one block of centres at a time."""
    reach, y = radii(centres, k), points.precise
    for block, radius in zip(centres.precise.split(BLOCK), reach.split(BLOCK), strict=True):
        yield torch.cdist(block, y) <= radius[:, None]
