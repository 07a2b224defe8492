"""Thumbnails: samples so small that their distances say whether two show the same thing."""

from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool1d

from wgan.types import Samples, SampleSpec

THUMBNAIL = 8


def thumbnails(samples: Samples, spec: SampleSpec) -> Tensor:
    """Points as they are, pictures averaged down to at most 8x8: (N, D).

    Distances between whole pictures are ruled by fine detail, in which no two are alike; between thumbnails they say
    whether two pictures show the same thing.
    """
    if spec.is_picture:
        rows, columns = (_averaging(size, samples.device) for size in samples.shape[2:])
        samples = rows @ samples @ columns.T
    return samples.flatten(1)


@cache
def _averaging(size: int, device: torch.device) -> Tensor:
    """What brings an axis down to eight values by adaptive average pooling, as a matrix (8, size).

    Not torch's own pooling, which not every device has for sizes that eight does not divide.
    """
    return adaptive_avg_pool1d(torch.eye(size)[None], min(size, THUMBNAIL))[0].T.to(device)
