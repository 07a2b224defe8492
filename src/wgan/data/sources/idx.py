"""Folders of idx files, MNIST's format (LeCun et al. 1998), compressed or not."""

import gzip
import io
import math
import re
import struct
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from wgan.data.source import Sample, Skipped, Survey, file_identity, plain, survey_array
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, regular
from wgan.system.pictures import Array
from wgan.types import Progress

PART = 1 << 20
MOST_AXES = 3
GZIP_FACTOR = 1032
"""A byte of a gzip file stands for so many at most (RFC 1951: 258 bytes in two bits)."""
IMAGES = re.compile(r"(?P<prefix>.*)images[-.]idx3-ubyte(?P<gz>\.gz)?$")


class Idx:
    """All `*images-idx3-ubyte[.gz]` of a folder with their labels; files named t10k or test are kept from training."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.resolve().name or "idx"

    @staticmethod
    def matches(root: Path) -> bool:
        """Whether the folder holds idx images."""
        return any(IMAGES.match(path.name) for path in root.iterdir())

    @cached_property
    def _paths(self) -> list[tuple[Path, Path | None, bool]]:
        """Images, their labels if there are any, and whether they are for testing."""
        found = {}
        for path in sorted(self.root.iterdir()):
            if match := IMAGES.match(path.name):
                test = "t10k" in match["prefix"] or "test" in match["prefix"]
                found[match["prefix"]] = (path, self._labels(match["prefix"]), test)
        return sorted(found.values(), key=lambda entry: (entry[2], entry[0].name))

    def _labels(self, prefix: str) -> Path | None:
        names = [f"{prefix}labels{dot}idx1-ubyte{gz}" for dot in "-." for gz in ("", ".gz")]
        return next((self.root / name for name in names if (self.root / name).exists()), None)

    @cached_property
    def _arrays(self) -> tuple[Array, Array | None, Array]:
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
        """The digits, or as many numbers as the labels need."""
        labels = self._arrays[1]
        return () if labels is None else tuple(str(i) for i in range(int(labels.max()) + 1))

    def identity(self) -> str:
        """The place, and the names, sizes and times of the files."""
        files = [path for entry in self._paths for path in entry[:2] if path is not None]
        return file_identity(self.root, [path.name for path in files])

    def survey(self, progress: Progress = plain) -> Survey:
        """What the files hold."""
        images, labels, _ = self._arrays
        return survey_array(images, labels, self.label_names())

    def samples(self) -> Iterator[Sample | Skipped]:
        """Training files first, in the files' order."""
        images, labels, tests = self._arrays
        for i, image in enumerate(images):
            yield Sample(image, None if labels is None else int(labels[i]), bool(tests[i]))


def read_idx(path: Path) -> Array:
    """The array in an idx file of unsigned bytes; one that is not compressed stays on the disk.

    Raises:
        InputError: the file is damaged, cut short, of another kind, or would take too much memory.
    """
    try:
        size = regular(path).st_size
        if path.suffix != ".gz":
            with path.open("rb") as file:
                shape, body = _header(file, path)
            _expect(path, shape, size - body)
            return np.memmap(path, np.uint8, mode="r", offset=body, shape=shape) if 0 not in shape else _none(shape)
        with gzip.GzipFile(path) as file:
            shape, body = _header(file, path)
            if (claimed := math.prod(shape)) > GZIP_FACTOR * size:
                raise EOFError(f"it says that it holds {claimed:,} bytes, which {size:,} cannot be unpacked to")
            ARRAY_BYTES.check(claimed, f"The array in {path}")
            content = bytearray()
            while len(content) <= claimed and (part := file.read(PART)):
                content += part
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"Cannot read {path}: {error}. Copy or download the file again.") from error
    _expect(path, shape, len(content))
    return np.frombuffer(content, np.uint8).reshape(shape)


def _header(file: io.BufferedIOBase, path: Path) -> tuple[tuple[int, ...], int]:
    """The shape, and where the array begins."""
    start = file.read(4)
    if len(start) < 4 or start[:3] != b"\0\0\x08":
        raise InputError(f"{path} is not an idx file of unsigned bytes (it starts with {start.hex()}).")
    axes = file.read(4 * start[3])
    if len(axes) < 4 * start[3]:
        raise InputError(f"{path} ends within its header. Copy or download the file again.")
    return struct.unpack(f">{start[3]}I", axes), 4 + len(axes)


def _expect(path: Path, shape: tuple[int, ...], found: int) -> None:
    if len(shape) > MOST_AXES:
        raise InputError(f"{path} holds an array of {len(shape)} axes; expected count, height, width.")
    if found != math.prod(shape):
        more = f"more than {found - 1:,}" if found > math.prod(shape) and path.suffix == ".gz" else f"{found:,}"
        raise InputError(
            f"{path} should hold {math.prod(shape):,} bytes after its header and holds {more}. "
            "Copy or download the file again."
        )


def _none(shape: tuple[int, ...]) -> Array:
    return np.empty(shape, np.uint8)
