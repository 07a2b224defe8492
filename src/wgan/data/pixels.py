"""Between bytes, as pictures are stored and shown, and [-1, 1], as networks see them."""

import torch

from wgan.types import Pixels, Samples


def to_unit_range(pixels: Pixels) -> Samples:
    """Bytes 0..255 to [-1, 1]."""
    return pixels.float().div_(127.5).sub_(1.0)


def to_bytes(images: Samples) -> Pixels:
    """[-1, 1] to the nearest of 0..255; what lies outside is cut."""
    return images.float().add(1.0).mul(127.5).round().clamp(0, 255).to(torch.uint8)
