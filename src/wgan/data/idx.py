"""Folders of idx files, MNIST's format (LeCun et al. 1998), compressed or not."""

import gzip
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
from wgan.pictures import Array
from wgan.types import Progress

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
    """The array in an idx file of unsigned bytes.

    Raises:
        InputError: the file is damaged, cut short, or of another kind.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"Cannot read {path}: {error}. Copy or download the file again.") from error
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise InputError(f"{path} is not an idx file of unsigned bytes (it starts with {content[:4].hex()}).")
    axes = content[3]
    body = 4 + 4 * axes
    if len(content) < body:
        raise InputError(f"{path} ends within its header. Copy or download the file again.")
    shape = struct.unpack(f">{axes}I", content[4:body])
    if len(content) - body != math.prod(shape):
        raise InputError(
            f"{path} should hold {math.prod(shape):,} bytes after its header and holds {len(content) - body:,}. "
            "Copy or download the file again."
        )
    return np.frombuffer(content, np.uint8, offset=body).reshape(shape)
