"""The sliced Wasserstein distance: of points as they are, of pictures by their patches at several scales."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from wgan.metrics.metric import Better
from wgan.metrics.summaries import Rows


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

    def compare(self, real: Rows, fake: Rows) -> float:
        """In the units of points; for pictures, in standard deviations of a level."""
        if real.rows.ndim == 2:
            return self._sliced(real.rows, fake.rows)
        levels = range(real.rows.shape[1])
        distances = [self._sliced(_patches(real, level), _patches(fake, level)) for level in levels]
        return float(np.mean(distances))

    def _sliced(self, x: Tensor, y: Tensor) -> float:
        axes = directions(self.directions, x.shape[1]).to(x.dtype)
        return float(wasserstein_1d(x @ axes.T, y @ axes.T).mean())


def directions(count: int, size: int) -> Float[Tensor, "N D"]:
    """Unit vectors, uniform on the sphere, always the same ones."""
    drawn = np.random.Generator(np.random.Philox(key=0)).standard_normal((count, size))
    return torch.from_numpy(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def wasserstein_1d(x: Float[Tensor, "N K"], y: Float[Tensor, "M K"]) -> Float[Tensor, " K"]:
    """The exact 1-Wasserstein distance in each of K columns: the area between the two quantile functions."""
    x, y = x.sort(dim=0).values, y.sort(dim=0).values
    if len(x) == len(y):
        return (x - y).abs().double().mean(0)
    ends = np.union1d(np.arange(1, len(x) + 1) * len(y), np.arange(1, len(y) + 1) * len(x))  # exact in integers
    widths = torch.from_numpy(np.diff(ends, prepend=0) / (len(x) * len(y)))
    at_x, at_y = torch.from_numpy((ends - 1) // len(y)), torch.from_numpy((ends - 1) // len(x))
    areas: Tensor = (x[at_x] - y[at_y]).abs().double() * widths[:, None]
    return areas.sum(0)


def _patches(samples: Rows, level: int) -> Float[Tensor, "NP CHW"]:
    """One level's patches as rows, each channel brought to mean 0 and deviation 1."""

    def compute() -> Tensor:
        patches = samples.rows[:, level]  # (N, P, C, 49)
        mean = patches.mean((0, 1, 3), keepdim=True)
        deviation = patches.std((0, 1, 3), keepdim=True, correction=0)
        scaled: Tensor = (patches - mean) / deviation.clamp_min(1e-8)  # fakes may all be one flat colour
        return scaled.flatten(0, 1).flatten(1)

    return samples.remembered(("patches", level), compute)
