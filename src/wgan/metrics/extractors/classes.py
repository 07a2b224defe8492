"""What the classifier of the data says of a sample: its features, its class, or the class of each channel."""

import hashlib
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from wgan.metrics.extractors.classifier import FEATURES, Classifier
from wgan.types import Samples


class ClassifierFeatures:
    """The 64 features before the classifier's last layer."""

    size: ClassVar[int] = FEATURES

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.key = f"classifier features {_digest(classifier)}"
        self.told = f"{FEATURES} features of {_told(classifier)}"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        """(B, 64)."""
        return self._classifier.features(samples.float().cpu())


class Classes:
    """The class that the classifier holds most likely."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.size = classifier.classes
        self.key = f"classes {_digest(classifier)}"
        self.told = f"classes by {_told(classifier)}"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Int[Tensor, " B"]:
        """(B,)."""
        labels: Tensor = self._classifier(samples.float().cpu()).argmax(1)
        return labels


class StackedClasses:
    """The classes of all channels, read as one number to the base of the classes: 0..999 for three digits.

    Metz et al. 2017, section 3.3.1: each channel of a stacked picture is a picture of its own.
    """

    def __init__(self, classifier: Classifier, channels: int) -> None:
        self._classes = Classes(classifier)
        self._channels = channels
        self.size = classifier.classes**channels
        self.key = f"stacked {self._classes.key}"
        self.told = f"each channel's {self._classes.told}"

    def __call__(self, samples: Samples) -> Int[Tensor, " B"]:
        """(B,)."""
        labels = self._classes(samples.flatten(0, 1)[:, None]).reshape(len(samples), self._channels)
        places = self._classes.size ** torch.arange(self._channels - 1, -1, -1)
        return (labels * places).sum(1)


def _told(classifier: Classifier) -> str:
    return f"a classifier ({classifier.accuracy:.1%} right on {int(classifier.judged_on):,} held-out samples)"


def _digest(classifier: Classifier) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for value in classifier.state_dict().values():
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()
