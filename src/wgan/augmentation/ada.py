"""ADA: the same changes, as often as the critic's overfitting asks for."""

from dataclasses import dataclass

from wgan.augmentation.diffaugment import DiffAugment
from wgan.types import Fraction


@dataclass(frozen=True)
class ADA(DiffAugment):
    """Karras et al. 2020, section 3: each change is made with a probability that follows the critic's overfitting.

    Overfitting is their r_v: the share of the critic's distance between training samples and fakes that it loses on
    samples it never saw, `(train_distance - held_out_distance) / train_distance`, 0 to 1. They prefer r_t, the sign of
    the scores, because it needs no held-out data. Here a part is held out anyway, and scores without a sigmoid have no
    sign that means something. At each line of the log the probability goes up by `step` if r_v is above `target`, else
    down, and stays within 0 and `most`: changes that are nearly always made leak into what the generator makes (their
    section 2.2).

    `target` is below 0.4, where the doctor warns of overfitting. Deviations: r_v is of samples as they are, not changed
    ones, as all distances in the log are; their changes are more (rotations, scales, filters, noise); their probability
    moves every four batches, and takes 500,000 pictures from 0 to 1.
    """

    target: Fraction = 0.3
    step: Fraction = 0.05
    """By how much the probability moves at a line of the log."""
    most: Fraction = 0.8

    @property
    def adapts(self) -> bool:
        return True

    def probability(self, adapted: float) -> float:
        return adapted

    def adapted(self, probability: float, overfitting: float) -> float:
        moved = probability + (self.step if overfitting > self.target else -self.step)
        return min(max(moved, 0.0), self.most)
