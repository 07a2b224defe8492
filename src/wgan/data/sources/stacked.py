"""Stacked pictures: each channel is another labelled grey picture, which gives one mode per combination of labels."""

from collections.abc import Iterator
from functools import cached_property
from itertools import product

import numpy as np

from wgan.data.source import Sample, Skipped, Source, Survey, no_progress, survey_array
from wgan.errors import InputError
from wgan.system.fitting import fit_all
from wgan.system.pictures import Array
from wgan.types import Progress

CHANNELS = 3
TRAIN = 128_000
TEST = 26_000
EVERY = 10
"""If the base has no test split, every tenth picture goes into test stacks only."""


class Stacked(Source):
    """`stacked:DATA`: three pictures, drawn at random from labelled grey ones, become red, green and blue.

    Stacked MNIST (Metz et al. 2017, section 3.3.1) is `stacked:mnist`, with 1,000 modes. As in Lin et al. 2018,
    section 4.2, there are 128,000 training stacks. 26,000 more, of pictures in no training stack, are held out. The
    stacks are always the same.

    Raises:
        InputError: The base has no labels, or several sizes.
    """

    def __init__(self, base: Source) -> None:
        self._base = base
        self.name = f"stacked-{base.name}"
        survey = base.survey()
        names = base.label_names()
        if len(names) < 2 or len(survey.sizes) != 1:
            raise InputError(
                f"{base.name} cannot be stacked. Give labelled pictures of one size, such as stacked:mnist."
            )
        self._names = names
        self._size = next(iter(survey.sizes))

    def label_names(self) -> tuple[str, ...]:
        return tuple(SEPARATOR.join(names) for names in product(self._names, repeat=CHANNELS))

    def identity(self) -> str | None:
        base = self._base.identity()
        return None if base is None else f"stacked v1 {TRAIN} {TEST} {base}"

    def survey(self, progress: Progress = no_progress) -> Survey:
        shape = (TRAIN + TEST, *self._size, CHANNELS)
        return survey_array(np.broadcast_to(np.uint8(0), shape), None, ())

    @cached_property
    def _pictures(self) -> tuple[Array, Array, Array]:
        """The decoded base: pictures (N, H, W), labels (N,), and which are for testing (N,)."""
        pictures, labels, tests = [], [], []
        for item in self._base.samples():
            if isinstance(item, Sample) and item.label is not None:
                (content,) = fit_all([item.value], self._size, 1)
                if isinstance(content, bytes):
                    pictures.append(np.frombuffer(content, np.uint8).reshape(self._size))
                    labels.append(item.label)
                    tests.append(item.test)
        if not pictures:
            raise InputError(f"Nothing in {self._base.name} could be read. Give labelled pictures.")
        held = np.asarray(tests) if any(tests) else np.arange(len(tests)) % EVERY == 0
        return np.stack(pictures), np.asarray(labels), held

    def samples(self) -> Iterator[Sample | Skipped]:
        pictures, labels, tests = self._pictures
        random = np.random.Generator(np.random.Philox(key=0))
        for count, test in ((TRAIN, False), (TEST, True)):
            chosen = random.choice(np.flatnonzero(tests == test), (count, CHANNELS))
            powers = len(self._names) ** np.arange(CHANNELS - 1, -1, -1)
            for places, label in zip(chosen, labels[chosen] @ powers, strict=True):
                yield Sample(np.moveaxis(pictures[places], 0, 2), int(label), test)


SEPARATOR = "·"


def unstacked(label_names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The base's classes if these are the label names of a `Stacked`; else None."""
    classes = round(len(label_names) ** (1 / CHANNELS))
    names = tuple(name.rpartition(SEPARATOR)[2] for name in label_names[:classes])
    combined = tuple(SEPARATOR.join(chosen) for chosen in product(names, repeat=CHANNELS))
    return names if classes > 1 and combined == label_names else None
