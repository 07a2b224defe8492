"""The sliced Wasserstein distance between points, or between patches of pictures at several scales."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from wgan.metrics.metric import Metric
from wgan.metrics.summaries import AllRows

Projected = Float[np.ndarray, "K N"]


@dataclass(frozen=True)
class SlicedWasserstein(Metric[AllRows]):
    """The mean, over random directions, of the 1-Wasserstein distance along that direction (Rabin et al. 2011).

    In units of the points. For pictures, Karras et al. 2018, section 5: the mean over the levels of a Laplacian pyramid
    of the distance between 7x7 patches, each channel of a level normalised to mean 0 and deviation 1, reals and fakes
    separately. Deviations: levels go down to the size of a patch, not to 16, so that the last one covers a whole MNIST
    picture; no factor of 1,000; 128 directions and 16 patches per picture and level, not 512 and 128.
    """

    extractor: str
    directions: int = 128
    summary = AllRows
    limit = 2000

    def compare(self, real: AllRows, fake: AllRows) -> float:
        levels = [None] if real.rows.ndim == 2 else list(range(real.rows.shape[1]))
        sides = [[self._projected(samples, level) for level in levels] for samples in (real, fake)]
        return float(np.mean([wasserstein_1d(*pair).mean() for pair in zip(*sides, strict=True)]))

    def _projected(self, samples: AllRows, level: int | None) -> Projected:
        """The samples, or the patches of a level, projected on each direction and sorted."""

        def compute() -> Projected:
            points = samples.rows if level is None else _patches(samples.rows[:, level])
            axes = directions(self.directions, points.shape[1])
            return np.sort(axes @ points.numpy().T, axis=1)

        return samples.cached(("projected", level, self.directions), compute)


def directions(count: int, size: int) -> Float32[np.ndarray, "K D"]:
    """Unit vectors, uniform on the sphere, the same in every call."""
    drawn = np.random.Generator(np.random.Philox(key=0)).standard_normal((count, size))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def wasserstein_1d(x: Projected, y: Float[np.ndarray, "K M"]) -> Float64[np.ndarray, " K"]:
    """The exact 1-Wasserstein distance between K pairs of sorted rows: the area between their quantile functions."""
    n, m = x.shape[1], y.shape[1]
    if n == m:
        return np.asarray(np.abs(x - y).mean(axis=1, dtype=np.float64))
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)  # steps of both functions, in exact integers
    widths = np.diff(ends, prepend=0) / (n * m)
    return np.asarray(np.abs(x[:, (ends - 1) // m] - y[:, (ends - 1) // n]) @ widths)


def _patches(patches: Float[Tensor, "N P C S"]) -> Float[Tensor, "NP CS"]:
    """Patches as rows, each channel normalised to mean 0 and deviation 1."""
    mean = patches.mean((0, 1, 3), keepdim=True)
    deviation = patches.std((0, 1, 3), keepdim=True, correction=0)
    scaled: Tensor = (patches - mean) / deviation.clamp_min(1e-8)  # all fakes may have one flat colour
    return scaled.flatten(0, 1).flatten(1)
