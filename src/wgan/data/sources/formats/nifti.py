"""NIfTI, read with nibabel: a volume, a slice, or a series of volumes in time."""

import gzip
from pathlib import Path

import numpy as np

from wgan.data.sources.formats.content import Content, native, needed, reading, rescaled
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, FILE_BYTES
from wgan.system.pictures import Array

SECONDS = (8, 16, 24)
"""Codes of the units of time."""


def read(path: Path) -> Content:
    """One volume (D, H, W), or (H, W) if it has one slice; (N, D, H, W) if the fourth axis is time, as its unit says.

    Any other fourth axis, and a fifth one, is channels: (D, H, W, C). The scale of the header is applied. Axes are
    those of the file turned around, x last: no volume is turned by what the header says of the patient.
    """
    library = needed(path, "nibabel")
    with reading(path, "NIfTI"):
        kind = library.Nifti1Image if _version(path) == 1 else library.Nifti2Image
        image = kind.from_filename(path)
        stored = image.dataobj
        stored_type = np.dtype(stored.dtype)
        size = int(np.prod([int(length) for length in stored.shape], dtype=object))
        ARRAY_BYTES.check(size * stored_type.itemsize, path)
        if min(stored.shape, default=0) < 1:
            raise InputError(f"{path} has shape {stored.shape}, so it is empty.")
        values = np.asarray(stored.get_unscaled())
        channels = 0
        if stored_type.names:  # RGB
            values = np.stack([values[name] for name in stored_type.names], axis=-1)
            channels = 1
        if values.dtype.kind not in "biuf":
            raise InputError(f"{path} holds {stored_type}, not real numbers.")
        values = rescaled(native(values), float(stored.slope), float(stored.inter))
        unit = int(image.header["xyzt_units"]) & 0b111000
        return _arranged(values, stored.ndim, channels, unit in SECONDS, path)


def _version(path: Path) -> int:
    """1 or 2, from the size of the header, in either order of bytes. What precedes the numbers is within a limit."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        start = file.read(540)
    for order in ("little", "big"):
        size = int.from_bytes(start[:4], order)
        mark = "<" if order == "little" else ">"
        if size == 348 and len(start) >= 348:
            offset = float(np.frombuffer(start[108:112], f"{mark}f4")[0])
        elif size == 540 and len(start) >= 540:
            offset = float(np.frombuffer(start[168:176], f"{mark}i8")[0])
        else:
            continue
        if not 0 <= offset <= FILE_BYTES.value:
            raise InputError(f"{path} has {offset:,.0f} bytes before its numbers, which cannot be.")
        return 1 if size == 348 else 2
    raise InputError(f"{path} does not begin as NIfTI does. Copy or download it again.")


def _arranged(values: Array, dimensions: int, channels: int, time: bool, path: Path) -> Content:
    """From (x, y, z, t, c) to (t, z, y, x, c)."""
    if not 2 <= dimensions <= 5:
        raise InputError(f"{path} has {dimensions} axes. Volumes have three, and one of time or channels.")
    lengths = [*values.shape[:dimensions], *[1] * (5 - dimensions)]
    values = values.reshape(*lengths, *values.shape[dimensions:])
    if not channels:
        values = values[..., None]
    if not time:
        values = np.moveaxis(values, 3, -1)[:, :, :, None]  # (x, y, z, 1, c, rgb, t)
    values = values.reshape(*values.shape[:4], -1).transpose(3, 2, 1, 0, 4)
    axes = "NDHWC"
    for axis, unused in (("C", values.shape[4] == 1), ("D", values.shape[1] == 1), ("N", values.shape[0] == 1)):
        if unused:
            values = values.squeeze(axes.index(axis))
            axes = axes.replace(axis, "")
    return Content(np.ascontiguousarray(values), many="N" in axes, axes=axes)
