"""The files in a zip or a tar, read one by one without unpacking the archive to disk."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

from wgan.data.sources.layout import is_hidden
from wgan.errors import InputError
from wgan.system.limits import FILE_BYTES, MEMBERS, regular
from wgan.system.pictures import refuse_passing

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")

PART = 1 << 16
"""Bytes to read at a time: zipfile unpacks that many, whatever size the member claims."""

_DAMAGED = (
    OSError, EOFError, RuntimeError, ValueError, IndexError, OverflowError, struct.error,
    zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
)  # fmt: skip


class Member(NamedTuple):
    """A file in an archive."""

    name: str
    read: Callable[[], bytes | str]
    """Return the content, or in a few words why there is none. Call it before advancing to the next member."""


def is_archive(path: Path) -> bool:
    """Whether a file has the suffix of an archive that can be read."""
    return path.name.lower().endswith(SUFFIXES)


def members(path: Path) -> Iterator[Member]:
    """The files in an archive that are not hidden: sorted by name in a zip, in their stored order in a tar.

    The names are only compared and shown; no file is ever written under them.

    Raises:
        InputError: The archive is damaged, truncated, of another kind than its suffix, or has too many members.
            Reading a damaged member of a tar raises it too, since no later member can be found.
    """
    try:
        regular(path)
        yield from _of_zip(path) if path.suffix.lower() == ".zip" else _of_tar(path)
    except InputError:
        raise
    except _DAMAGED as error:
        raise _damaged(path, error) from error


def _of_zip(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        MEMBERS.check(len(archive.infolist()), path)
        named = [(_plain(entry.filename), entry) for entry in archive.infolist()]
        for name, entry in sorted(named, key=lambda pair: pair[0]):
            if not name.endswith("/") and not is_hidden(name):
                yield Member(name, partial(_read_zipped, archive, entry))


def _plain(name: str) -> str:
    """A member's path with slashes, and without the `./` that some programs write before it."""
    return name.replace("\\", "/").removeprefix("./").lstrip("/")


def _read_zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
    if entry.flag_bits & 1:
        return "encrypted"
    if why := FILE_BYTES.passed(entry.file_size):
        return why
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed with another method than deflate, which zipfile would unpack without a bound"
    try:
        with archive.open(entry) as file:
            return b"".join(iter(partial(file.read, PART), b""))
    except _DAMAGED as error:  # the directory at the end of the zip still locates the other members
        refuse_passing(error, archive.filename)
        return f"damaged in the archive ({error})"


def _of_tar(path: Path) -> Iterator[Member]:
    with _unpacked(path) as stream, tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:") as archive:
        for count, entry in enumerate(iter(archive.next, None), 1):
            archive.members = []  # type: ignore[attr-defined]  # saves memory: tarfile would keep all entries
            MEMBERS.check(count, path)
            name = _plain(entry.name)
            if not entry.isdir() and not is_hidden(name):
                yield Member(name, partial(_read_tarred, path, archive, entry, stream))
        # tarfile takes a damaged header for the end; at the true end is a block of zeros, or nothing.
        stream.seek(archive.offset)
        if stream.read(tarfile.BLOCKSIZE).strip(b"\0"):
            raise tarfile.ReadError(f"what follows byte {archive.offset:,} is no file")


def _read_tarred(path: Path, archive: tarfile.TarFile, entry: tarfile.TarInfo, stream: "_Careful") -> bytes | str:
    if not entry.isreg():
        return "a link or a device, not a file"
    if why := FILE_BYTES.passed(entry.size):
        return why
    try:
        with stream.content(entry.size):
            return cast(IO[bytes], archive.extractfile(entry)).read()
    except _DAMAGED as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException) -> InputError:
    why = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    return InputError(f"Cannot read the archive {path}: {why}. Copy or download it again.")


# -- compressed streams -------------------------------------------------------------------------------------------

HEADER_BYTES = 1 << 20
"""An upper bound for the header of a tar member (a long name, attributes), which tarfile reads into memory whole."""
KINDS: dict[bytes, Callable[[io.BufferedIOBase], io.BufferedIOBase]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": lambda file: bz2.BZ2File(file),
    b"\xfd7zXZ\0": lambda file: lzma.LZMAFile(cast(IO[bytes], file)),  # noqa: SIM115
    b"\x5d\0\0": lambda file: lzma.LZMAFile(cast(IO[bytes], file)),  # noqa: SIM115
}
"""Compressions by the first bytes of a file."""


class _Careful:
    """A stream for `tarfile`, which trusts the sizes in headers; this refuses reads larger than expected."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream, self._most = stream, HEADER_BYTES
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._most:
            raise tarfile.ReadError(f"a header of {size:,} bytes is no header")
        return self._stream.read(size)

    @contextmanager
    def content(self, size: int) -> Iterator[None]:
        """Allow reads of `size` bytes in this context, for the content of a member."""
        self._most = max(size, HEADER_BYTES)
        try:
            yield
        finally:
            self._most = HEADER_BYTES


@contextmanager
def _unpacked(path: Path) -> Iterator[_Careful]:
    with path.open("rb") as file:
        start = file.peek(8)
        opener = next((opener for beginning, opener in KINDS.items() if start.startswith(beginning)), lambda file: file)
        with opener(file) as stream:
            yield _Careful(stream)
