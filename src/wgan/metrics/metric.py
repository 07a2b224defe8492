"""What a metric is: samples go through an extractor into a summary, and two summaries are compared."""

from typing import Literal, Protocol, TypeVar, runtime_checkable

from wgan.metrics.summaries import Summary

Better = Literal["lower", "higher"]
S_contra = TypeVar("S_contra", bound=Summary, contravariant=True)


@runtime_checkable
class Metric(Protocol[S_contra]):
    """How far fakes are from reals, as one number. Frozen: everything that changes the number is a field.

    `extractor` is a name in `wgan.metrics.features.EXTRACTORS`; what it makes of the samples is collected in a
    `summary`, of the first `limit` samples if that is not None.
    """

    @property
    def extractor(self) -> str:
        """What the metric sees of a sample."""

    @property
    def summary(self) -> type[Summary]:
        """What is kept of many samples."""

    @property
    def limit(self) -> int | None:
        """The most samples that are compared; None where cost and memory do not grow with them."""

    @property
    def better(self) -> Better:
        """Which way is up."""

    @property
    def bounds(self) -> tuple[float, float]:
        """What the value lies between by its definition; infinite where nothing bounds it."""

    @property
    def fewest(self) -> int:
        """The fewest samples, on either side, with which the value is defined."""

    def compare(self, real: S_contra, fake: S_contra, /) -> float:
        """The value. `real` may hold another number of samples than `fake`."""
