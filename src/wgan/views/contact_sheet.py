"""A contact sheet: samples evenly chosen from a whole data set, on one picture."""

from pathlib import Path

import numpy as np
import torch

from wgan.system.pictures import Array
from wgan.types import SampleSpec
from wgan.views.grid import cloud, grid, replacing_picture

COLUMNS = 10
PICTURES, POINTS = 100, 2000
"""How many of each kind are shown."""


def write_contact_sheet(samples: Array, spec: SampleSpec, target: Path) -> None:
    """Write a picture of samples evenly chosen from `samples` (N, *shape), as they are packed."""
    pictures = spec.is_picture
    chosen = np.linspace(0, len(samples) - 1, min(len(samples), PICTURES if pictures else POINTS)).astype(int)
    image = grid(torch.from_numpy(samples[chosen]), COLUMNS) if pictures else cloud(samples[chosen])
    with replacing_picture(target) as temporary:
        image.save(temporary)
