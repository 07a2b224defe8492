"""Pictures, from files or bytes to one form: what worker processes do, so nothing here loads torch."""

import errno
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from wgan.errors import InputError
from wgan.system.limits import FILE_BYTES, PIXELS, regular

Array = NDArray[Any]
Encoded = Path | bytes
"""A picture as it is stored: a file, or the content of one."""
Picture = Encoded | Image.Image | Array
"""A picture in any form; an array is uint8 (H, W, C)."""

FORMATS = (
    "JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000", "MPO", "TGA", "ICO", "ICNS", "DIB", "PCX",
    "QOI", "SGI", "DDS", "PSD", "MSP", "XBM", "XPM", "CUR",
)  # fmt: skip
"""The formats that are read, by Pillow's names: those that it decodes itself. EPS would start Ghostscript, a program
that runs what is in the file; FITS unpacks without a bound; PDF, WMF and MPEG cannot be decoded."""

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
        Exception: it cannot be decoded. Pillow's decoders raise many kinds for damaged files.
    """
    if isinstance(picture, np.ndarray) and picture.shape == (*size, channels):
        return np.moveaxis(picture, 2, 0)
    image = _in_mode(_upright(picture, size), channels)
    if image.size != (size[1], size[0]):
        image = ImageOps.fit(image, (size[1], size[0]), Image.Resampling.LANCZOS)
    array = np.asarray(image)
    return array[None] if channels == 1 else np.moveaxis(array, 2, 0)


def reason(error: BaseException) -> str:
    """Pillow's complaint in a few words."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture (its content is of no known format)"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"more than {PIXELS.value:,} pixels (set {PIXELS.variable} to read it)"
    if isinstance(error, TooLarge):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"damaged ({str(error)[:200] or type(error).__name__})"


def refuse_passing(error: BaseException, what: object) -> None:
    """Let nobody take what failed for damaged, and keep that for ever, if it may be sound.

    Raises:
        InputError: the system had trouble reading it.
    """
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in PASSING):
        why = "not enough memory" if isinstance(error, MemoryError) else reason(error)
        raise InputError(
            f"Cannot read {what}: {why}. This may pass: give the same command again, which goes on where it "
            "stopped. If it stays, look after the disk, or take that file away."
        ) from error


def load(path: Path) -> Image.Image:
    """The whole picture in a file, as it is stored.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with opened(path) as image:
            image.load()
            return image
    except InputError:
        raise
    except Exception as error:
        refuse_passing(error, path)
        raise InputError(f"Cannot read the picture {path}: {reason(error)}.") from error


@contextmanager
def opened(picture: Encoded) -> Iterator[Image.Image]:
    """A picture of which the header is read; in this context, decoding it keeps to the limits and starts no program.

    Raises:
        Exception: it cannot be read, or is larger than the limits.
    """
    size = len(picture) if isinstance(picture, bytes) else regular(picture).st_size
    if why := FILE_BYTES.passed(size):
        raise TooLarge(why)
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is wrong with a file that can be read all the same
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = PIXELS.value  # Pillow asks it for pictures within pictures too
        try:
            with Image.open(
                io.BytesIO(picture) if isinstance(picture, bytes) else picture, formats=_formats()
            ) as image:
                yield image
        finally:
            Image.MAX_IMAGE_PIXELS = before


class TooLarge(ValueError):
    """A file of more bytes than are read."""


@cache
def _formats() -> tuple[str, ...]:
    """Those of FORMATS that this build of Pillow has."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _header(picture: Encoded) -> Header | str:
    try:
        with opened(picture) as image:
            return Header(image.size if _turned(image) else image.size[::-1], image.mode)
    except InputError:
        raise
    except Exception as error:
        refuse_passing(error, picture if isinstance(picture, Path) else "a picture")
        return reason(error)


def _fitted(picture: Picture, size: tuple[int, int], channels: int) -> bytes | str:
    try:
        return fit(picture, size, channels).tobytes()
    except InputError:
        raise
    except Exception as error:
        refuse_passing(error, picture if isinstance(picture, Path) else "a picture")
        return reason(error)


def _turned(image: Image.Image) -> bool:
    """Whether height and width change places when the picture is set upright."""
    return bool(image.getexif().get(ExifTags.Base.Orientation, 1) >= 5)


def _upright(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """As a Pillow image, upright, at least as large as it needs to be for `size`."""
    if isinstance(picture, Image.Image):
        return picture
    if isinstance(picture, np.ndarray):
        return Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    with opened(picture) as stored:
        height, width = size[::-1] if _turned(stored) else size
        stored.draft(None, (MARGIN * width, MARGIN * height))  # only JPEG can; others stay as they are
        image = ImageOps.exif_transpose(stored)
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    return image


def _in_mode(image: Image.Image, channels: int) -> Image.Image:
    """One of the modes L, RGB and RGBA."""
    if image.mode.startswith("I"):
        # Grey of 16 bits, or 32 that hold 16; Pillow's own conversion clips at 255 instead of scaling.
        image = Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if channels == 4:
        return image.convert("RGBA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if channels == 1 else "RGB")
