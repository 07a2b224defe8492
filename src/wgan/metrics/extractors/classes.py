"""What a classifier of the data reads from a sample: features, the class, or the class of each channel."""

import hashlib

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from wgan.metrics.extractors.classifier import FEATURES, Classifier
from wgan.metrics.extractors.extractor import Extractor
from wgan.types import Samples


class ClassifierFeatures(Extractor):
    """The 64 features that the classifier's last layer reads."""

    size = FEATURES

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.key = f"classifier features {digest_of(classifier)}"
        self.description = f"{FEATURES} features of {_describe(classifier)}"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        return self._classifier.features(samples.float().cpu())


class Classes(Extractor):
    """The most likely class."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.size = classifier.classes
        self.key = f"classes {digest_of(classifier)}"
        self.description = f"classes by {_describe(classifier)}"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Int[Tensor, " B"]:
        labels: Tensor = self._classifier(samples.float().cpu()).argmax(1)
        return labels


class StackedClasses(Extractor):
    """The classes of all channels as digits of one number: 0..999 for three channels of ten classes.

    Metz et al. 2017, section 3.3.1: each channel of a stacked picture is a picture of its own.
    """

    def __init__(self, classifier: Classifier, channels: int) -> None:
        self._classes = Classes(classifier)
        self._channels = channels
        self.size = classifier.classes**channels
        self.key = f"stacked {self._classes.key}"
        self.description = f"each channel's {self._classes.description}"

    def __call__(self, samples: Samples) -> Int[Tensor, " B"]:
        labels = self._classes(samples.flatten(0, 1)[:, None]).reshape(len(samples), self._channels)
        places = self._classes.size ** torch.arange(self._channels - 1, -1, -1)
        return (labels * places).sum(1)


def _describe(classifier: Classifier) -> str:
    return f"a classifier ({classifier.accuracy:.1%} right on {int(classifier.judged_on):,} held-out samples)"


def digest_of(network: nn.Module) -> str:
    """A hash of all weights."""
    digest = hashlib.blake2b(digest_size=12)
    for value in network.state_dict().values():
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()
