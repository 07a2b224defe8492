"""Arrays of numbers in MATLAB's files of version 5 to 7, as MathWorks describes them ("MAT-File Format").

SciPy reads these too, but a damaged file ends the process (seen with 1.17.1).
"""

import math
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from wgan.data.sources.formats.content import Entry
from wgan.system.pictures import Array

STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Types in which numbers are written. MATLAB takes the smallest that holds an array."""
CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
"""Types of the arrays themselves."""
OTHERS = {1: "cell", 2: "struct", 3: "object", 4: "char", 5: "sparse", 16: "function", 17: "object"}
MATRIX, COMPRESSED = 14, 15
LOGICAL, COMPLEX = 0x0200, 0x0800
PIECE = 1 << 16
NAME = 4096
AXES = 32


class Variable(NamedTuple):
    """An array, and where it lies in the file."""

    entry: Entry
    start: int


def is_version_5(start: bytes) -> bool:
    """Whether a file begins so."""
    return len(start) >= 128 and start[126:128] in (b"IM", b"MI") and 0 not in start[:4]


def variables(file: BinaryIO) -> Iterator[Variable]:
    """All variables. A ValueError or zlib.error says that the file is damaged."""
    order = _order(file)
    end = file.seek(0, 2)
    start = 128
    while start < end:
        file.seek(start)
        kind, size, _ = _Stream(file, order, 8).tag()
        if start + 8 + size > end:
            raise ValueError(f"it ends within a variable, {start + 8 + size - end:,} bytes too early")
        entry, _ = _header(_matrix(file, order, start))
        yield Variable(entry, start)
        start += 8 + size
        if kind != COMPRESSED and start % 8:
            start += 8 - start % 8


def load(file: BinaryIO, variable: Variable) -> Array:
    """The numbers of a variable."""
    stream = _matrix(file, _order(file), variable.start)
    entry, _ = _header(stream)
    kind, size, content = stream.tag()
    if entry != variable.entry or kind not in STORED:
        raise ValueError(f"'{entry.name}' is no array of numbers")
    stored = np.dtype(stream.order + STORED[kind])
    if size != entry.size * stored.itemsize:
        raise ValueError(f"'{entry.name}' has {size:,} bytes for shape {entry.shape}")
    values = np.frombuffer(content or stream.read(size), stored)
    return values.astype(entry.dtype, copy=False).reshape(entry.shape, order="F")


def _order(file: BinaryIO) -> str:
    file.seek(126)
    return "<" if file.read(2) == b"IM" else ">"


def _matrix(file: BinaryIO, order: str, start: int) -> "_Stream":
    """What a variable consists of, unpacked as it is read."""
    file.seek(start)
    kind, size, _ = _Stream(file, order, 8).tag()
    stream = _Stream(file, order, size, packed=kind == COMPRESSED)
    if kind == COMPRESSED:
        kind, _, _ = stream.tag()
    if kind != MATRIX:
        raise ValueError(f"it has an element of the kind {kind}, not a variable")
    return stream


def _header(stream: "_Stream") -> tuple[Entry, int]:
    flags = int(np.frombuffer(stream.element(6, 8), f"{stream.order}u4")[0])
    number = flags & 0xFF
    if number in (16, 17) or (number not in CLASSES and number not in OTHERS):
        return Entry("", (), None, OTHERS.get(number, "unknown") + ", not an array of numbers"), flags
    shape = tuple(int(length) for length in np.frombuffer(stream.element(5, 4 * AXES), f"{stream.order}i4"))
    name = stream.element(1, NAME).decode("utf-8", "replace")
    if min(shape, default=-1) < 0 or math.prod(shape) >= 1 << 62:
        raise ValueError(f"'{name}' has shape {shape}")
    if number in OTHERS:
        return Entry(name, shape, None, f"{OTHERS[number]}, not an array of numbers"), flags
    if flags & COMPLEX:
        return Entry(name, shape, None, "complex numbers, not real ones"), flags
    return Entry(name, shape, np.dtype(bool if flags & LOGICAL else CLASSES[number])), flags


class _Stream:
    """A part of a file, or what it unpacks to, read from begin to end."""

    def __init__(self, file: BinaryIO, order: str, size: int, *, packed: bool = False) -> None:
        self.order = order
        self._file, self._left = file, size
        self._unpacker = zlib.decompressobj() if packed else None

    def read(self, size: int) -> bytearray:
        """Exactly so many bytes."""
        found = bytearray()
        while len(found) < size:
            if not (piece := self._some(min(size - len(found), PIECE))):
                raise ValueError(f"a variable ends {size - len(found):,} bytes too early")
            found += piece
        return found

    def _some(self, most: int) -> bytes:
        if not self._unpacker:
            piece = self._file.read(min(most, self._left))
            self._left -= len(piece)
            return piece
        while not self._unpacker.eof:
            waiting = self._unpacker.unconsumed_tail or self._file.read(min(PIECE, self._left))
            if not self._unpacker.unconsumed_tail:
                self._left -= len(waiting)
            if piece := self._unpacker.decompress(waiting, most):
                return piece
            if not waiting:
                return b""
        return b""

    def tag(self) -> tuple[int, int, bytearray]:
        """The kind and size of an element, and its content if that is short enough to lie in the tag."""
        start = self.read(8)
        first, second = (int(number) for number in np.frombuffer(start, f"{self.order}u4"))
        if first >> 16:
            if first >> 16 > 4:
                raise ValueError("it has a short element that is not short")
            return first & 0xFFFF, first >> 16, start[4 : 4 + (first >> 16)]
        return first, second, bytearray()

    def element(self, kind: int, most: int) -> bytearray:
        """The content of an element that must be of this kind and not too long."""
        found, size, content = self.tag()
        if found != kind or size > most:
            raise ValueError(f"it has an element of kind {found} and {size:,} bytes in place of one of kind {kind}")
        return content or self.read(size + -size % 8)[:size]
