"""Open pictures within the limits, and say what is wrong with them. Worker processes import this: it loads no torch."""

import errno
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from wgan.errors import InputError
from wgan.system import heif
from wgan.system.limits import FILE_BYTES, PIXELS, regular

T = TypeVar("T")
Array = NDArray[Any]
Encoded = Path | bytes
"""An encoded picture: a file, or its content."""
Picture = Encoded | Image.Image | Array
"""A sample, encoded or decoded; an array is (H, W, C) of pictures, else (C, *places)."""

FORMATS = (
    "JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000", "MPO", "TGA", "ICO", "ICNS", "DIB", "PCX",
    "QOI", "SGI", "DDS", "PSD", "MSP", "XBM", "XPM", "CUR", heif.FORMAT,
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
HEAD = 16
LFS = b"version https://git-lfs"
POINTER = "a pointer of Git LFS in place of the file: run `git lfs pull` where it was cloned"


class Header(NamedTuple):
    """The header of a picture, and what only its values tell where Pillow's mode does not say how large they can be."""

    size: tuple[int, int]  # (height, width), upright
    mode: str  # Pillow's name
    low: float = 0.0  # of 32-bit pictures
    high: float = 0.0
    frames: int = 1
    reduced: bool = False  # colours of 16 bits, of which Pillow reads the high bytes


def read_headers(pictures: Sequence[Encoded | None]) -> list[Header | str]:
    """The header of each picture, or in a few words why it cannot be read; "" for None."""
    with guarded():
        return [or_reason(_header, picture) for picture in pictures]


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


def is_passing(error: BaseException) -> bool:
    """Whether an error may be temporary, and says nothing about the file."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in PASSING)


def refuse_passing(error: BaseException, what: object) -> None:
    """Raise an InputError if an error is temporary, so that an intact picture is not packed as damaged for good."""
    if is_passing(error):
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

    if isinstance(image := or_reason(decode, path), str):
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
    with guarded():
        # A file and not its path: of that, Pillow maps plain TIFFs to memory and scrambles those that lie sideways.
        content = io.BytesIO(picture) if isinstance(picture, bytes) else picture.open("rb")
        with content, _identified(content) as image:
            yield image


def _identified(content: BinaryIO) -> Image.Image:
    try:
        return Image.open(content, formats=_formats(heif=False))
    except UnidentifiedImageError:
        content.seek(0)
        if not content.read(HEAD)[4:].startswith(heif.BRANDS) or not heif.register_heif():
            raise
        content.seek(0)
        return Image.open(content, formats=_formats(heif=True))


@contextmanager
def guarded() -> Iterator[None]:
    """In this context, Pillow observes the limits. Entering it once for many pictures takes less time."""
    if (most := PIXELS.value) == Image.MAX_IMAGE_PIXELS:
        yield
        return
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about defects that do not prevent reading
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = most  # Pillow checks embedded pictures against it too
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


class Unwanted(ValueError):
    """A file is not to be read, and its message says why."""


class TooLarge(Unwanted):
    """A file has more bytes than the limit."""


@cache
def _formats(*, heif: bool) -> tuple[str, ...]:
    """The FORMATS that this build of Pillow supports; HEIF only if its opener is registered."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def or_reason(work: Callable[[Any], T], picture: Picture | None) -> T | str:
    """The result of `work` on a picture, or in a few words why it cannot be read; "" for None."""
    if picture is None:
        return ""
    try:
        return work(picture)
    except InputError:
        raise
    except Exception as error:
        refuse_passing(error, picture if isinstance(picture, Path) else "a picture")
        if isinstance(error, UnidentifiedImageError) and is_pointer(picture):
            return POINTER
        if isinstance(error, UnidentifiedImageError) and _begins(picture, heif.BRANDS, 4):
            return heif.NEEDED
        return reason(error)


def is_pointer(picture: Picture) -> bool:
    """Whether what should be a file is a pointer of Git LFS."""
    return _begins(picture, (LFS,))


def _begins(picture: Picture, marks: tuple[bytes, ...], offset: int = 0) -> bool:
    """Whether an encoded picture has one of these marks, so many bytes from its beginning."""
    if isinstance(picture, Path):
        with picture.open("rb") as file:
            return file.read(offset + max(map(len, marks)))[offset:].startswith(marks)
    return isinstance(picture, bytes) and picture[offset : offset + max(map(len, marks))].startswith(marks)


def _header(picture: Encoded) -> Header:
    with opened(picture) as image:
        refuse_sheet(image)
        size = image.size if orientation(image) >= 5 else image.size[::-1]
        frames = getattr(image, "n_frames", 1)
        if image.mode != "I":
            reduced = not image.mode.startswith("I") and ";16" in str(getattr(image, "tile", ())[:1])
            return Header(size, image.mode, frames=frames, reduced=reduced)
        values = np.asarray(image)
        return Header(size, image.mode, float(values.min()), float(values.max()), frames)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation of an opened picture, 1 to 8, without decoding it. Pillow turns TIFFs by itself."""
    if image.format == "TIFF":
        return 1
    if image.format == "PNG":  # whose `getexif` decodes
        if "exif" not in image.info:
            return 1
        exif = Image.Exif()
        exif.load(image.info["exif"])
    else:
        exif = image.getexif()
    turn = exif.get(ExifTags.Base.Orientation, 1)
    return turn if isinstance(turn, int) else 1


def refuse_sheet(image: Image.Image) -> None:
    """Raise `Unwanted` if this program drew the picture as a sheet of samples."""
    if image.info.get(SHEET[0]) == SHEET[1]:
        raise Unwanted("a sheet that this program drew, not a sample")
