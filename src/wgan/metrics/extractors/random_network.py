"""Features of an untrained convolutional network."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from wgan.metrics.extractors.extractor import Extractor
from wgan.types import DataShape, Samples

WIDTHS = (32, 64, 128, 128)
FEATURES = 128
BATCH = 256
MOST_PLACES = 1 << 22
"""Of all samples that pass together: their first stage takes half a gigabyte."""


class Plan(NamedTuple):
    """The network for samples with so many sides."""

    convolve: Callable[..., Tensor]
    mean: Callable[..., Tensor]
    adaptive_mean: Callable[..., Tensor]
    largest: int
    """Longer sides are reduced to it."""
    kernel: int
    stride: int
    """How many places become one after each stage, on each side."""
    raster: int
    """Means of how many parts of each side are features."""


PLANS = {
    1: Plan(functional.conv1d, functional.avg_pool1d, functional.adaptive_avg_pool1d, 4096, 9, 4, 16),
    2: Plan(functional.conv2d, functional.avg_pool2d, functional.adaptive_avg_pool2d, 64, 3, 2, 4),
    3: Plan(functional.conv3d, functional.avg_pool3d, functional.adaptive_avg_pool3d, 32, 3, 2, 4),
}
"""By the number of sides. That for signals is the one for pictures, flattened: its numbers squared, as Donahue et al.
2019, section 3.2, make DCGAN one for sounds."""


class RandomNetwork(Extractor):
    """128 features of spatial samples, (B, 128), by random weights from a fixed seed: the same everywhere, no download.

    Naeem et al. 2020, section 4.2, recommend random embeddings for data unlike ImageNet, of which Inception's features
    miss what matters. Random features see strokes, textures, colours and their places, but not meaning: a face with
    three eyes is near one with two. Compare values only with each other, never with published FID or KID.

    Pictures are reduced to at most 64 pixels a side. Up to four stages of convolution (3x3, He et al. 2015), leaky ReLU
    0.2 and halving follow; the means of each stage on a 4x4 raster are projected to 128 features by a random matrix.
    One shift per feature and one scale for all give `typical` reals mean 0 and a mean variance of 1. Deviation: the
    paper uses a VGG16 of 138 million random weights. `PLANS` has the numbers for signals and volumes.
    """

    def __init__(self, shape: DataShape, typical: Samples) -> None:
        random = np.random.Generator(np.random.Philox(key=1))  # NumPy's: the same numbers on every machine
        channels, size = shape[0], shape[1:]
        self._plan = plan = PLANS[len(size)]
        shrink = min(1.0, plan.largest / max(size))
        self._reduced = tuple(max(round(side * shrink), 1) for side in size)
        self._together = max(MOST_PLACES // math.prod(self._reduced), 1)
        halvings = min(self._reduced).bit_length() - 1
        stages = min(len(WIDTHS), max(halvings // (plan.stride.bit_length() - 1), 1))  # down to about 2 places a side
        inputs = (channels, *WIDTHS)[:stages]
        window = [plan.kernel] * len(size)
        self._weights = [
            _drawn(random, (outputs, count, *window), math.sqrt(2 / (math.prod(window) * count)))
            for count, outputs in zip(inputs, WIDTHS, strict=False)
        ]
        with torch.no_grad():
            raw = self._raw(typical.float(), BATCH)
        self._projection = _drawn(random, (raw.shape[1], FEATURES), 1 / math.sqrt(FEATURES))
        features = (raw @ self._projection).double()
        self._mean = features.mean(0).float()
        scale = float(features.var(0, correction=0).mean().sqrt())
        self._scale = scale or 1.0  # all reals may be the same
        self.size = FEATURES
        self.key = f"random network v1 {shape}"
        self.description = f"{FEATURES} features of a random convolutional network"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        raw = self._raw(samples.float(), len(samples))
        return ((raw @ self._projection.to(raw.device)).cpu() - self._mean) / self._scale

    def _raw(self, samples: Tensor, together: int) -> Tensor:
        """The means of all stages, (B, R), of at most so many samples at a time."""
        parts = samples.split(max(min(together, self._together), 1))
        return torch.cat([torch.cat(self._means(part), dim=1) for part in parts])

    def _means(self, x: Tensor) -> list[Tensor]:
        plan = self._plan
        if x.shape[2:] != self._reduced:
            x = plan.adaptive_mean(x, self._reduced)
        pooled = []
        for weight in self._weights:
            x = functional.leaky_relu(plan.convolve(x, weight.to(x.device), padding=plan.kernel // 2), 0.2)
            raster = tuple(min(side, plan.raster) for side in x.shape[2:])
            pooled.append(plan.adaptive_mean(x, raster).flatten(1))
            x = plan.mean(x, plan.stride, ceil_mode=True)
        return pooled


def _drawn(random: np.random.Generator, shape: tuple[int, ...], deviation: float) -> Tensor:
    return torch.from_numpy((deviation * random.standard_normal(shape)).astype(np.float32))
