"""ADA: the same changes, as often as the critic's overfitting asks for."""

from dataclasses import dataclass

from wgan.augmentation.diffaugment import DiffAugment
from wgan.types import Count, Fraction

AT_ONCE = 0.1
"""The probability changes by no more at a line, since r_v is noise where few samples are held out."""


@dataclass(frozen=True)
class ADA(DiffAugment):
    """Karras et al. 2020, section 3: each change is made with a probability that follows the critic's overfitting.

    Overfitting is their r_v: the share of the critic's distance between training samples and fakes that it loses on
    samples it never saw, `(train_distance - held_out_distance) / train_distance`, 0 to 1. They prefer r_t, the sign of
    the scores, because it needs no held-out data. Here a part is always held out, and a critic without a sigmoid has no
    sign that means something. At each line of the log the probability goes up if r_v is above `target`, else down, by
    the samples seen since the last line over `samples`, but by no more than 0.1, and stays within 0 and `most`: changes
    that are nearly always made leak into what the generator makes (their section 2.2).

    `target` is below 0.4, where the doctor warns of overfitting. Deviations: their changes are more (rotations, scales,
    filters, noise); `samples` is 500,000 there, a fiftieth of their runs, as it is here of runs of a million.
    """

    target: Fraction = 0.3
    samples: Count = 20_000
    """Real samples that the critic sees while the probability goes from 0 to 1."""
    most: Fraction = 0.8

    @property
    def adapts(self) -> bool:
        return True

    def probability(self, adapted: float) -> float:
        return adapted

    def adapted(self, probability: float, overfitting: float, samples: int) -> float:
        change = min(samples / self.samples, AT_ONCE)
        return min(max(probability + (change if overfitting > self.target else -change), 0.0), self.most)
