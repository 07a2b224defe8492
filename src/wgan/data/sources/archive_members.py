"""What is in a zip or a tar, file by file, without unpacking it to the disk."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

from wgan.data.sources.file_names import is_hidden
from wgan.data.sources.streams import Careful, unpacked
from wgan.errors import InputError
from wgan.system.limits import FILE_BYTES, MEMBERS, regular
from wgan.system.pictures import refuse_passing

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")

PART = 1 << 16
"""So many bytes are asked for at a time: zipfile unpacks that many, whatever the member says of its size."""

_DAMAGED = (
    OSError, EOFError, RuntimeError, ValueError, IndexError, OverflowError, struct.error,
    zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
)  # fmt: skip


class Member(NamedTuple):
    """A file in an archive."""

    name: str
    read: Callable[[], bytes | str]
    """Its content, or in a few words why it has none. To be called before the next member is asked for."""


def is_archive(path: Path) -> bool:
    """Whether a file is named like an archive that can be read."""
    return path.name.lower().endswith(SUFFIXES)


def members(path: Path) -> Iterator[Member]:
    """The files in an archive, without hidden ones: those of a zip by name, those of a tar as they lie in it.

    Names are only told apart and shown: nothing is ever written to where they say.

    Raises:
        InputError: the archive is damaged, cut short, of another kind than its name says, or has more members than are
            read. Reading a member of a tar raises it too, since nothing behind that member can be found.
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
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            if not entry.is_dir() and not is_hidden(entry.filename):
                yield Member(entry.filename, partial(_read_zipped, archive, entry))


def _read_zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | str:
    if entry.flag_bits & 1:
        return "encrypted"
    if why := FILE_BYTES.passed(entry.file_size):
        return why
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed in another way than deflate, which zipfile would unpack without a bound"
    parts = []
    try:
        with archive.open(entry) as file:
            while content := file.read(PART):
                parts.append(content)
        return b"".join(parts)
    except _DAMAGED as error:  # the directory at the end still tells where the others are
        refuse_passing(error, archive.filename)
        return f"damaged in the archive ({error})"


def _of_tar(path: Path) -> Iterator[Member]:
    with unpacked(path) as stream, tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:") as archive:
        count = 0
        while (entry := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would keep all, and nothing asks for them again
            if (count := count + 1) > MEMBERS.value:
                MEMBERS.check(count, path)
            name = entry.name.removeprefix("./").lstrip("/")
            if not entry.isdir() and not is_hidden(name):
                yield Member(name, partial(_read_tarred, path, archive, entry, stream))
        # tarfile takes a damaged header for the end; the true end is a block of zeros, or that of the file.
        stream.seek(archive.offset)
        if stream.read(tarfile.BLOCKSIZE).strip(b"\0"):
            raise tarfile.ReadError(f"what follows byte {archive.offset:,} is no file")


def _read_tarred(path: Path, archive: tarfile.TarFile, entry: tarfile.TarInfo, stream: Careful) -> bytes | str:
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
