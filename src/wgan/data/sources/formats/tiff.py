"""TIFF of any depth, number of pages and channels, read with tifffile. Only this one file is opened."""

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from wgan.data.sources.formats.content import Content, believe, native, needed, reading
from wgan.data.sources.formats.tiff_pieces import PACKED, load
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, MEMBERS, PIXELS
from wgan.system.pictures import Array

KINDS = ("shaped", "ome", "imagej", "uniform")
"""Ways to find pages that belong together. Others, of single makers of microscopes, may open files beside this one."""
COLOURS = (0, 1, 2, 3, 34892)
"""White is 0; black is 0; RGB; palette; raw."""


def read(path: Path) -> Content:
    """One picture (H, W) or (H, W, C), or a picture for each page: (N, H, W) or (N, H, W, C).

    Pages of channels (as ImageJ and OME mark them) are channels of one picture. All other axes (depth, time) count
    pictures. Of pages of several sizes, the largest set is read. Pictures are upright; where white is 0, whole numbers
    are turned around, so that it is the highest; indices into a palette become RGB.
    """
    library = needed(path, "tifffile")
    off = {f"is_{kind}": False for kind in library.TIFF.FILE_FLAGS if kind not in KINDS and _series(library, kind)}
    with reading(path, "TIFF"), library.TiffFile(path, _multifile=False, **off) as file:
        if _pages(file, path) != len(file.pages):
            raise InputError(f"{path} says that it has more pages than can be read. Copy or download it again.")
        found = [series for series in file.series if series.size and series.dtype is not None]
        if not found:
            raise InputError(f"{path} has no pages of numbers.")
        chosen = max(found, key=lambda series: series.size)
        page = chosen.keyframe
        _check(path, file, chosen, page)
        stored = chosen.asarray(maxworkers=1) if page.compression == 1 else load(chosen)
        values, axes = _arranged(native(np.asarray(stored)), chosen.axes, path)
        if values.dtype.kind not in "biuf":
            raise InputError(f"{path} holds {values.dtype}, not real numbers.")
        if page.photometric == 0:
            values = _turned_around(values, page.bitspersample)
        elif page.photometric == 3 and "C" not in axes:
            values, axes = _coloured(values, page.colormap), axes + "C"
        values = _upright(values, page.tags.valueof(274, 1), axes.index("H"))
        size = f"{page.imagewidth}x{page.imagelength}"
        others = tuple(
            (f"pages {i}", f"{'x'.join(map(str, series.shape))} {series.dtype}; not chosen: most pages are {size}")
            for i, series in enumerate(file.series) if series is not chosen
        )  # fmt: skip
        return Content(np.ascontiguousarray(values), passed_over=others, many=axes[0] == "N", axes=axes)


def _series(library: Any, kind: str) -> bool:
    return hasattr(library.TiffFile, f"_series_{kind}")


def _pages(file: Any, path: Path) -> int:
    """The number of pages. tifffile leaves out, without an error, those after a damaged one."""
    kind, handle, seen = file.tiff, file.filehandle, set()

    def number(form: str) -> int:
        (found,) = struct.unpack(form, handle.read(struct.calcsize(form)))
        return int(found)

    handle.seek(4 if kind.offsetsize == 4 else 8)
    while offset := number(kind.offsetformat):
        if offset in seen:
            raise InputError(f"{path} has pages in a circle. Copy or download it again.")
        seen.add(offset)
        MEMBERS.check(len(seen), path)
        handle.seek(offset)
        handle.seek(offset + kind.tagnosize + number(kind.tagnoformat) * kind.tagsize)
    return len(seen)


def _check(path: Path, file: Any, series: Any, page: Any) -> None:
    PIXELS.check(page.imagewidth * page.imagelength, f"A page of {path}")
    if page.is_tiled:
        PIXELS.check(page.tilewidth * page.tilelength * page.tiledepth, f"A tile of {path}")
    size = series.size * series.dtype.itemsize
    ARRAY_BYTES.check(size, path)
    if any(each is None or not _complete(each, page) for each in series.pages[: 1 if series.dataoffset else None]):
        raise InputError(f"{path} lacks parts of its pages, or says that they are in other files.")
    if page.compression not in PACKED:
        raise InputError(
            f"{path} is compressed by {_name(page.compression)}. Save it uncompressed, or with LZW, Deflate or "
            "Zstandard."
        )
    if page.photometric not in COLOURS:
        raise InputError(f"{path} has colours of the kind {_name(page.photometric)}. Save it as grey or RGB.")
    if page.compression != 1:
        believe(path, size, file.filehandle.size)
        if page.fillorder != 1:
            raise InputError(f"{path} has its bits in the order of fax machines. Save it again.")
    elif page.bitspersample % 8 == 0 and size > file.filehandle.size:
        raise InputError(f"{path} is shorter than its header says. Copy or download it again.")
    if page.predictor not in (1, 2) or page.bitspersample not in (1, 8, 16, 32, 64):
        needed(path, "imagecodecs")


def _complete(page: Any, like: Any) -> bool:
    """Whether a page has all its strips or tiles. tifffile would fill those with 0."""
    pieces = math.prod(like.chunked)
    sizes = page.databytecounts[:pieces]
    return bool(len(page.dataoffsets) >= pieces and len(sizes) == pieces and all(sizes))


def _name(code: Any) -> str:
    return str(getattr(code, "name", code))


def _arranged(values: Array, axes: str, path: Path) -> tuple[Array, str]:
    """Pages first, channels last."""
    if axes.count("Y") != 1 or axes.count("X") != 1 or len(axes) != values.ndim:
        raise InputError(f"{path} has axes {axes}, no pictures of rows and columns.")
    channels = [i for i, axis in enumerate(axes) if axis in "CS"]
    pages = [i for i, axis in enumerate(axes) if axis not in "CSYX"]
    moved = values.transpose(*pages, axes.index("Y"), axes.index("X"), *channels)
    first, places, last = np.split(np.array(moved.shape), [len(pages), len(pages) + 2])
    shape = [*([int(first.prod())] if pages else []), *map(int, places), *([int(last.prod())] if channels else [])]
    return moved.reshape(shape), ("N" if pages else "") + "HW" + ("C" if channels else "")


def _turned_around(values: Array, bits: int) -> Array:
    """White as the highest number. Floats stay as they are: they have no highest."""
    if values.dtype == bool:
        return ~values
    if values.dtype.kind == "i":
        return -1 - values
    if values.dtype.kind == "u":
        top = values.dtype.type(2 ** min(bits, 8 * values.dtype.itemsize) - 1)
        turned: Array = top - np.minimum(values, top)
        return turned
    return values


def _coloured(values: Array, palette: Array | None) -> Array:
    """RGB, of 8 bits if the palette has no more."""
    if palette is None or values.dtype.kind not in "bu" or int(values.max()) >= palette.shape[1]:
        raise ValueError("its palette lacks colours that it uses")
    colours = palette.T
    if not (colours % 257).any() or not (colours % 256).any():
        colours = (colours >> 8).astype(np.uint8)
    coloured: Array = colours[values.astype(np.intp)]
    return coloured


def _upright(values: Array, orientation: Any, row: int) -> Array:
    """What the tag Orientation says, undone."""
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(row, row + 1)
    if orientation in (3, 4, 7, 8):
        values = np.flip(values, row)
    if orientation in (2, 3, 6, 7):
        values = np.flip(values, row + 1)
    return values
