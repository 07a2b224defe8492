"""Features of an untrained convolutional network."""

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from wgan.metrics.extractors.extractor import Extractor
from wgan.types import DataShape, Samples

WIDTHS = (32, 64, 128, 128)
FEATURES = 128
LARGEST_SIDE = 64
POOLED_SIDE = 4
BATCH = 256


class RandomNetwork(Extractor):
    """128 features of any picture, (B, 128), by random weights from a fixed seed: the same everywhere, no download.

    Naeem et al. 2020, section 4.2, recommend random embeddings for data unlike ImageNet, of which Inception's features
    miss what matters. Random features see strokes, textures, colours and their places, but not meaning: a face with
    three eyes is near one with two. Compare values only with each other, never with published FID or KID.

    Pictures are reduced to at most 64 pixels a side. Up to four stages of convolution (3x3, He et al. 2015), leaky ReLU
    0.2 and halving follow; the means of each stage on a 4x4 raster are projected to 128 features by a random matrix.
    One shift per feature and one scale for all give `typical` reals mean 0 and a mean variance of 1. Deviation: the
    paper uses a VGG16 of 138 million random weights.
    """

    def __init__(self, shape: DataShape, typical: Samples) -> None:
        random = np.random.Generator(np.random.Philox(key=1))  # NumPy's: the same numbers on every machine
        channels, height, width = shape
        shrink = min(1.0, LARGEST_SIDE / max(height, width))
        self._reduced = max(round(height * shrink), 1), max(round(width * shrink), 1)
        stages = min(len(WIDTHS), max(min(self._reduced).bit_length() - 1, 1))  # down to about 2 pixels
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
        self._scale = scale or 1.0  # all reals may be the same
        self.size = FEATURES
        self.key = f"random network v1 {shape}"
        self.description = f"{FEATURES} features of a random convolutional network"

    @torch.no_grad()
    def __call__(self, samples: Samples) -> Float[Tensor, "B F"]:
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
