"""Patches of pictures at several scales: the levels of a Laplacian pyramid (Burt and Adelson 1983)."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from wgan.metrics.extractors.extractor import Extractor
from wgan.types import DataShape, Samples

SIDE = 7
"""The side of a patch, as in Karras et al. 2018, section 5."""
PATCHES = 16
"""Per picture and level."""


class Patches(Extractor):
    """Sixteen 7x7 patches per level, (B, levels, 16, C, 49), at fixed random places.

    The places are the same for all pictures, so a picture's patches depend on that picture alone. Deviation: Karras et
    al. draw places for each picture. A picture smaller than a patch is one patch.
    """

    def __init__(self, shape: DataShape) -> None:
        self.size = 0  # patches have a shape, not a size
        self.description = f"{SIDE}x{SIDE} patches of a Laplacian pyramid"
        random = np.random.Generator(np.random.Philox(key=2))
        self._side = min(SIDE, *shape[1:])
        self._places = []
        for sides in level_sides((shape[1], shape[2])):
            free = [side - self._side + 1 for side in sides]
            self._places.append([random.integers(0, limit, PATCHES) for limit in free])

    def __call__(self, samples: Samples) -> Float[Tensor, "B L P C S"]:
        levels = []
        for level, (rows, columns) in zip(pyramid(samples.float().cpu()), self._places, strict=True):
            windows = level.unfold(2, self._side, 1).unfold(3, self._side, 1)  # (B, C, places, places, 7, 7)
            chosen = windows[:, :, torch.from_numpy(rows), torch.from_numpy(columns)]  # (B, C, P, 7, 7)
            levels.append(chosen.flatten(3).transpose(1, 2))
        return torch.stack(levels, dim=1)


def level_sides(sides: tuple[int, int]) -> list[tuple[int, int]]:
    """The sizes of the levels: halved while a patch fits."""
    levels = [sides]
    while min(halved := (-(-levels[-1][0] // 2), -(-levels[-1][1] // 2))) >= SIDE:
        levels.append(halved)
    return levels


def pyramid(images: Samples) -> list[Tensor]:
    """The levels: what each size shows that the next smaller one does not, and the smallest size itself."""
    levels = []
    for _ in level_sides((images.shape[2], images.shape[3]))[1:]:
        smaller = _blurred(images)[:, :, ::2, ::2]
        larger = torch.zeros_like(images)
        larger[:, :, ::2, ::2] = 4 * smaller
        levels.append(images - _blurred(larger))
        images = smaller
    return [*levels, images]


def _blurred(images: Samples) -> Samples:
    """Filtered by the binomial (1, 4, 6, 4, 1) / 16 in both directions, mirrored at the borders."""
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    channels = images.shape[1]
    kernel = torch.outer(row, row).expand(channels, 1, 5, 5)
    return functional.conv2d(functional.pad(images, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)
