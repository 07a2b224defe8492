"""Stacked pictures: each channel is another labelled grey picture, so that there are as many modes as combinations."""

from collections.abc import Iterator
from functools import cached_property
from itertools import product

import numpy as np

from wgan.data.source import Sample, Skipped, Source, Survey, plain, survey_array
from wgan.errors import InputError
from wgan.system.pictures import Array, fit_all
from wgan.types import Progress

CHANNELS = 3
TRAIN = 128_000
TEST = 26_000
EVERY = 10
"""Of a base without a test split, every tenth picture goes into test stacks only."""


class Stacked:
    """`stacked:DATA`: three pictures drawn at random from labelled grey ones, as red, green and blue.

    Stacked MNIST (Metz et al. 2017, section 3.3.1) is `stacked:mnist`: 1,000 modes. As in Lin et al. 2018, section
    4.2, there are 128,000 stacks to train on; 26,000 more, of pictures that no training stack has, are held out. The
    same ones every time.

    Raises:
        InputError: the base has no labels, several sizes, or colours.
    """

    def __init__(self, base: Source) -> None:
        self._base = base
        self.name = f"stacked-{base.name}"
        survey = base.survey()
        names = base.label_names()
        if len(names) < 2 or len(survey.sizes) != 1:
            raise InputError(
                f"{base.name} cannot be stacked: that needs labelled pictures of one size, such as stacked:mnist."
            )
        self._names = names
        self._size = next(iter(survey.sizes))

    def label_names(self) -> tuple[str, ...]:
        """All combinations of the base's classes: "0·0·0" to "9·9·9"."""
        return tuple(SEPARATOR.join(names) for names in product(self._names, repeat=CHANNELS))

    def identity(self) -> str | None:
        """That of the base."""
        base = self._base.identity()
        return None if base is None else f"stacked v1 {TRAIN} {TEST} {base}"

    def survey(self, progress: Progress = plain) -> Survey:
        """154,000 RGB pictures of the base's size."""
        shape = (TRAIN + TEST, *self._size, CHANNELS)
        return survey_array(np.broadcast_to(np.uint8(0), shape), None, ())

    @cached_property
    def _pictures(self) -> tuple[Array, Array, Array]:
        """The base, decoded: pictures (N, H, W), labels, and which are for testing."""
        pictures, labels, tests = [], [], []
        for item in self._base.samples():
            if isinstance(item, Sample) and item.label is not None:
                (content,) = fit_all([item.value], self._size, 1)
                if isinstance(content, bytes):
                    pictures.append(np.frombuffer(content, np.uint8).reshape(self._size))
                    labels.append(item.label)
                    tests.append(item.test)
        if not pictures:
            raise InputError(f"Nothing in {self._base.name} could be read. Give labelled pictures that can.")
        held = np.asarray(tests) if any(tests) else np.arange(len(tests)) % EVERY == 0
        return np.stack(pictures), np.asarray(labels), held

    def samples(self) -> Iterator[Sample | Skipped]:
        """Training stacks, then test stacks."""
        pictures, labels, tests = self._pictures
        random = np.random.Generator(np.random.Philox(key=0))
        for count, test in ((TRAIN, False), (TEST, True)):
            chosen = random.choice(np.flatnonzero(tests == test), (count, CHANNELS))
            powers = len(self._names) ** np.arange(CHANNELS - 1, -1, -1)
            for places, label in zip(chosen, labels[chosen] @ powers, strict=True):
                yield Sample(np.moveaxis(pictures[places], 0, 2), int(label), test)


SEPARATOR = "·"


def unstacked(label_names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The base's classes, if these are all combinations of three, as `Stacked` names them; else None."""
    classes = round(len(label_names) ** (1 / CHANNELS))
    names = tuple(name.rpartition(SEPARATOR)[2] for name in label_names[:classes])
    combined = tuple(SEPARATOR.join(chosen) for chosen in product(names, repeat=CHANNELS))
    return names if classes > 1 and combined == label_names else None
