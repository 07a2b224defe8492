"""Extractors: what a metric sees of a sample, one per file.

To add one: copy the smallest file here (`flat.py`), add a line to the table below, and name it in a metric.
"""

from collections.abc import Callable

from wgan.errors import InputError
from wgan.metrics.extractors.asked import GroupFeatures, NamesRead, NumbersRead
from wgan.metrics.extractors.classes import Classes, ClassifierFeatures, StackedClasses
from wgan.metrics.extractors.classifier import Classifier
from wgan.metrics.extractors.extractor import AskedExtractor, DataInfo, Described, Extractor
from wgan.metrics.extractors.flat import Flat
from wgan.metrics.extractors.inception import Inception
from wgan.metrics.extractors.nearest_mode import NearestMode
from wgan.metrics.extractors.patches import Patches
from wgan.metrics.extractors.random_network import RandomNetwork
from wgan.metrics.extractors.reader import has_names
from wgan.metrics.extractors.units import Units
from wgan.types import Condition


def _classifier(info: DataInfo) -> Classifier:
    if info.classifier is None or info.stacked:
        what = "are stacks" if info.stacked else "have no labels"
        raise InputError(f"Metrics of classes need labelled data, and these {what}. Leave these metrics out.")
    return info.classifier()


def _stacked(info: DataInfo) -> Extractor:
    if info.classifier is None or not info.stacked:
        raise InputError("stacked_modes and stacked_kl need stacks of labelled pictures. Train on stacked:mnist.")
    return StackedClasses(info.classifier(), info.spec.shape[0])


def _mixture(info: DataInfo) -> Extractor:
    if info.mixture is None:
        raise InputError(
            "modes, high_quality and reverse_kl need known modes. Train on toy:ring8, toy:grid25 or toy:grid100."
        )
    return NearestMode(*info.mixture)


def _features(info: DataInfo) -> Extractor:
    return RandomNetwork(info.spec.shape, info.typical()) if info.spec.is_spatial else Flat(info)


def _condition(info: DataInfo, metrics: str) -> Condition:
    if info.spec.condition is None:
        raise InputError(
            f"{metrics} measure what a generator makes of what it is asked for, and here it is asked for nothing. "
            "Evaluate a run that was trained with --condition, or leave these metrics out."
        )
    return info.spec.condition


def _names_read(info: DataInfo) -> NamesRead:
    condition = _condition(info, "condition_accuracy and the like")
    if info.reader is None or not has_names(condition):
        names = ", ".join(condition.names)
        raise InputError(f"condition_accuracy is of classes and labels. For {names}, ask for condition_error.")
    return NamesRead(info.reader())


def _numbers_read(info: DataInfo) -> NumbersRead:
    condition = _condition(info, "condition_error and the like")
    if info.reader is None or not condition.has_numbers:
        names = ", ".join(condition.names)
        raise InputError(f"condition_error is of numbers. For {names}, ask for condition_accuracy.")
    return NumbersRead(info.reader())


EXTRACTORS: dict[str, Callable[[DataInfo], Extractor | AskedExtractor]] = {
    "samples": Flat,
    "units": Units,
    "features": _features,
    "patches": lambda info: Patches(info.spec.shape) if info.spec.is_spatial else Flat(info),
    "classifier": lambda info: ClassifierFeatures(_classifier(info)),
    "classes": lambda info: Classes(_classifier(info)),
    "names": _names_read,
    "numbers": _numbers_read,
    "groups": lambda info: GroupFeatures(_features(info), _condition(info, "class_frechet and class_diversity")),
    "stacked": _stacked,
    "mixture": _mixture,
    "inception": lambda info: Inception(info.spec, info.inception_weights),
}
"""Builds each extractor for given data. Raises InputError where the data do not allow it."""
