"""Which mode of a known mixture a point belongs to."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from wgan.metrics.extractors.extractor import Extractor
from wgan.types import Samples


class NearestMode(Extractor):
    """The nearest centre within three standard deviations, or -1 (Lin et al. 2018, section 4.1)."""

    def __init__(self, centres: NDArray[Any], sigma: float) -> None:
        self._centres = torch.from_numpy(np.asarray(centres, np.float64))
        self._reach = 3 * sigma
        self.size = len(self._centres)
        self.description = f"the nearest of {self.size} modes"

    def __call__(self, samples: Samples) -> Int[Tensor, " B"]:
        offsets = samples.double().cpu()[:, None] - self._centres
        squares, nearest = offsets.square().sum(2).min(1)
        return torch.where(squares < self._reach**2, nearest, -1)
