"""Samples of one shape and type from pictures and arrays. Worker processes import this module: it does not load torch.

8-bit pictures become bytes. Grey pictures of more bits keep the values that their files hold, in the type that the
data set has (`dtype`); 8-bit ones among them are scaled to its range.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from wgan.system.pictures import (
    Array,
    Encoded,
    Picture,
    Unwanted,
    guarded,
    opened,
    or_reason,
    orientation,
    refuse_sheet,
)

MARGIN = 2
"""JPEGs are decoded at a reduced scale that is still at least this many times the target size."""
DEEP = ("I", "F")
"""What Pillow's names begin with for pictures of more than 8 bits: 16-bit, 32-bit, and floating point."""
LOBES = 3
"""Of the Lanczos kernel, as Pillow has it for pictures."""
FULL = {"uint16": 65535.0, "int16": 32767.0, "float32": 1.0}
"""What is white in an 8-bit picture, among pictures of this type."""
Size = tuple[int, ...]
Box = tuple[float, float, float, float]


def fit_all(samples: Sequence[Picture | None], size: Size, channels: int, dtype: str = "uint8") -> list[bytes | str]:
    """The bytes of `fit` for each sample, or in a few words why it cannot be decoded; "" for None."""
    with guarded():
        return [or_reason(lambda known: fit(known, size, channels, dtype).tobytes(), sample) for sample in samples]


def fit(sample: Picture, size: Size, channels: int, dtype: str = "uint8") -> Array:
    """The sample as (C, *size) of type `dtype`.

    A picture is set upright, scaled to cover `size` (height, width), and cropped at the centre; it gets 1 channel
    (grey), 3 (RGB) or 4 (RGB and opacity) if it is encoded, and has to have as many if it is an array (H, W, C). Unless
    there are 4 channels, transparent pictures are composited onto white. A signal or volume is an array (C, *places),
    and resampled.

    Raises:
        Exception: It cannot be decoded. Pillow raises many kinds for damaged files.
    """
    if not isinstance(sample, np.ndarray):
        return _decoded(sample, (size[0], size[1]), channels, dtype)
    if len(size) != 2:
        return _as_type(_resampled(sample, size), dtype)
    if sample.shape == (*size, channels):
        return _as_type(sample.transpose(2, 0, 1), dtype)
    if sample.dtype == np.uint8 and dtype == "uint8" and sample.shape[2] in (1, 3, 4):
        image = Image.fromarray(sample[..., 0] if sample.shape[2] == 1 else sample)
        return _bytes(image, None, (size[0], size[1]), channels)
    if sample.shape[2] not in (1, channels):
        raise Unwanted(f"it has {sample.shape[2]} channels, not {channels}")
    planes = [_scaled(plane, (size[0], size[1])) for plane in np.moveaxis(sample, 2, 0)]
    return _as_type(np.stack(planes if len(planes) == channels else planes * channels), dtype)


def _decoded(sample: Encoded | Image.Image, size: tuple[int, int], channels: int, dtype: str) -> Array:
    if isinstance(sample, Image.Image):
        return _from_image(sample, None, size, channels, dtype)
    with opened(sample) as stored:
        refuse_sheet(stored)
        turn = orientation(stored)
        height, width = size[::-1] if turn >= 5 else size
        # Has an effect on JPEG only. Pillow rounds the reduced size up, and returns the part that is the picture.
        draft = stored.draft(None, (MARGIN * width, MARGIN * height))
        fitted = _from_image(stored, draft[1] if draft else None, (height, width), channels, dtype)
    return _upright(fitted, turn)


def _upright(array: Array, turn: int) -> Array:
    """A picture (C, H, W), turned and mirrored as its EXIF orientation says."""
    if not 2 <= turn <= 8:
        return array
    if turn >= 5:  # along its diagonal first
        array = array.swapaxes(1, 2)
        return array[:, :: -1 if turn in (7, 8) else 1, :: -1 if turn in (6, 7) else 1]
    return array[:, :: -1 if turn in (3, 4) else 1, :: -1 if turn in (2, 3) else 1]


