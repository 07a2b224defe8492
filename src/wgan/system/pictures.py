"""Decode pictures to arrays of one shape. Worker processes import this module, so it does not load torch."""

import errno
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from wgan.errors import InputError
from wgan.system.limits import FILE_BYTES, PIXELS, regular

T = TypeVar("T")
Array = NDArray[Any]
Encoded = Path | bytes
"""An encoded picture: a file, or its content."""
Picture = Encoded | Image.Image | Array
"""A picture, encoded or decoded; an array is uint8 (H, W, C)."""

FORMATS = (
    "JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000", "MPO", "TGA", "ICO", "ICNS", "DIB", "PCX",
    "QOI", "SGI", "DDS", "PSD", "MSP", "XBM", "XPM", "CUR",
)  # fmt: skip
"""The formats to read, by Pillow's names. EPS is missing because it runs Ghostscript, which executes the file; FITS
because it unpacks without a bound; PDF, WMF and MPEG because Pillow cannot decode them."""

PASSING = {getattr(errno, name) for name in (
    "EIO", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENODEV", "ENXIO", "ESTALE", "ETIMEDOUT", "ENOTCONN", "EHOSTDOWN",
    "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "EREMOTEIO", "ESHUTDOWN",
) if hasattr(errno, name)}  # fmt: skip
"""Temporary errors of a disk, a network or a process, which say nothing about the picture."""

SHEET = ("Software", "wgan sheet")
"""What marks a PNG as a sheet of pictures that this program drew, which is no data."""
LFS = b"version https://git-lfs"
POINTER = "a pointer of Git LFS in place of the file: run `git lfs pull` where it was cloned"

MARGIN = 2
"""JPEGs are decoded at a reduced scale that is still at least this many times the target size."""


class Header(NamedTuple):
    """The header of a picture."""

    size: tuple[int, int]  # (height, width), upright
    mode: str  # Pillow's name


def read_headers(pictures: Sequence[Encoded | None]) -> list[Header | str]:
    """The header of each picture, or in a few words why it cannot be read; "" for None."""
    return [_or_reason(_header, picture) for picture in pictures]


def fit_all(pictures: Sequence[Picture | None], size: tuple[int, int], channels: int) -> list[bytes | str]:
    """The bytes of `fit` for each picture, or in a few words why it cannot be decoded; "" for None."""
    return [_or_reason(lambda known: fit(known, size, channels).tobytes(), picture) for picture in pictures]


def fit(picture: Picture, size: tuple[int, int], channels: int) -> Array:
    """The picture as uint8 (C, H, W), upright, with 1 channel (grey), 3 (RGB) or 4 (RGB and opacity).

    It is scaled to cover `size` (height, width) and cropped at the centre. Unless there are 4 channels, transparent
    pictures are composited onto white.

    Raises:
        Exception: It cannot be decoded. Pillow raises many kinds for damaged files.
    """
    if isinstance(picture, np.ndarray) and picture.shape == (*size, channels):
        return np.moveaxis(picture, 2, 0)
    image = _in_mode(_upright(picture, size), channels)
    if image.size != (size[1], size[0]):
        image = ImageOps.fit(image, (size[1], size[0]), Image.Resampling.LANCZOS)
    array = np.asarray(image)
    return array[None] if channels == 1 else np.moveaxis(array, 2, 0)


def reason(error: BaseException) -> str:
    """Pillow's error in a few words."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture (its content is of no known format)"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return f"more than {PIXELS.value:,} pixels (set {PIXELS.variable} to read it)"
    if isinstance(error, Unwanted):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"damaged ({str(error)[:200] or type(error).__name__})"


def refuse_passing(error: BaseException, what: object) -> None:
    """Raise an InputError if an error is temporary, so that an intact picture is not packed as damaged for good."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in PASSING):
        why = "not enough memory" if isinstance(error, MemoryError) else reason(error)
        raise InputError(
            f"Cannot read {what}: {why}. This may be temporary: run the same command again, which continues where "
            "it stopped. If the error stays, check the disk, or remove that file."
        ) from error


def load(path: Path) -> Image.Image:
    """Decode a picture without scaling it. An InputError says if it cannot be read."""

    def decode(path: Path) -> Image.Image:
        with opened(path) as image:
            image.load()
            return image

    if isinstance(image := _or_reason(decode, path), str):
        raise InputError(f"Cannot read the picture {path}: {image}.")
    return image


@contextmanager
def opened(picture: Encoded) -> Iterator[Image.Image]:
    """Open a picture. In this context, decoding it observes the limits and starts no other program.

    Raises:
        Exception: It cannot be read, or is larger than the limits.
    """
    size = len(picture) if isinstance(picture, bytes) else regular(picture).st_size
    if why := FILE_BYTES.passed(size):
        raise TooLarge(why)
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about defects that do not prevent reading
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = PIXELS.value  # Pillow checks embedded pictures against it too
        try:
            file = io.BytesIO(picture) if isinstance(picture, bytes) else picture
            with Image.open(file, formats=_formats()) as image:
                yield image
        finally:
            Image.MAX_IMAGE_PIXELS = before


class Unwanted(ValueError):
    """A file is not to be read, and its message says why."""


class TooLarge(Unwanted):
    """A file has more bytes than the limit."""


@cache
def _formats() -> tuple[str, ...]:
    """The FORMATS that this build of Pillow supports."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _or_reason(work: Callable[[Any], T], picture: Picture | None) -> T | str:
    """The result of `work` on a picture, or in a few words why it cannot be read; "" for None."""
    if picture is None:
        return ""
    try:
        return work(picture)
    except InputError:
        raise
    except Exception as error:
        refuse_passing(error, picture if isinstance(picture, Path) else "a picture")
        return POINTER if isinstance(error, UnidentifiedImageError) and _is_pointer(picture) else reason(error)


def _is_pointer(picture: Picture) -> bool:
    if isinstance(picture, Path):
        with picture.open("rb") as file:
            return file.read(len(LFS)) == LFS
    return isinstance(picture, bytes) and picture.startswith(LFS)


def _header(picture: Encoded) -> Header:
    with opened(picture) as image:
        _refuse_sheet(image)
        return Header(image.size if _turned(image) else image.size[::-1], image.mode)


def _refuse_sheet(image: Image.Image) -> None:
    if image.info.get(SHEET[0]) == SHEET[1]:
        raise Unwanted("a sheet that this program drew, not a sample")


def _turned(image: Image.Image) -> bool:
    """Whether setting the picture upright swaps its height and width."""
    return bool(image.getexif().get(ExifTags.Base.Orientation, 1) >= 5)


def _upright(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """A Pillow image, upright, and large enough for `size`."""
    if isinstance(picture, Image.Image):
        return picture
    if isinstance(picture, np.ndarray):
        return Image.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    with opened(picture) as stored:
        _refuse_sheet(stored)
        height, width = size[::-1] if _turned(stored) else size
        stored.draft(None, (MARGIN * width, MARGIN * height))  # has an effect on JPEG only
        image = ImageOps.exif_transpose(stored)
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    return image


def _in_mode(image: Image.Image, channels: int) -> Image.Image:
    """One of the modes L, RGB and RGBA."""
    if image.mode.startswith("I"):
        # 16-bit grey, or 32-bit that holds 16; Pillow's own conversion clips at 255 instead of scaling.
        image = Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    if channels == 4:
        return image.convert("RGBA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if channels == 1 else "RGB")
