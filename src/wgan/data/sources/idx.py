"""Folders of idx files, the format of MNIST (LeCun et al. 1998), gzipped or not."""

import gzip
import io
import math
import re
import struct
import zlib
from functools import cached_property
from pathlib import Path

import numpy as np

from wgan.data.source import ArraySource, file_identity
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, regular
from wgan.system.pictures import Array

PART = 1 << 20
GZIP_FACTOR = 1032
"""The largest compression ratio of gzip (RFC 1951: 258 bytes in two bits)."""
IMAGES = re.compile(r"(?P<prefix>.*)images[-.]idx3-ubyte(?P<gz>\.gz)?$")


class Idx(ArraySource):
    """All `*images-idx3-ubyte[.gz]` in a folder with their labels. Files named t10k or test are the test split."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.resolve().name or "idx"

    @staticmethod
    def matches(root: Path) -> bool:
        return any(IMAGES.match(path.name) for path in root.iterdir())

    @cached_property
    def _paths(self) -> list[tuple[Path, Path | None, bool]]:
        """Files of images, their labels if there are any, and whether they are for testing; training files first."""
        found = {}
        for path in sorted(self.root.iterdir()):
            if match := IMAGES.match(path.name):
                prefix = match["prefix"]
                places = [self.root / f"{prefix}labels{dot}idx1-ubyte{gz}" for dot in "-." for gz in ("", ".gz")]
                labels = next((place for place in places if place.exists()), None)
                found[prefix] = (path, labels, "t10k" in prefix or "test" in prefix)
        return sorted(found.values(), key=lambda entry: (entry[2], entry[0].name))

    @cached_property
    def arrays(self) -> tuple[Array, Array | None, Array]:
        images: list[Array] = []
        labels: list[Array] = []
        tests: list[Array] = []
        for path, label_path, test in self._paths:
            part = read_idx(path)
            if part.ndim != 3 or (images and part.shape[1:] != images[0].shape[1:]):
                raise InputError(f"{path} holds an array of shape {part.shape}; expected count, height, width.")
            if not len(part):
                raise InputError(f"{path} holds no images. Copy or download the file again.")
            images.append(part)
            tests.append(np.full(len(part), test))
            if label_path is not None:
                labels.append(read_idx(label_path))
                if labels[-1].shape != (len(part),):
                    raise InputError(f"{label_path} has {len(labels[-1])} labels for {len(part)} images in {path}.")
        known = np.concatenate(labels) if len(labels) == len(images) else None
        return np.concatenate(images)[..., None], known, np.concatenate(tests)

    def label_names(self) -> tuple[str, ...]:
        labels = self.arrays[1]
        return () if labels is None else tuple(str(i) for i in range(int(labels.max()) + 1))

    def identity(self) -> str:
        files = [path for entry in self._paths for path in entry[:2] if path is not None]
        return file_identity(self.root, [path.name for path in files])


def read_idx(path: Path) -> Array:
    """The array in an idx file of unsigned bytes, memory-mapped if it is not compressed.

    Raises:
        InputError: The file is damaged, truncated, of another format, or would take too much memory.
    """
    try:
        size = regular(path).st_size
        if path.suffix != ".gz":
            with path.open("rb") as file:
                shape, body = _header(file, path)
            _expect(path, shape, size - body)
            if 0 in shape:
                return np.empty(shape, np.uint8)
            return np.memmap(path, np.uint8, mode="r", offset=body, shape=shape)
        with gzip.GzipFile(path) as file:
            shape, body = _header(file, path)
            if (claimed := math.prod(shape)) > GZIP_FACTOR * size:
                raise EOFError(f"its header claims {claimed:,} bytes, more than {size:,} compressed bytes can hold")
            ARRAY_BYTES.check(claimed, f"The array in {path}")
            content = bytearray()
            while len(content) <= claimed and (part := file.read(PART)):
                content += part
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"Cannot read {path}: {error}. Copy or download the file again.") from error
    _expect(path, shape, len(content))
    return np.frombuffer(content, np.uint8).reshape(shape)


def _header(file: io.BufferedIOBase, path: Path) -> tuple[tuple[int, ...], int]:
    """The shape, and the offset of the array."""
    start = file.read(4)
    if len(start) < 4 or start[:3] != b"\0\0\x08":
        raise InputError(f"{path} is not an idx file of unsigned bytes (it starts with {start.hex()}).")
    axes = file.read(4 * start[3])
    if len(axes) < 4 * start[3]:
        raise InputError(f"{path} ends within its header. Copy or download the file again.")
    return struct.unpack(f">{start[3]}I", axes), 4 + len(axes)


def _expect(path: Path, shape: tuple[int, ...], found: int) -> None:
    if len(shape) > 3:
        raise InputError(f"{path} holds an array of {len(shape)} axes; expected count, height, width.")
    if found != math.prod(shape):
        more = f"more than {found - 1:,}" if found > math.prod(shape) and path.suffix == ".gz" else f"{found:,}"
        raise InputError(
            f"{path} should hold {math.prod(shape):,} bytes after its header and holds {more}. "
            "Copy or download the file again."
        )
