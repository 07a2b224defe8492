"""DiffAugment: real and fake samples are changed at random before the critic sees them, and gradients pass through."""

from dataclasses import dataclass

import numpy as np

from wgan.augmentation.changes import PICTURE, Drawn, coloured, cut, drawn, shifted
from wgan.types import ChangeNumbers, DataShape, Fraction, Samples


@dataclass(frozen=True)
class DiffAugment:
    """Zhao et al. 2020, with their three kinds of changes: colour, translation, cutout. Every sample is changed.

    `translation` is the longest shift and `cutout` the size of the window of zeros, both relative to each side; 0
    leaves the change out. Pictures of any channels have all three; signals and volumes are shifted only.

    Real and fake samples each draw their own changes, for the generator's update too. The objective sees changed
    samples and nothing else: a penalty is taken at changed real samples, at changed fakes, or between the two, and the
    slope is that of the critic at what it sees. So the critic is 1-Lipschitz where it is used, its distance is that of
    the changed distributions, and no change of contrast counts as a change of slope. (Karras et al. 2020 take R1's
    slope at the unchanged sample, through the change: then more contrast asks for a flatter critic.)
    """

    color: bool = True
    translation: Fraction = 0.125
    cutout: Fraction = 0.5

    @property
    def changes(self) -> bool:
        return True

    @property
    def adapts(self) -> bool:
        return False

    def probability(self, adapted: float) -> float:
        return 1.0

    def adapted(self, probability: float, overfitting: float) -> float:
        return probability

    def draw(self, random: np.random.Generator, shape: DataShape, count: int, probability: float) -> Drawn:
        return drawn(random, shape, count, probability, self.translation, self.cutout)

    def __call__(self, samples: Samples, numbers: ChangeNumbers) -> Samples:
        is_picture = samples.dim() == 2 + PICTURE
        if self.color and is_picture:
            samples = coloured(samples, numbers)
        if self.translation:
            samples = shifted(samples, numbers)
        if self.cutout and is_picture:
            samples = cut(samples, numbers, self.cutout)
        return samples
