"""How large compressed pieces get, asked before they are unpacked: some libraries unpack without a bound."""

import zlib
from collections.abc import Callable, Mapping

DEFLATE = 1032
"""By so much can deflate shrink at most."""
PIECE = 1 << 20


def deflated(content: bytes, most: int) -> bool:
    """Whether zlib or gzip data unpack to at most so many bytes. They are unpacked in pieces if they must be."""
    if len(content) * DEFLATE <= most:
        return True
    unpacker, size = zlib.decompressobj(wbits=47), 0
    while size <= most and not unpacker.eof:
        if not (piece := unpacker.decompress(content, PIECE)):
            break
        size, content = size + len(piece), unpacker.unconsumed_tail
    return size <= most and len(unpacker.unused_data) * DEFLATE <= most  # gzip files may follow each other


def blosc(content: bytes, most: int) -> bool:
    """Whether a piece of Blosc says that it has at most so many bytes, and is as long as it says."""
    if len(content) < 16:
        return False
    size, block, length = (int.from_bytes(content[at : at + 4], "little") for at in (4, 8, 12))
    return size <= most and length == len(content) and 0 < block <= max(size, 1)


def lz4(content: bytes, most: int) -> bool:
    """The same for LZ4 as numcodecs writes it, after its size."""
    return len(content) >= 4 and int.from_bytes(content[:4], "little") <= most


def zstandard(content: bytes, most: int) -> bool:
    """The same for a frame of Zstandard; one that keeps its size to itself is not trusted."""
    if len(content) < 6 or content[:4] != b"\x28\xb5\x2f\xfd":
        return False
    flags = content[4]
    single, width = flags >> 5 & 1, (flags >> 6 & 1 or 0, 2, 4, 8)[flags >> 6]
    if flags >> 6 == 0:
        width = single
    if not width:
        return False
    at = 5 + (1 - single) + (0, 1, 2, 4)[flags & 3]
    size = int.from_bytes(content[at : at + width], "little") + (256 if width == 2 else 0)
    return size <= most


KNOWN: Mapping[str, Callable[[bytes, int], bool]] = {
    "blosc": blosc, "gzip": deflated, "lz4": lz4, "zlib": deflated, "zstd": zstandard,
}  # fmt: skip
"""By the names of Zarr."""
