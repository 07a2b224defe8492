"""Patches of samples at several scales: the levels of a Laplacian pyramid (Burt and Adelson 1983)."""

from functools import reduce

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from wgan.metrics.extractors.extractor import Extractor
from wgan.types import DataShape, Samples

SIDES = {1: 7, 2: 7, 3: 5}
"""The side of a patch, by the number of sides: as in Karras et al. 2018, section 5, but for volumes, where directions
in the space of 343 numbers see less of a blur."""
PATCHES = 16
"""Per sample and level."""


class Patches(Extractor):
    """Sixteen 7x7 patches per level, (B, levels, 16, C, 49), at fixed random places.

    Of signals, 7 values in a row; of volumes, cubes of 5x5x5. The places are the same for all samples, so a sample's
    patches depend on that sample alone. Deviation: Karras et al. draw places for each picture. Where a side is shorter
    than a patch, all sides of patches are as short.
    """

    def __init__(self, shape: DataShape) -> None:
        size = shape[1:]
        self.size = 0  # patches have a shape, not a size
        patch = "x".join([str(SIDES[len(size)])] * len(size))
        self.description = f"{patch if len(size) > 1 else f'{patch}-value'} patches of a Laplacian pyramid"
        random = np.random.Generator(np.random.Philox(key=2))
        self._side = min(SIDES[len(size)], *size)
        self._places = []
        for sides in level_sides(size):
            free = [side - self._side + 1 for side in sides]
            self._places.append([torch.from_numpy(random.integers(0, limit, PATCHES)) for limit in free])

    def __call__(self, samples: Samples) -> Float[Tensor, "B L P C S"]:
        levels = []
        for level, places in zip(pyramid(samples.float().cpu()), self._places, strict=True):
            windows = level  # (B, C, places along each side, sides of the patch)
            for axis in range(2, level.ndim):
                windows = windows.unfold(axis, self._side, 1)
            chosen: tuple[slice | Tensor, ...] = (slice(None), slice(None), *places)
            levels.append(windows[chosen].flatten(3).transpose(1, 2))  # from (B, C, P, sides)
        return torch.stack(levels, dim=1)


Size = tuple[int, ...]


def level_sides(size: Size) -> list[Size]:
    """The sizes of the levels: halved while a patch fits."""
    levels = [size]
    while min(halved := tuple(-(-side // 2) for side in levels[-1])) >= SIDES[len(size)]:
        levels.append(halved)
    return levels


def pyramid(samples: Samples) -> list[Tensor]:
    """The levels: what each size shows that the next smaller one does not, and the smallest size itself."""
    levels = []
    sides = samples.ndim - 2
    every_second = (slice(None), slice(None), *[slice(None, None, 2)] * sides)
    for _ in level_sides(tuple(samples.shape[2:]))[1:]:
        smaller = _blurred(samples)[every_second]
        larger = torch.zeros_like(samples)
        larger[every_second] = 2**sides * smaller
        levels.append(samples - _blurred(larger))
        samples = smaller
    return [*levels, samples]


CONVOLVE = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}


def _blurred(samples: Samples) -> Samples:
    """Filtered by the binomial (1, 4, 6, 4, 1) / 16 along every side, mirrored at the borders."""
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    sides, channels = samples.ndim - 2, samples.shape[1]
    kernel = reduce(lambda kernel, row: kernel[..., None] * row, [row] * sides).expand(channels, 1, *[5] * sides)
    padded = functional.pad(samples, (2, 2) * sides, mode="reflect")
    blurred: Samples = CONVOLVE[sides](padded, kernel, groups=channels)
    return blurred
