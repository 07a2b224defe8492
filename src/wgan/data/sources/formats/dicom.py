"""DICOM, read with pydicom: one picture, or one a frame."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wgan.data.sources.formats.content import Content, believe, native, needed, reading, rescaled
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, FILE_BYTES, PIXELS
from wgan.system.pictures import Array

DEFLATED = ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.95")
"""Ways to store that unpack without a bound."""


def read(path: Path) -> Content:
    """One picture (H, W) or (H, W, C), or (N, H, W) if the file has several frames.

    The rescale slope and intercept are applied (Hounsfield units in CT). Where white is 0, that is turned around.
    Colours become RGB.
    """
    library = needed(path, "pydicom")
    with reading(path, "DICOM"), _bounded_pictures():
        FILE_BYTES.check(path.stat().st_size, path)
        meta = library.filereader.read_file_meta_info(path)
        if str(meta.get("TransferSyntaxUID", "")) in DEFLATED:
            raise InputError(f"{path} is a deflated DICOM file, which is not read. Save it uncompressed.")
        file = library.dcmread(path)
        if not any(name in file for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise InputError(f"{path} is DICOM without a picture ({file.get('Modality') or 'of no known modality'}).")
        frames = int(file.get("NumberOfFrames") or 1)
        rows, columns, samples = int(file.Rows), int(file.Columns), int(file.get("SamplesPerPixel") or 1)
        PIXELS.check(rows * columns, f"A frame of {path}")
        size = frames * rows * columns * samples * max(1, int(file.BitsAllocated) // 8)
        ARRAY_BYTES.check(size, path)
        believe(path, size, path.stat().st_size)
        try:
            values = native(np.asarray(file.pixel_array))
        except (RuntimeError, NotImplementedError) as error:
            if "plugin" not in str(error) and "decod" not in str(error):
                raise
            name = getattr(meta.TransferSyntaxUID, "name", "an unknown method")
            raise InputError(
                f"{path} is compressed by {name}, and no decoder of it is installed or it is damaged. Install those of "
                "pydicom (pip install 'pylibjpeg[all]'), or save it uncompressed."
            ) from error
        if values.dtype.kind not in "biuf":
            raise InputError(f"{path} holds {values.dtype}, not real numbers.")
        values = _scaled(library, file, values)
        axes = ("N" if frames > 1 else "") + "HW"
        axes += "C" if values.ndim == len(axes) + 1 else ""
        if values.ndim != len(axes) or values.shape[axes.index("H")] != rows:
            raise InputError(f"{path} holds an array of shape {values.shape}, which its header does not say.")
        return Content(values, many=frames > 1, axes=axes)


def _scaled(library: Any, file: Any, values: Array) -> Array:
    kind = str(file.get("PhotometricInterpretation", ""))
    if kind == "PALETTE COLOR":
        coloured: Array = native(library.pixels.apply_color_lut(values, file))
        return coloured
    bits, signed = int(file.get("BitsStored") or file.BitsAllocated), bool(file.get("PixelRepresentation"))
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    whole = values.dtype.kind in "iu"
    if whole:
        info = np.iinfo(values.dtype)
        low, high = max(low, int(info.min)), min(high, int(info.max))
        if values.size and (values.min() < low or values.max() > high):  # overlays in bits that are not of the picture
            values = values.clip(low, high)
    if kind == "MONOCHROME1" and whole:
        values = (low + high - values.astype(np.int64)).astype(values.dtype)
    if file.get("ModalityLUTSequence"):
        table: Array = native(library.pixels.apply_modality_lut(values, file))
        return table
    slope, intercept = file.get("RescaleSlope"), file.get("RescaleIntercept")
    return rescaled(
        values,
        1.0 if slope is None else float(slope),
        0.0 if intercept is None else float(intercept),
        (low, high) if whole else None,
    )


@contextmanager
def _bounded_pictures() -> Iterator[None]:
    """Frames that Pillow decodes observe the limit."""
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = PIXELS.value
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before
