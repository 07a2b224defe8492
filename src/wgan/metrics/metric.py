"""What a metric is: an extractor reads samples, a summary keeps the result, and two summaries are compared."""

import math
from abc import ABC, abstractmethod
from typing import Generic, Literal, NamedTuple, TypeVar

from wgan.language import say
from wgan.metrics.summaries import Summary

Better = Literal["lower", "higher"]
S = TypeVar("S", bound=Summary)


def better_word(better: str) -> str:
    """Which values are better, as people read it."""
    return {"lower": say("lower"), "higher": say("higher")}.get(better, better)


class SummarySpec(NamedTuple):
    """A summary of the first `limit` samples that an extractor reads. Metrics with the same spec share one."""

    extractor: str
    summary: type[Summary]
    limit: int | None

    def used(self, n: int) -> int:
        return n if self.limit is None else min(n, self.limit)


class Metric(ABC, Generic[S]):
    """How far fakes are from reals, as one number.

    Subclasses are frozen dataclasses. Everything that changes the number is a field: caches are keyed by the repr.
    """

    extractor: str
    """What the metric sees of a sample: a name in `wgan.metrics.extractors.EXTRACTORS`."""
    summary: type[Summary]
    limit: int | None = None
    """The most samples to compare; None where cost and memory do not grow with them."""
    better: Better = "lower"
    bounds: tuple[float, float] = (0.0, math.inf)
    """The range of the value."""
    fitted: bool = False
    """Whether the extractor was fitted to training reals so that their value is too good to be a floor: the floor is
    then that of the held-out reals themselves."""

    @property
    def fewest(self) -> int:
        """The fewest reals and fakes for which the value is defined."""
        return 1

    @property
    def spec(self) -> SummarySpec:
        return SummarySpec(self.extractor, self.summary, self.limit)

    @abstractmethod
    def compare(self, real: S, fake: S) -> float:
        """The value. `real` and `fake` may hold different numbers of samples."""
