"""Extractors: what a metric sees of a sample, one per file.

To add one: copy the smallest file here (`flat.py`), add a line to the table below, name it in a metric.
"""

import math
from collections.abc import Callable

from wgan.errors import InputError
from wgan.metrics.extractors.classes import Classes, ClassifierFeatures, StackedClasses
from wgan.metrics.extractors.classifier import Classifier as Classifier, train_classifier as train_classifier
from wgan.metrics.extractors.extractor import Extractor as Extractor, Subject as Subject
from wgan.metrics.extractors.flat import Flat
from wgan.metrics.extractors.inception import Inception
from wgan.metrics.extractors.nearest_mode import NearestMode
from wgan.metrics.extractors.patches import Patches
from wgan.metrics.extractors.random_network import RandomNetwork


def _samples(subject: Subject) -> Extractor:
    return Flat(math.prod(subject.shape))


def _features(subject: Subject) -> Extractor:
    return RandomNetwork(subject.shape, subject.typical()) if len(subject.shape) == 3 else _samples(subject)


def _patches(subject: Subject) -> Extractor:
    return Patches(subject.shape) if len(subject.shape) == 3 else _samples(subject)


def _classifier(subject: Subject) -> Extractor:
    return ClassifierFeatures(_trained(subject))


def _classes(subject: Subject) -> Extractor:
    return Classes(_trained(subject))


def _trained(subject: Subject) -> Classifier:
    if subject.classifier is None or subject.stacked:
        what = "are stacks" if subject.stacked else "have no labels"
        raise InputError(f"Metrics of classes need labelled data, and these {what}. Leave them out.")
    return subject.classifier()


def _stacked(subject: Subject) -> Extractor:
    if subject.classifier is None or not subject.stacked:
        raise InputError("stacked_modes and stacked_kl are for stacks of labelled pictures. Train on stacked:mnist.")
    return StackedClasses(subject.classifier(), subject.shape[0])


def _mixture(subject: Subject) -> Extractor:
    if subject.mixture is None:
        raise InputError(
            "modes, high_quality and reverse_kl need data whose modes are known. Train on toy:ring8 or toy:grid25."
        )
    return NearestMode(subject.mixture)


def _inception(subject: Subject) -> Extractor:
    return Inception(subject.shape, subject.inception_weights)


EXTRACTORS: dict[str, Callable[[Subject], Extractor]] = {
    "samples": _samples,
    "features": _features,
    "patches": _patches,
    "classifier": _classifier,
    "classes": _classes,
    "stacked": _stacked,
    "mixture": _mixture,
    "inception": _inception,
}
"""By name, how to build each for given data. Raises InputError where it cannot be had for them."""
