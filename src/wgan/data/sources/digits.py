"""The bundled data: 1,797 handwritten digits of 8x8 pixels that come with scikit-learn (UCI, 1998)."""

from functools import cache

import numpy as np

from wgan.data.source import ArraySource
from wgan.system.pictures import Array


class Digits(ArraySource):
    """`digits`: needs no network and no files."""

    name = "digits"

    @property
    def arrays(self) -> tuple[Array, Array, None]:
        return *_loaded(), None

    def label_names(self) -> tuple[str, ...]:
        return tuple("0123456789")

    def identity(self) -> str:
        return "scikit-learn digits"


@cache
def _loaded() -> tuple[Array, Array]:
    """The pictures (N, 8, 8, 1) and their labels, for reading only: the text that holds them takes 60 ms to read."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)  # stored as 0..16
    return images[..., None], bunch.target
