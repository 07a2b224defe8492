"""The bundled data: 1,797 handwritten digits of 8x8 pixels that come with scikit-learn (UCI, 1998)."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from wgan.data.source import Sample, Skipped, Survey, plain, survey_array
from wgan.system.pictures import Array
from wgan.types import Progress


class Digits:
    """`digits`: no network, no files of your own."""

    name = "digits"

    @cached_property
    def _arrays(self) -> tuple[Array, Array]:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)  # stored as 0..16
        return images[..., None], bunch.target

    def label_names(self) -> tuple[str, ...]:
        """The ten digits."""
        return tuple("0123456789")

    def identity(self) -> str:
        """The set never changes."""
        return "scikit-learn digits"

    def survey(self, progress: Progress = plain) -> Survey:
        """1,797 grey pictures of 8x8."""
        return survey_array(*self._arrays, self.label_names())

    def samples(self) -> Iterator[Sample | Skipped]:
        """In scikit-learn's order."""
        images, labels = self._arrays
        for image, label in zip(images, labels, strict=True):
            yield Sample(image, int(label))
