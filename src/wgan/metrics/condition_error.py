"""How far fakes are from the numbers that they were asked for, as a reader sees them."""

from dataclasses import dataclass

from wgan.metrics.asked_summaries import Differences
from wgan.metrics.metric import Metric


@dataclass(frozen=True)
class ConditionError(Metric[Differences]):
    """The mean absolute difference between the numbers asked for and those that are read, in standard deviations.

    The mean over numbers, where there are several. It counts the reader's errors too, as its floor shows.
    """

    extractor: str = "numbers"
    summary = Differences
    fitted = True

    def compare(self, real: Differences, fake: Differences) -> float:
        return float(fake.mean.mean())
