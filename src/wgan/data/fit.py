"""Bringing any picture to one form: grey or RGB, one size, bytes in (C, H, W)."""

from statistics import median_low

import numpy as np
from PIL import Image, ImageOps

from wgan.data.source import Array, Survey

GREY_MODES = {"1", "L", "LA", "I", "I;16", "I;16B", "I;16L"}
DEFAULT_SIDE = 64


def choose_size(survey: Survey) -> tuple[int, int]:
    """The (height, width) for data whose size nobody named: their own if all agree, else a square of up to 64.

    The square's side is the largest power of two that half of the pictures reach: a few tiny ones do not decide.
    """
    if len(survey.sizes) == 1:
        return next(iter(survey.sizes))
    typical = median_low(min(size) for size in survey.sizes.elements())
    side = min(DEFAULT_SIDE, 1 << max(typical.bit_length() - 1, 3))
    return side, side


def choose_channels(survey: Survey) -> int:
    """1 if every picture is grey, else 3."""
    return 1 if survey.modes and set(survey.modes) <= GREY_MODES else 3


def fit(value: Image.Image | Array, size: tuple[int, int], channels: int) -> Array:
    """The picture as uint8 (C, H, W).

    Transparency is laid on white; the picture is scaled until it covers `size`, cut to it at the centre.
    """
    if isinstance(value, np.ndarray) and value.shape == (*size, channels):
        return np.moveaxis(value, 2, 0)
    image = _flat(_opened(value), channels)
    if image.size != (size[1], size[0]):
        image = ImageOps.fit(image, (size[1], size[0]), Image.Resampling.LANCZOS)
    array = np.asarray(image)
    return array[None] if channels == 1 else np.moveaxis(array, 2, 0)


def _opened(value: Image.Image | Array) -> Image.Image:
    if isinstance(value, Image.Image):
        return value
    return Image.fromarray(value[..., 0] if value.shape[2] == 1 else value)


def _flat(image: Image.Image, channels: int) -> Image.Image:
    """One of the modes L and RGB, opaque."""
    if image.mode.startswith("I"):
        # Grey of 16 bits, or 32 that hold 16; Pillow's own conversion clips at 255 instead of scaling.
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if channels == 1 else "RGB")
