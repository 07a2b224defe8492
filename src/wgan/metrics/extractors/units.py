"""The samples in the units and the type of the data."""

import math

from torch import Tensor

from wgan.metrics.extractors.extractor import DataInfo, Extractor
from wgan.types import Samples


class Units(Extractor):
    """Values as the data have them: pictures in 0..255, scans and columns in their own range and type."""

    description = "the samples in the units of the data"

    def __init__(self, info: DataInfo) -> None:
        self._spec = info.spec
        self.size = math.prod(info.spec.shape)

    def __call__(self, samples: Samples) -> Tensor:
        return self._spec.to_stored(samples).cpu()
