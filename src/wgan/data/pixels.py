"""Between bytes, as pictures are stored and shown, and [-1, 1], as networks see them."""

import torch

from wgan.pictures import Array
from wgan.types import Pixels, Samples

CPU = torch.device("cpu")


def to_unit_range(pixels: Pixels) -> Samples:
    """Bytes 0..255 to [-1, 1]."""
    return pixels.float().div_(127.5).sub_(1.0)


def to_samples(rows: Array, device: torch.device = CPU) -> Samples:
    """Rows of a pack as networks see them: pictures (B, C, H, W) in [-1, 1], points (B, D) as they are."""
    batch = torch.from_numpy(rows).to(device, non_blocking=True)
    return to_unit_range(batch) if batch.dtype == torch.uint8 else batch


def to_bytes(images: Samples) -> Pixels:
    """[-1, 1] to the nearest of 0..255; what lies outside is cut."""
    return images.float().add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
