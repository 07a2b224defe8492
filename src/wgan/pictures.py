"""Pictures, from files or bytes to one form: what worker processes do, so nothing here loads torch."""

import errno
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from wgan.errors import InputError

Array = NDArray[Any]
Encoded = Path | bytes
"""A picture as it is stored: a file, or the content of one."""
Picture = Encoded | Image.Image | Array
"""A picture in any form; an array is uint8 (H, W, C)."""

UNREADABLE = (OSError, ValueError, SyntaxError, RuntimeError, EOFError, Image.DecompressionBombError)
"""What Pillow raises for files that are no pictures, cut short, damaged (AVIF: RuntimeError) or absurdly large."""

PASSING = {getattr(errno, name) for name in (
    "EIO", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENODEV", "ENXIO", "ESTALE", "ETIMEDOUT", "ENOTCONN", "EHOSTDOWN",
    "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "EREMOTEIO", "ESHUTDOWN",
) if hasattr(errno, name)}  # fmt: skip
"""Of a disk, a network or a process that has trouble now: they say nothing of the picture, and may be gone tomorrow."""

MARGIN = 2
"""JPEGs may be decoded at a reduced scale that is still this many times as large as what is wanted of them."""


class Header(NamedTuple):
    """What a picture says of itself before it is decoded."""

    size: tuple[int, int]  # (height, width), upright
    mode: str  # Pillow's name


def read_headers(pictures: Sequence[Encoded | None]) -> list[Header | str]:
    """The header of each picture, or in a few words why it has none; "" for None."""
    return [_header(picture) if picture is not None else "" for picture in pictures]


def fit_all(pictures: Sequence[Picture | None], size: tuple[int, int], channels: int) -> list[bytes | str]:
    """The bytes of `fit` for each picture, or in a few words why it cannot be used; "" for None."""
    return [_fitted(picture, size, channels) if picture is not None else "" for picture in pictures]


def fit(picture: Picture, size: tuple[int, int], channels: int) -> Array:
    """The picture as uint8 (C, H, W), upright: 1 channel is grey, 3 are RGB, 4 are RGB and opacity.

    It is scaled until it covers `size` (height, width) and cut to it at the centre. Without a channel for it,
    transparency is laid on white.

    Raises:
        one of UNREADABLE: it cannot be decoded.
    """
    if isinstance(picture, np.ndarray) and picture.shape == (*size, channels):
        return np.moveaxis(picture, 2, 0)
    image = _in_mode(_opened(picture, size), channels)
    if image.size != (size[1], size[0]):
        image = ImageOps.fit(image, (size[1], size[0]), Image.Resampling.LANCZOS)
    array = np.asarray(image)
    return array[None] if channels == 1 else np.moveaxis(array, 2, 0)


def reason(error: BaseException) -> str:
    """Pillow's complaint in a few words."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture (its content is of no known format)"
    if isinstance(error, Image.DecompressionBombError):
        return "too many pixels"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"damaged ({error})"


def refuse_passing(error: BaseException, what: object) -> None:
    """Let nobody take what failed for damaged, and keep that for ever, if it may be sound.

    Raises:
        InputError: the system had trouble reading it.
    """
    if isinstance(error, OSError) and error.errno in PASSING:
        raise InputError(
            f"Cannot read {what}: {reason(error)}. This may pass: give the same command again, which goes on where it "
            "stopped. If it stays, look after the disk, or take that file away."
        ) from error


def _header(picture: Encoded) -> Header | str:
    try:
        with Image.open(_file(picture)) as image:
            return Header(image.size if _turned(image) else image.size[::-1], image.mode)
    except UNREADABLE as error:
        refuse_passing(error, picture if isinstance(picture, Path) else "a picture")
        return reason(error)


def _fitted(picture: Picture, size: tuple[int, int], channels: int) -> bytes | str:
    try:
        return fit(picture, size, channels).tobytes()
    except UNREADABLE as error:
        refuse_passing(error, picture if isinstance(picture, Path) else "a picture")
        return reason(error)


def _file(picture: Encoded) -> Path | io.BytesIO:
    return io.BytesIO(picture) if isinstance(picture, bytes) else picture


def _turned(image: Image.Image) -> bool:
    """Whether height and width change places when the picture is set upright."""
    return bool(image.getexif().get(ExifTags.Base.Orientation, 1) >= 5)


def _opened(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """As a Pillow image, upright, at least as large as it needs to be for `size`."""
    if isinstance(picture, Image.Image):
        return picture
    if isinstance(picture, np.ndarray):
        return Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    with Image.open(_file(picture)) as opened:
        height, width = size[::-1] if _turned(opened) else size
        opened.draft(None, (MARGIN * width, MARGIN * height))  # only JPEG can; others stay as they are
        image = ImageOps.exif_transpose(opened)
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    return image


def _in_mode(image: Image.Image, channels: int) -> Image.Image:
    """One of the modes L, RGB and RGBA."""
    if image.mode.startswith("I"):
        # Grey of 16 bits, or 32 that hold 16; Pillow's own conversion clips at 255 instead of scaling.
        image = Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if channels == 4:
        return image.convert("RGBA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if channels == 1 else "RGB")
