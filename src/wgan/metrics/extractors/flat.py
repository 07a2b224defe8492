"""The samples themselves, as vectors."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from wgan.types import Samples


class Flat:
    """Points as they are, pictures as pixels in [-1, 1]."""

    key: ClassVar[None] = None

    def __init__(self, size: int) -> None:
        self.size = size
        self.told = "the samples themselves"

    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        """(B, F)."""
        return samples.float().flatten(1).cpu()
