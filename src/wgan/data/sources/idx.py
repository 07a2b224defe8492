"""Folders and zips of idx files, the format of MNIST (LeCun et al. 1998), gzipped or not."""

import gzip
import io
import math
import re
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from wgan.data.source import ArraySource, file_identity
from wgan.data.sources.archive_members import members
from wgan.data.sources.folder import visible_files
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, regular
from wgan.system.pictures import Array

PART = 1 << 20
GZIP_FACTOR = 1032
"""The largest compression ratio of gzip (RFC 1951: 258 bytes in two bits)."""
IMAGES = re.compile(r"(?P<prefix>.*)images[-.]idx3-ubyte(\.gz)?")
LABELS = re.compile(r"(?P<prefix>.*)labels[-.]idx1-ubyte(\.gz)?")
SPLIT = re.compile(r"(?P<set>.*?)[-_.]?(?P<split>t10k|test|train)[-_.]?")

Readers = Mapping[str, Callable[[], Array]]
"""A function that reads an array, by the name of its file."""


class _Part(NamedTuple):
    """Images, with their labels if there are any, by the names of their files."""

    images: str
    labels: str | None
    test: bool


class Idx(ArraySource):
    """One set of `images-idx3-ubyte[.gz]` with their labels. Files named t10k or test are the test split."""

    def __init__(self, root: Path, name: str, identity: str, readers: Readers) -> None:
        """The set that `readers` hold, all of it from `root`.

        Raises:
            InputError: They hold several sets.
        """
        self.name, self._identity, self._readers = name, identity, readers
        self._parts, sets = [], set()
        labels = {match["prefix"]: name for name in readers if (match := LABELS.fullmatch(name))}
        images = {match["prefix"]: name for name in readers if (match := IMAGES.fullmatch(name))}
        for prefix, file in images.items():
            match = SPLIT.fullmatch(prefix)
            sets.add(match["set"] if match else prefix.rstrip("-_."))
            test = match is not None and match["split"] != "train"
            self._parts.append(_Part(file, labels.get(prefix), test))
        if len(sets) > 1:
            some = ", ".join(sorted(sets))
            raise InputError(f"{root} holds {len(sets)} sets: {some}. Give one, as {root}/{min(sets)}.")
        self._parts.sort(key=lambda part: (part.test, part.images))

    @cached_property
    def arrays(self) -> tuple[Array, Array | None, Array]:
        images: list[Array] = []
        labels: list[Array] = []
        tests: list[Array] = []
        for name, label_name, test in self._parts:
            part = self._readers[name]()
            if part.ndim != 3 or (images and part.shape[1:] != images[0].shape[1:]):
                raise InputError(f"{name} holds an array of shape {part.shape}; expected count, height, width.")
            if not len(part):
                raise InputError(f"{name} holds no images. Copy or download the file again.")
            images.append(part)
            tests.append(np.full(len(part), test))
            if label_name is not None:
                labels.append(self._readers[label_name]())
                if labels[-1].shape != (len(part),):
                    raise InputError(f"{label_name} has {len(labels[-1])} labels for {len(part)} images in {name}.")
        known = np.concatenate(labels) if len(labels) == len(images) else None
        return np.concatenate(images)[..., None], known, np.concatenate(tests)

    def label_names(self) -> tuple[str, ...]:
        labels = self.arrays[1]
        return () if labels is None else tuple(str(i) for i in range(int(labels.max()) + 1))

    def identity(self) -> str:
        return self._identity


def idx_folder(root: Path, *, only: str = "", below: bool = False) -> Idx | None:
    """The set in a folder, or `below` it at any depth. None if there is none.

    `only` is the set to take, where a folder has several: what the names of its files begin with.

    Raises:
        InputError: There are several.
    """
    found: dict[Path, list[Path]] = {}
    for place, names in islice(visible_files(root), None if below else 1):
        files = _idx_files(folder := Path(place), sorted(name for name in names if name.startswith(only)))
        if any(IMAGES.fullmatch(file.name) for file in files):
            found[folder] = files
    if len(found) > 1:
        raise InputError(f"{root} holds several sets: {', '.join(map(str, sorted(found)))}. Give one of these folders.")
    for folder, files in found.items():
        identity = file_identity(folder, [file.name for file in files])
        readers = {file.name: partial(read_idx, file) for file in files}
        return Idx(folder, only or root.resolve().name or "idx", identity, readers)
    return None


