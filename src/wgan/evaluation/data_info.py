"""What metrics can know of a pack: its shape, its modes, a classifier of its labels, a reader of its condition."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from torch import nn

from wgan.data import MIXTURES, Array, Pack, unstacked
from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.data.columns import LABEL
from wgan.errors import InputError
from wgan.metrics import DataInfo
from wgan.metrics.extractors import reader as readers
from wgan.metrics.extractors.classifier import VERSION, Classifier, fixed, train_classifier
from wgan.metrics.extractors.reader import Reader, reader_of, train_reader
from wgan.runs.weights import load_weights, save_weights
from wgan.training import Stream, random_numbers
from wgan.types import Progress, Samples, SampleSpec

N = TypeVar("N", bound=nn.Module)

TYPICAL = 1000
"""Training reals that features are normalised with."""
WEIGHTS = "WGAN_INCEPTION"
"""The environment variable that names a file of Inception's weights, to be used instead of a download."""


def data_info_of(pack: Pack, holdout: float, progress: Progress) -> DataInfo:
    """What is known of the data. Their classifier and reader are read from the cache or trained at their first use."""
    mixture = MIXTURES.get(pack.contents.name.removeprefix("toy-")) if pack.shape == (2,) else None
    labelled = pack.labels is not None and len(pack.contents.label_names) > 1
    stacked = unstacked(pack.contents.label_names) is not None and pack.spec.is_picture

    @cache
    def classifier() -> Classifier:
        return _classifier(pack, holdout, progress, stacked=stacked)

    @cache
    def reader() -> Reader:
        return _reader(pack, holdout, classifier if _is_label(pack) else None, progress)

    def typical() -> Samples:
        train, _ = pack.split(holdout)
        return pack.samples_at(random_numbers(0, Stream.EVALUATION, 2).permutation(train)[:TYPICAL])

    return DataInfo(
        pack.spec,
        typical,
        classifier if labelled else None,
        stacked,
        mixture,
        os.environ.get(WEIGHTS),
        None if pack.spec.condition is None else reader,
    )


def content_key(pack: Pack) -> str:
    """Which samples are there: of some the condition may be unknown, and they are on neither side of the split."""
    digest, condition = pack.contents.digest, pack.spec.condition
    return digest if condition is None or len(pack.known) == len(pack) else f"{digest} where known: {condition.digest}"


def _classifier(pack: Pack, holdout: float, progress: Progress, *, stacked: bool) -> Classifier:
    spec = SampleSpec.picture(1, *pack.spec.size) if stacked and pack.spec.size else pack.spec
    names = pack.contents.label_names
    classes = len(unstacked(names) or ()) if stacked else len(names)
    folder = cache_subfolder("classifiers")
    path = folder / f"{key_of(VERSION, content_key(pack), holdout, stacked, names)}.safetensors"
    return _kept(
        path,
        lambda: Classifier(spec, classes),
        lambda: _trained(pack, holdout, spec, classes, progress, stacked=stacked),
    )


def _kept(path: Path, build: Callable[[], N], trained: Callable[[], N]) -> N:
    """The network whose weights are in that file of the cache, or a trained one, which is kept there."""
    if path.exists():
        network = fixed(build).eval().requires_grad_(False)
        try:
            load_weights(network, path)
            return network
        except InputError:  # damaged: train it again
            path.unlink()
    network = trained()
    with writing("the classifier", path.parent):
        save_weights(network, path)
    return network


def _is_label(pack: Pack) -> bool:
    """Whether the condition is the label alone: then the classifier of labels reads it."""
    condition, names = pack.spec.condition, pack.contents.label_names
    if condition is None or pack.labels is None or unstacked(names) is not None:
        return False
    if [(part.name, part.kind, part.names) for part in condition.parts] != [(LABEL, "class", names)]:
        return False
    return np.array_equal(pack.condition_rows[pack.known, 0], pack.labels[pack.known])  # not others of that name


def _reader(pack: Pack, holdout: float, classifier: Callable[[], Classifier] | None, progress: Progress) -> Reader:
    condition = pack.spec.condition
    assert condition is not None

    def trained() -> Reader:
        rows, (train, held_out) = pack.condition_rows, pack.split(holdout)
        if classifier is None:
            return train_reader(pack.spec, condition, pack.samples_at, rows, train, held_out, progress)
        reader = reader_of(classifier(), pack.spec, condition)
        reader.judge(pack.samples_at, rows, held_out)
        return reader

    key = key_of(VERSION, readers.VERSION, content_key(pack), holdout, condition)
    return _kept(
        cache_subfolder("classifiers") / f"reader-{key}.safetensors",
        lambda: Reader(pack.spec, condition),
        trained,
    )


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
