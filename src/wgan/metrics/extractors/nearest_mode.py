"""Which mode of a known mixture a point belongs to."""

import math
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from wgan.metrics.extractors.extractor import Mixture
from wgan.types import Samples


class NearestMode:
    """The nearest centre, if it is within three standard deviations, else -1 (Lin et al. 2018, section 4.1)."""

    key: ClassVar[None] = None

    def __init__(self, mixture: Mixture) -> None:
        self._centres = torch.from_numpy(np.asarray(mixture.centres, np.float64))
        self._reach = 3 * mixture.sigma
        self.size = len(self._centres)
        self.told = f"the nearest of {self.size} modes"

    def __call__(self, samples: Samples) -> Int[Tensor, " B"]:
        """(B,)."""
        offsets = samples.double().cpu()[:, None] - self._centres
        squares, nearest = offsets.square().sum(2).min(1)
        return torch.where(squares < math.pow(self._reach, 2), nearest, -1)
