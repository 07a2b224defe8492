"""What an extractor is, and what it may know of the data."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from numpy.typing import NDArray
from torch import Tensor

from wgan.types import Samples, SampleSpec

if TYPE_CHECKING:
    from wgan.metrics.extractors.classifier import Classifier


@runtime_checkable
class Extractor(Protocol):
    """Makes of each sample what a metric compares: features (B, F), a class (B,), patches (B, L, P, C, 49)."""

    @property
    def size(self) -> int:
        """F, or how many classes there are."""

    @property
    def key(self) -> str | None:
        """A text that changes whenever the numbers would; None where it is as fast to extract as to read a file."""

    @property
    def told(self) -> str:
        """What it is, in a few words."""

    def __call__(self, samples: Samples, /) -> Tensor:
        """On the CPU, wherever the samples are."""


@runtime_checkable
class Mixture(Protocol):
    """Known modes: equal round Gaussians."""

    @property
    def centres(self) -> NDArray[Any]:
        """(K, D)."""

    @property
    def sigma(self) -> float:
        """The standard deviation of each."""


class DataInfo(NamedTuple):
    """What is known of the data that samples are compared with."""

    spec: SampleSpec
    typical: Callable[[], Samples]
    """Some training reals, always the same ones, to bring features to one scale."""
    classifier: "Callable[[], Classifier] | None" = None
    """Of the data's classes, or of one channel's where pictures are stacks; trained when first asked for."""
    stacked: bool = False
    """Each channel is a picture of its own, with a class of its own."""
    mixture: Mixture | None = None
    inception_weights: str | None = None
    """A file to read Inception's weights from; None downloads them."""