def _idx_files(folder: Path, names: Sequence[str]) -> list[Path]:
    """Those that are named like idx files; of two that differ in their compression, the one that needs less work."""
    known: dict[tuple[str, str], Path] = {}
    for name in names:
        if match := IMAGES.fullmatch(name) or LABELS.fullmatch(name):
            known.setdefault((match["prefix"], match.re.pattern), folder / name)
    return list(known.values())


def idx_zip(path: Path) -> Idx | None:
    """The set in a zip, in whatever folders; None if it has none."""
    if path.suffix.lower() != ".zip":
        return None
    contents: dict[str, bytes] = {}
    for member in members(path):
        name = member.name.rpartition("/")[2]
        if IMAGES.fullmatch(name) or LABELS.fullmatch(name):
            content = member.read()
            if isinstance(content, str):
                raise InputError(f"Cannot read {member.name} in {path}: {content}.")
            contents[name] = content
    if not any(IMAGES.fullmatch(name) for name in contents):
        return None
    readers = {name: partial(_of_bytes, content, f"{name} in {path}") for name, content in contents.items()}
    return Idx(path, path.stem, file_identity(path.parent, [path.name]), readers)


def read_idx(path: Path) -> Array:
    """The array in an idx file of unsigned bytes, memory-mapped if it is not compressed.

    Raises:
        InputError: The file is damaged, truncated, of another format, or would take too much memory.
    """
    try:
        size = regular(path).st_size
        if path.suffix == ".gz":
            with path.open("rb") as file:
                return _gzipped(file, size, str(path))
        with path.open("rb") as file:
            shape, body = _header(file, str(path))
        _expect(str(path), shape, size - body)
        if 0 in shape:
            return np.empty(shape, np.uint8)
        return np.memmap(path, np.uint8, mode="r", offset=body, shape=shape)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"Cannot read {path}: {error}. Copy or download the file again.") from error


def _of_bytes(content: bytes, name: str) -> Array:
    if content.startswith(b"\x1f\x8b"):
        try:
            return _gzipped(io.BytesIO(content), len(content), name)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"Cannot read {name}: {error}. Copy or download the file again.") from error
    shape, body = _header(io.BytesIO(content), name)
    _expect(name, shape, len(content) - body)
    return np.frombuffer(content, np.uint8, offset=body).reshape(shape)


def _gzipped(zipped: io.BufferedIOBase, size: int, name: str) -> Array:
    with gzip.GzipFile(fileobj=zipped) as file:
        shape, _ = _header(file, name)
        if (claimed := math.prod(shape)) > GZIP_FACTOR * size:
            raise EOFError(f"its header claims {claimed:,} bytes, more than {size:,} compressed bytes can hold")
        ARRAY_BYTES.check(claimed, f"The array in {name}")
        content = bytearray()
        while len(content) <= claimed and (part := file.read(PART)):
            content += part
    _expect(name, shape, len(content), zipped=True)
    return np.frombuffer(content, np.uint8).reshape(shape)


def _header(file: io.BufferedIOBase, name: str) -> tuple[tuple[int, ...], int]:
    """The shape, and the offset of the array."""
    start = file.read(4)
    if len(start) < 4 or start[:3] != b"\0\0\x08":
        raise InputError(f"{name} is not an idx file of unsigned bytes (it starts with {start.hex()}).")
    axes = file.read(4 * start[3])
    if len(axes) < 4 * start[3]:
        raise InputError(f"{name} ends within its header. Copy or download the file again.")
    return struct.unpack(f">{start[3]}I", axes), 4 + len(axes)


def _expect(name: str, shape: tuple[int, ...], found: int, *, zipped: bool = False) -> None:
    if len(shape) > 3:
        raise InputError(f"{name} holds an array of {len(shape)} axes; expected count, height, width.")
    if found != math.prod(shape):
        more = f"more than {found - 1:,}" if found > math.prod(shape) and zipped else f"{found:,}"
        raise InputError(
            f"{name} should hold {math.prod(shape):,} bytes after its header and holds {more}. "
            "Copy or download the file again."
        )
