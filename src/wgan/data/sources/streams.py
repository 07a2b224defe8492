"""Files as streams of bytes, unpacked while they are read, that never hand over more at a time than they should."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, cast

HEADER_BYTES = 1 << 20
"""What describes a member of a tar (a long name, attributes) is never larger, and would be read into memory whole."""
KINDS: dict[bytes, Callable[[io.BufferedIOBase], io.BufferedIOBase]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": lambda file: bz2.BZ2File(file),
    b"\xfd7zXZ\0": lambda file: lzma.LZMAFile(cast(IO[bytes], file)),  # noqa: SIM115
    b"\x5d\0\0": lambda file: lzma.LZMAFile(cast(IO[bytes], file)),  # noqa: SIM115
}
"""How the beginning of a file tells its compression."""


class Careful:
    """A stream for `tarfile`, which believes what headers say of their sizes: larger reads are refused."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream, self._most = stream, HEADER_BYTES
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes.

        Raises:
            tarfile.ReadError: they are more than a header has.
        """
        if not 0 <= size <= self._most:
            raise tarfile.ReadError(f"a header of {size:,} bytes is no header")
        return self._stream.read(size)

    @contextmanager
    def content(self, size: int) -> Iterator[None]:
        """In this context, a member of so many bytes is read."""
        self._most = max(size, HEADER_BYTES)
        try:
            yield
        finally:
            self._most = HEADER_BYTES


@contextmanager
def unpacked(path: Path) -> Iterator[Careful]:
    """What is in a file that may be compressed.

    Raises:
        OSError, EOFError, zlib.error, lzma.LZMAError: it cannot be read; later reads too.
    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        start = file.read(8)
        file.seek(0)
        for beginning, opener in KINDS.items():
            if start.startswith(beginning):
                yield Careful(stack.enter_context(opener(file)))
                return
        yield Careful(file)
