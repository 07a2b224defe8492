"""Changes of what a critic sees: numbers drawn for each sample, and differentiable functions of samples and numbers.

Drawing and changing are apart. What is drawn is a function of the seed, the step and a probability. The change is a
function of tensors alone, whose shapes never differ: so it can be compiled and recorded, whatever the probability.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wgan.types import ChangeNumbers, DataShape, Samples, Uniforms

Drawn = NDArray[np.float32]

PICTURE = 2
"""Sides of a picture."""
BRIGHTNESS, SATURATION, CONTRAST, PLACES = 0, 1, 2, 3
"""Columns of the numbers. From `PLACES` on: shifts along each side, then where along each side a window begins."""
CHANGES = 5
"""Three of colour, the shift and the cut: each is made, or not, by itself."""


def drawn(
    random: np.random.Generator, shape: DataShape, count: int, probability: float, translation: float, cutout: float
) -> Drawn:
    """Numbers of the changes of `count` samples of this shape, (count, 3 + 2 sides), in the ranges of Zhao et al. 2020.

    Each change is made with this probability; otherwise its numbers are those that change nothing. `translation` is the
    longest shift and `cutout` the size of the window, both relative to each side.
    """
    size = np.array(shape[1:])
    sides = len(size)
    uniform = random.random((count, CHANGES + PLACES + 2 * sides), np.float32)
    made, uniform = uniform[:, :CHANGES] < probability, uniform[:, CHANGES:]
    light, place, window = uniform[:, :PLACES], uniform[:, PLACES : PLACES + sides], uniform[:, PLACES + sides :]
    most, cut = np.floor(size * translation + 0.5), np.floor(size * cutout + 0.5)
    shifts = np.floor(place * (2 * most + 1)) - most
    begins = np.floor(window * (size + 1 - cut % 2)) - np.floor(cut / 2)  # it may lie partly outside
    ranged = light * [1.0, 2.0, 1.0] + [-0.5, 0.0, 0.5]
    return np.concatenate(
        [
            np.where(made[:, :PLACES], ranged, [0.0, 1.0, 1.0]),
            np.where(made[:, 3:4], shifts, 0),
            np.where(made[:, 4:5], begins, size),
        ],
        axis=1,
        dtype=np.float32,
    )


def coloured(samples: Samples, numbers: ChangeNumbers) -> Samples:
    """Pictures (B, C, H, W) with another brightness, saturation and contrast.

    Brightness is added, saturation scales the distance from the mean over channels, contrast that from the mean over
    the picture. Of any number of channels; one has no saturation.
    """
    brightness, saturation, contrast = (_for_each(numbers[:, i], samples) for i in (BRIGHTNESS, SATURATION, CONTRAST))
    samples = samples + brightness
    if samples.shape[1] > 1:
        grey = samples.mean(1, keepdim=True)
        samples = grey + saturation * (samples - grey)
    mean = samples.mean(list(range(1, samples.dim())), keepdim=True)
    return mean + contrast * (samples - mean)


def shifted(samples: Samples, numbers: ChangeNumbers) -> Samples:
    """Samples (B, C, *size) moved along their sides by whole places. What comes in is 0, the middle of the range."""
    for side in range(samples.dim() - 2):
        length = samples.shape[2 + side]
        source = torch.arange(length, device=samples.device) - numbers[:, PLACES + side, None].long()
        there = (source >= 0) & (source < length)
        along = [len(samples), 1, *[1] * (samples.dim() - 2)]
        along[2 + side] = length
        source, there = source.clamp(0, length - 1).reshape(along), there.reshape(along)
        samples = samples.take_along_dim(source, 2 + side) * there
    return samples


def cut(samples: Samples, numbers: ChangeNumbers, share: float) -> Samples:
    """Samples (B, C, *size) with a window of 0s, which has this share of each side."""
    sides = samples.dim() - 2
    window = torch.ones((), dtype=torch.bool, device=samples.device)
    for side, length in enumerate(samples.shape[2:]):
        begin = numbers[:, PLACES + sides + side, None]
        place = torch.arange(length, device=samples.device)
        along = [len(samples), 1, *[1] * sides]
        along[2 + side] = length
        window = window & ((place >= begin) & (place < begin + math.floor(length * share + 0.5))).reshape(along)
    return samples * ~window


def _for_each(values: Uniforms, samples: Samples) -> Tensor:
    return values.reshape(-1, *[1] * (samples.dim() - 1))
