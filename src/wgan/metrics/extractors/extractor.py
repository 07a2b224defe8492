"""What an extractor is, and what it can know of the data."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from numpy.typing import NDArray
from torch import Tensor

from wgan.types import Samples, SampleSpec
from wgan.types.condition import Rows

if TYPE_CHECKING:
    from wgan.metrics.extractors.classifier import Classifier
    from wgan.metrics.extractors.reader import Reader


class Described(ABC):
    """What any extractor says of itself."""

    size: int
    """F, or the number of classes."""
    description: str
    """What it is, in a few words."""
    key: str | None = None
    """Changes whenever the output would; None where extracting is as fast as reading a file."""


class Extractor(Described):
    """Turns each sample into what a metric compares: features (B, F), a class (B,) or patches (B, L, P, C, S)."""

    @abstractmethod
    def __call__(self, samples: Samples) -> Tensor:
        """The output, on the CPU. Samples can be on any device."""


class AskedExtractor(Described):
    """Turns each sample, and what it was asked to be, into what a metric compares: (B, ...)."""

    @abstractmethod
    def __call__(self, samples: Samples, asked: Rows) -> Tensor:
        """The output, on the CPU. Samples can be on any device; rows of the condition (B, width) are on the CPU."""


class DataInfo(NamedTuple):
    """What is known of the data that samples are compared with."""

    spec: SampleSpec
    typical: Callable[[], Samples]
    """Returns training reals, the same ones in every call, to normalise features."""
    classifier: "Callable[[], Classifier] | None" = None
    """Returns a classifier of the data's classes (for stacks, of one channel's); trained in the first call."""
    stacked: bool = False
    """Whether each channel is a picture with a class of its own."""
    mixture: tuple[NDArray[Any], float] | None = None
    """Known modes: round Gaussians at these centres (K, D), each of this standard deviation."""
    inception_weights: str | None = None
    """A file of Inception's weights; None downloads them."""
    reader: "Callable[[], Reader] | None" = None
    """Returns a network that reads from a sample what the condition says of it; trained in the first call."""
