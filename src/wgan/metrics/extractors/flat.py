"""The samples themselves, as vectors."""

import math

from jaxtyping import Float
from torch import Tensor

from wgan.metrics.extractors.extractor import DataInfo, Extractor
from wgan.types import Samples


class Flat(Extractor):
    """Values as networks see them: those of signals, pictures and volumes in [-1, 1]."""

    description = "the samples themselves"

    def __init__(self, info: DataInfo) -> None:
        self.size = math.prod(info.spec.shape)

    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        return samples.float().flatten(1).cpu()
