"""Balls around samples that reach to their k-th nearest neighbour: what precision, recall, density, coverage count."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Bool, Float64
from torch import Tensor

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Rows

BLOCK = 512
LIMIT = 5000
"""Pairs of more rows than this are minutes of work."""


@dataclass(frozen=True)
class BallMetric(ABC):
    """A metric that counts who lies in whose balls to the k-th nearest neighbour; more is better."""

    extractor: str
    neighbours: int = 3
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = LIMIT
    better: ClassVar[Better] = "higher"
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)

    @property
    def fewest(self) -> int:
        """A ball to the k-th neighbour takes k others."""
        return self.neighbours + 1

    @abstractmethod
    def compare(self, real: Rows, fake: Rows) -> float:
        """The value."""


def radii(points: Rows, k: int) -> Float64[Tensor, " N"]:
    """The distance of each row to its k-th nearest other one; for fewer than k others, to the farthest."""

    def compute() -> Tensor:
        x = points.precise
        nearest = min(k, len(x) - 1)
        blocks = [torch.cdist(block, x).topk(nearest + 1, largest=False).values[:, -1] for block in x.split(BLOCK)]
        return torch.cat(blocks)  # a row is its own nearest, which counts as the zeroth

    return points.remembered(("radii", k), compute)


def inside(centres: Rows, k: int, points: Rows) -> Iterator[Bool[Tensor, "N M"]]:
    """Which of M points lie in the balls of N centres, in blocks of centres."""
    reach, y = radii(centres, k), points.precise
    for block, radius in zip(centres.precise.split(BLOCK), reach.split(BLOCK), strict=True):
        yield torch.cdist(block, y) <= radius[:, None]
