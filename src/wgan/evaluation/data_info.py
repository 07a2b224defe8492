"""What metrics can know of a pack: its shape, its modes, a classifier of its labels."""

import os
from functools import cache

import numpy as np

from wgan.data import MIXTURES, Array, Pack, unstacked
from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.errors import InputError
from wgan.metrics import DataInfo
from wgan.metrics.extractors.classifier import VERSION, Classifier, train_classifier
from wgan.runs.weights import load_weights, save_weights
from wgan.training import Stream, random_numbers
from wgan.types import Progress, Samples, SampleSpec

TYPICAL = 1000
"""Training reals that features are normalised with."""
WEIGHTS = "WGAN_INCEPTION"
"""The environment variable that names a file of Inception's weights, to be used instead of a download."""


def data_info_of(pack: Pack, holdout: float, progress: Progress) -> DataInfo:
    """What is known of the data. Their classifier is read from the cache or trained at its first use."""
    mixture = MIXTURES.get(pack.contents.name.removeprefix("toy-")) if pack.shape == (2,) else None
    labelled = pack.labels is not None and len(pack.contents.label_names) > 1
    stacked = unstacked(pack.contents.label_names) is not None and pack.spec.is_picture

    @cache
    def classifier() -> Classifier:
        return _classifier(pack, holdout, progress, stacked=stacked)

    def typical() -> Samples:
        train, _ = pack.split(holdout)
        return pack.samples_at(random_numbers(0, Stream.EVALUATION, 2).permutation(train)[:TYPICAL])

    return DataInfo(pack.spec, typical, classifier if labelled else None, stacked, mixture, os.environ.get(WEIGHTS))


def _classifier(pack: Pack, holdout: float, progress: Progress, *, stacked: bool) -> Classifier:
    spec = SampleSpec.picture(1, *pack.spec.size) if stacked and pack.spec.size else pack.spec
    names = pack.contents.label_names
    classes = len(unstacked(names) or ()) if stacked else len(names)
    folder = cache_subfolder("classifiers")
    path = folder / f"{key_of(VERSION, pack.contents.digest, holdout, stacked, names)}.safetensors"
    if path.exists():
        classifier = Classifier(spec, classes).eval().requires_grad_(False)
        try:
            load_weights(classifier, path)
            return classifier
        except InputError:  # damaged: train it again
            path.unlink()
    classifier = _trained(pack, holdout, spec, classes, progress, stacked=stacked)
    with writing("the classifier", folder):
        save_weights(classifier, path)
    return classifier


def _trained(
    pack: Pack, holdout: float, spec: SampleSpec, classes: int, progress: Progress, *, stacked: bool
) -> Classifier:
    labels = pack.labels
    assert labels is not None, "only labelled data have a classifier"
    train, held_out = (part[labels[part] >= 0] for part in pack.split(holdout))
    if not stacked:
        return train_classifier(spec, classes, pack.samples_at, labels, train, held_out, progress)
    channels = pack.shape[0]
    powers = classes ** np.arange(channels - 1, -1, -1)
    # p · channels + c is the place of channel c of picture p.
    digits = (labels[:, None] // powers % classes).reshape(-1)

    def channel_at(places: Array) -> Samples:
        pictures = pack.samples_at(places // channels)
        return pictures[np.arange(len(places)), places % channels][:, None]

    train, held_out = (np.add.outer(part * channels, np.arange(channels)).reshape(-1) for part in (train, held_out))
    return train_classifier(spec, classes, channel_at, digits, train, held_out, progress)
