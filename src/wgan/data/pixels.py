"""Between bytes, as pictures are stored and shown, and [-1, 1], as networks see them."""

import torch
from torch import Tensor

from wgan.system.pictures import Array
from wgan.types import Pixels, Samples

CPU = torch.device("cpu")


def to_unit_range(pixels: Pixels) -> Samples:
    """Bytes 0..255 to [-1, 1]."""
    return pixels.float().div_(127.5).sub_(1.0)


def to_samples(rows: Array, device: torch.device = CPU) -> Samples:
    """Rows of a pack as networks see them: pictures (B, C, H, W) in [-1, 1], points (B, D) as they are."""
    return as_samples(torch.from_numpy(rows).to(device, non_blocking=True))


def as_samples(rows: Tensor) -> Samples:
    """The same of rows that are a tensor already."""
    return to_unit_range(rows) if rows.dtype == torch.uint8 else rows


def to_bytes(images: Samples) -> Pixels:
    """[-1, 1] to the nearest of 0..255; what lies outside is cut."""
    return images.float().add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