def _from_image(image: Image.Image, part: Box | None, size: tuple[int, int], channels: int, dtype: str) -> Array:
    """The centre of an image, or of a `part` (left, top, right, bottom) of it."""
    deep = image.mode.startswith(DEEP)
    if dtype == "uint8" and not deep:
        return _bytes(image, part, size, channels)
    if dtype == "uint8" and not image.mode.startswith("I;16"):
        raise Unwanted("its pixels have 32 bits and no known range, among pictures of 8 bits")
    values = deep_values(image) if deep else np.asarray(_in_mode(image, 1)).astype(np.float32) * (FULL[dtype] / 255)
    if dtype == "uint8":  # a grey picture of 16 bits among colours
        return _bytes(Image.fromarray((values / 256).clip(0, 255).astype(np.uint8)), part, size, channels)
    plane = _as_type(_scaled(values, size), dtype)
    return np.broadcast_to(plane, (channels, *plane.shape))


def deep_values(image: Image.Image) -> Array:
    """The values (H, W) of a grey picture of more than 8 bits, upright in brightness.

    Raises:
        Unwanted: some are not finite.
    """
    values = np.asarray(image)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise Unwanted("it holds NaN or infinite values")
    if image.format == "TIFF" and image.tag_v2.get(262) == 0 and values.dtype.kind in "iu":  # type: ignore[attr-defined]
        bits = max(image.tag_v2.get(258, (16,)))  # type: ignore[attr-defined]
        values = (1 << bits) - 1 - values.astype(np.int64)  # white is zero
    return values


def _bytes(image: Image.Image, part: Box | None, size: tuple[int, int], channels: int) -> Array:
    image = _resized(_in_mode(image, channels), part, size)
    array = np.asarray(image)
    return array[None] if channels == 1 else array.transpose(2, 0, 1)


def _scaled(values: Array, size: tuple[int, int]) -> Array:
    """Values (H, W) at another size, within the range that they had."""
    if values.shape == size:
        return values
    image = _resized(Image.fromarray(values.astype(np.float32)), None, size)
    return np.asarray(image).clip(values.min(), values.max())  # Lanczos overshoots at edges


def _resized(image: Image.Image, part: Box | None, size: tuple[int, int]) -> Image.Image:
    """The centre of an image, or of a part of it, scaled to `size` (height, width)."""
    height, width = size
    if image.size == (width, height):
        return image
    left, top, right, bottom = part or (0.0, 0.0, *map(float, image.size))
    across, down = right - left, bottom - top
    if across * height > down * width:  # too wide
        kept = down * width / height
        left, right = left + (across - kept) / 2, right - (across - kept) / 2
    else:
        kept = across * height / width
        top, bottom = top + (down - kept) / 2, bottom - (down - kept) / 2
    return image.resize((width, height), Image.Resampling.LANCZOS, (left, top, right, bottom))


def _resampled(values: Array, size: Size) -> Array:
    """Values (C, *places) at other places, within the range that they had."""
    found = values.astype(np.float64)
    for axis, count in enumerate(size, start=1):
        if found.shape[axis] != count:
            found = np.moveaxis(np.moveaxis(found, axis, -1) @ _weights(found.shape[axis], count).T, -1, axis)
    return found.clip(values.min(), values.max())


def _weights(before: int, after: int) -> Array:
    """The share of each old place in each new one, (after, before): Lanczos, as wide as the wider of their steps.

    Straight lines between values would take three fifths of a signal's power in its highest octave.
    """
    step = before / after
    centres = (np.arange(after) + 0.5) * step - 0.5
    distances = np.abs(np.arange(before) - centres[:, None]) / max(step, 1.0)
    shares = np.where(distances < LOBES, np.sinc(distances) * np.sinc(distances / LOBES), 0.0)
    normed: Array = shares / shares.sum(1, keepdims=True)
    return normed


def _as_type(values: Array, dtype: str) -> Array:
    """Values in another type: the nearest that it has."""
    kind = np.dtype(dtype)
    if values.dtype == kind:
        return values
    if kind.kind == "f":
        return values.astype(kind)
    limits = np.iinfo(kind)
    rounded = np.rint(values) if values.dtype.kind == "f" else values
    return rounded.clip(limits.min, limits.max).astype(kind)


def _in_mode(image: Image.Image, channels: int) -> Image.Image:
    """One of the modes L, RGB and RGBA."""
    if channels == 4:
        return image.convert("RGBA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if channels == 1 else "RGB")
