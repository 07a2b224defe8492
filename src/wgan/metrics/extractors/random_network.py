"""Features of a convolutional network that was never trained."""

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from wgan.types import DataShape, Samples

WIDTHS = (32, 64, 128, 128)
FEATURES = 128
LARGEST_SIDE = 64
POOLED_SIDE = 4
BATCH = 256


class RandomNetwork:
    """Random weights from a fixed seed: no download, the same for everybody, and for every kind of picture.

    Naeem et al. 2020, section 4.2, recommend random embeddings for data that are not like ImageNet: Inception's
    features then miss what matters and see what does not. What random ones cannot tell: meaning. They see strokes,
    textures, colours and where these lie, and a face with three eyes is near one with two. Values compare only among
    themselves, never with published FID or KID. Details beyond 64 pixels a side are averaged away first.

    Up to four stages of convolution (3x3, He et al. 2015), leaky ReLU 0.2 and halving; the means of each stage on a
    4x4 raster, projected to 128 features by a random matrix; shifted and scaled, all alike, so that `typical` reals
    have mean 0 and a mean variance of 1. Deviation from the paper: this small network instead of a VGG16 of 138 million
    random weights.
    """

    def __init__(self, shape: DataShape, typical: Samples) -> None:
        random = np.random.Generator(np.random.Philox(key=1))  # NumPy's, so that every machine draws the same
        channels, height, width = shape
        shrink = min(1.0, LARGEST_SIDE / max(height, width))
        self._reduced = max(round(height * shrink), 1), max(round(width * shrink), 1)
        stages = min(len(WIDTHS), max(min(self._reduced).bit_length() - 1, 1))  # down to 2 pixels or so
        inputs = (channels, *WIDTHS)[:stages]
        self._weights = [
            _drawn(random, (outputs, count, 3, 3), math.sqrt(2 / (9 * count)))
            for count, outputs in zip(inputs, WIDTHS, strict=False)
        ]
        with torch.no_grad():
            raw = torch.cat([self._raw(batch) for batch in typical.float().split(BATCH)])
        self._projection = _drawn(random, (raw.shape[1], FEATURES), 1 / math.sqrt(FEATURES))
        features = (raw @ self._projection).double()
        self._mean = features.mean(0).float()
        scale = float(features.var(0, correction=0).mean().sqrt())
        self._scale = scale or 1.0  # reals that are all the same
        self.size = FEATURES
        self.key = f"random network v1 {shape}"
        self.told = f"{FEATURES} features of a random convolutional network"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
        """(B, 128)."""
        raw = self._raw(samples.float())
        return ((raw @ self._projection.to(raw.device)).cpu() - self._mean) / self._scale

    def _raw(self, x: Tensor) -> Tensor:
        if x.shape[2:] != self._reduced:
            x = functional.adaptive_avg_pool2d(x, self._reduced)
        pooled = []
        for weight in self._weights:
            x = functional.leaky_relu(functional.conv2d(x, weight.to(x.device), padding=1), 0.2)
            raster = min(x.shape[2], POOLED_SIDE), min(x.shape[3], POOLED_SIDE)
            pooled.append(functional.adaptive_avg_pool2d(x, raster).flatten(1))
            x = functional.avg_pool2d(x, 2, ceil_mode=True)
        return torch.cat(pooled, dim=1)


def _drawn(random: np.random.Generator, shape: tuple[int, ...], deviation: float) -> Tensor:
    return torch.from_numpy((deviation * random.standard_normal(shape)).astype(np.float32))
