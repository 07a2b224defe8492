"""The sliced Wasserstein distance: of points as they are, of pictures by their patches at several scales."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Rows

Projected = Float[np.ndarray, "K N"]


@dataclass(frozen=True)
class SlicedWasserstein:
    """The mean, over random directions, of the 1-Wasserstein distance along that direction (Rabin et al. 2011).

    Of pictures: Karras et al. 2018, section 5. Patches of 7x7 at each level of a Laplacian pyramid, each channel of a
    level brought to mean 0 and deviation 1 (reals and fakes each by their own), the mean over the levels. Deviations:
    levels go down to the size of a patch, not to 16, so that the last one sees the whole picture of MNIST; no factor
    of 1,000; 128 directions and 16 patches a picture, not 512 and 128.
    """

    extractor: str
    directions: int = 128
    summary: ClassVar[type[Rows]] = Rows
    limit: ClassVar[int] = 2000
    better: ClassVar[Better] = "lower"
    bounds: ClassVar[tuple[float, float]] = (0.0, math.inf)
    fewest: ClassVar[int] = 1

    def compare(self, real: Rows, fake: Rows) -> float:
        """In the units of points; for pictures, in standard deviations of a level."""
        levels = [None] if real.rows.ndim == 2 else list(range(real.rows.shape[1]))
        sides = [[self._projected(samples, level) for level in levels] for samples in (real, fake)]
        return float(np.mean([wasserstein_1d(*pair).mean() for pair in zip(*sides, strict=True)]))

    def _projected(self, samples: Rows, level: int | None) -> Projected:
        """The samples, or the patches of a level, along each direction, in order."""

        def compute() -> Projected:
            points = samples.rows if level is None else _patches(samples.rows[:, level])
            axes = directions(self.directions, points.shape[1])
            return np.sort(axes @ points.numpy().T, axis=1)

        return samples.remembered(("projected", level, self.directions), compute)


def directions(count: int, size: int) -> Float32[np.ndarray, "K D"]:
    """Unit vectors, uniform on the sphere, always the same ones."""
    drawn = np.random.Generator(np.random.Philox(key=0)).standard_normal((count, size))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def wasserstein_1d(x: Projected, y: Float[np.ndarray, "K M"]) -> Float64[np.ndarray, " K"]:
    """The exact 1-Wasserstein distance of K pairs of sorted rows: the area between the two quantile functions."""
    n, m = x.shape[1], y.shape[1]
    if n == m:
        return np.asarray(np.abs(x - y).mean(axis=1, dtype=np.float64))
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)  # steps of either function, exact in integers
    widths = np.diff(ends, prepend=0) / (n * m)
    return np.asarray(np.abs(x[:, (ends - 1) // m] - y[:, (ends - 1) // n]) @ widths)


def _patches(patches: Float[Tensor, "N P C S"]) -> Float[Tensor, "NP CS"]:
    """Patches as rows, each channel brought to mean 0 and deviation 1."""
    mean = patches.mean((0, 1, 3), keepdim=True)
    deviation = patches.std((0, 1, 3), keepdim=True, correction=0)
    scaled: Tensor = (patches - mean) / deviation.clamp_min(1e-8)  # fakes may all be one flat colour
    return scaled.flatten(0, 1).flatten(1)
