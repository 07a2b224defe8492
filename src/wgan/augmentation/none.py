"""No augmentation: the critic sees samples as they are."""

from dataclasses import dataclass

import numpy as np

from wgan.augmentation.changes import Drawn
from wgan.types import ChangeNumbers, DataShape, Samples


@dataclass(frozen=True)
class NoAugmentation:
    """The critic sees samples as they are."""

    @property
    def changes(self) -> bool:
        return False

    @property
    def adapts(self) -> bool:
        return False

    def probability(self, adapted: float) -> float:
        return 0.0

    def adapted(self, probability: float, overfitting: float) -> float:
        return probability

    def draw(self, random: np.random.Generator, shape: DataShape, count: int, probability: float) -> Drawn:
        return np.zeros((count, 0), np.float32)

    def __call__(self, samples: Samples, numbers: ChangeNumbers) -> Samples:
        return samples
