"""Compressed strips and tiles of TIFF, unpacked by Pillow's libtiff to a size that is known before.

tifffile would have imagecodecs unpack them, which ends the process for damaged LZW (seen with 2026.3.6).
"""

import io
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from wgan.system.pictures import Array

PACKED: Mapping[int, str] = {
    1: "none", 5: "LZW", 8: "Deflate", 32773: "PackBits", 32946: "Deflate", 34925: "LZMA", 50000: "Zstandard",
}  # fmt: skip
"""What is read, by the numbers of TIFF."""


def load(series: Any) -> Array:
    """The numbers of a compressed series of tifffile. Each page must have all its pieces."""
    like = series.keyframe
    packing, size = int(like.compression), 0
    like.compression = 1  # tifffile finds them unpacked, but keeps the order of bytes and the predictor
    pages = []
    for page in series.pages:
        values = np.zeros(like.shaped, like.dtype)
        for i, (offset, length) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=False)):
            size = size or _size(like)
            handle = series.parent.filehandle
            handle.seek(offset)
            piece, (plane, depth, row, column, _), shape = like.decode(
                unpacked(handle.read(length), packing, _rows(like, i, size)), i
            )
            place = (slice(depth, depth + shape[0]), slice(row, row + shape[1]), slice(column, column + shape[2]))
            target = values[(plane, *place)]
            target[:] = piece[: target.shape[0], : target.shape[1], : target.shape[2]]
        pages.append(values)
    return np.stack(pages).reshape(series.shape)


def _size(page: Any) -> int:
    """The bytes of a whole piece."""
    samples = page.samplesperpixel if page.planarconfig == 1 else 1
    width, rows, depth = (
        (page.tilewidth, page.tilelength, page.tiledepth)
        if page.is_tiled
        else (page.imagewidth, min(page.rowsperstrip, page.imagelength), 1)
    )
    return int(depth * rows * -(-width * samples * page.bitspersample // 8))


def _rows(page: Any, index: int, size: int) -> int:
    """The bytes of one piece: the last strip has only the rows that are left."""
    if page.is_tiled:
        return size
    rows = min(page.rowsperstrip, page.imagelength)
    before = index % -(-page.imagelength // rows) * rows
    return int(size // rows * min(rows, page.imagelength - before))


def unpacked(piece: bytes, packing: int, size: int) -> bytes:
    """So many bytes, from a piece. An OSError says if it has fewer or is damaged."""
    tags = (
        (256, 4, size), (257, 4, 1), (258, 3, 8), (259, 3, packing), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, 1),
        (279, 4, len(piece)),
    )  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    padded = piece + bytes(len(piece) % 2)
    head, tail = struct.pack("<2sHI", b"II", 42, 8 + len(padded)), struct.pack("<H", len(tags)) + entries + bytes(4)
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # the size was asked before
    try:
        with io.BytesIO(head + padded + tail) as content, Image.open(content, formats=("TIFF",)) as image:
            return image.tobytes()
    finally:
        Image.MAX_IMAGE_PIXELS = before
