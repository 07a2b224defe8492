"""Extractors: what a metric sees of a sample, one per file.

To add one: copy the smallest file here (`flat.py`), add a line to the table below, name it in a metric.
"""

import math
from collections.abc import Callable

from wgan.errors import InputError
from wgan.metrics.extractors.classes import Classes, ClassifierFeatures, StackedClasses
from wgan.metrics.extractors.classifier import Classifier, train_classifier
from wgan.metrics.extractors.extractor import DataInfo, Extractor
from wgan.metrics.extractors.flat import Flat
from wgan.metrics.extractors.inception import Inception
from wgan.metrics.extractors.nearest_mode import NearestMode
from wgan.metrics.extractors.patches import Patches
from wgan.metrics.extractors.random_network import RandomNetwork


def _samples(info: DataInfo) -> Extractor:
    return Flat(math.prod(info.spec.shape))


def _features(info: DataInfo) -> Extractor:
    return RandomNetwork(info.spec.shape, info.typical()) if info.spec.is_picture else _samples(info)


def _patches(info: DataInfo) -> Extractor:
    return Patches(info.spec.shape) if info.spec.is_picture else _samples(info)


def _classifier(info: DataInfo) -> Extractor:
    return ClassifierFeatures(_trained(info))


def _classes(info: DataInfo) -> Extractor:
    return Classes(_trained(info))


def _trained(info: DataInfo) -> Classifier:
    if info.classifier is None or info.stacked:
        what = "are stacks" if info.stacked else "have no labels"
        raise InputError(f"Metrics of classes need labelled data, and these {what}. Leave them out.")
    return info.classifier()


def _stacked(info: DataInfo) -> Extractor:
    if info.classifier is None or not info.stacked:
        raise InputError("stacked_modes and stacked_kl are for stacks of labelled pictures. Train on stacked:mnist.")
    return StackedClasses(info.classifier(), info.spec.shape[0])


def _mixture(info: DataInfo) -> Extractor:
    if info.mixture is None:
        raise InputError(
            "modes, high_quality and reverse_kl need data whose modes are known. Train on toy:ring8 or toy:grid25."
        )
    return NearestMode(info.mixture)


def _inception(info: DataInfo) -> Extractor:
    return Inception(info.spec, info.inception_weights)


EXTRACTORS: dict[str, Callable[[DataInfo], Extractor]] = {
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
