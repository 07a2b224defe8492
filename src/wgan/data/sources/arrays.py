"""Data in memory: NumPy arrays, `.npy` and `.npz` files, tensors, and torch datasets."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import torch
from numpy.lib.npyio import NpzFile
from PIL import Image
from torch.utils.data import Dataset

from wgan.data.source import Sample, Source, Survey, file_identity, no_progress, survey_array
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, PIXELS, regular
from wgan.system.pictures import Array
from wgan.system.text import counted
from wgan.types import Progress

IMAGE_KEYS = ("images", "x_train", "x", "data", "arr_0")
LABEL_KEYS = ("labels", "y_train", "y", "targets", "target", "arr_1")

HAIR = 0.01
"""By so much of the highest value may others pass 0, 1 or -1, as resizing makes them: they are clipped."""
HIGHEST = np.finfo(np.float32).max


class Arrays(Source):
    """One array: pictures (N, H, W), (N, H, W, C) or (N, C, H, W), or points (N, D).

    Pictures are uint8 in 0..255, or floats in [0, 1] or [-1, 1].
    """

    def __init__(self, values: Array, labels: Array | None = None, *, name: str = "array", identity: str = "") -> None:
        self.name = name
        self._identity = identity
        if len(values) == 0:
            raise InputError(f"{name} is empty.")
        if 0 in values.shape:
            raise InputError(f"{name} has shape {values.shape}, so its samples are empty.")
        if values.dtype.kind not in "biuf":
            raise InputError(f"{name} holds {values.dtype}, not numbers.")
        self._points = values.ndim == 2
        if self._points and values.dtype == np.uint8:
            raise InputError(f"{name} has shape {values.shape}: bytes are pictures. Reshape it to (N, H, W).")
        if values.dtype.kind == "f":
            _check_finite(values, name)
        self._values = values if self._points else _channels_last(values, name)
        if not self._points:
            PIXELS.check(self._values.shape[1] * self._values.shape[2], f"Each picture in {name}")
        self._scale = (0.0, 1.0) if self._points else _to_bytes(self._values, name)
        self._label_names: tuple[str, ...] = ()
        self._labels: Array | None = None
        if labels is not None:
            labels = labels.reshape(-1) if labels.size == len(labels) else labels  # CIFAR's are (N, 1)
            if labels.shape != (len(values),):
                raise InputError(f"{name} has {len(values)} samples and labels of shape {labels.shape}.")
            kinds, self._labels = np.unique(labels, return_inverse=True)
            self._label_names = tuple(str(kind) for kind in kinds)

    def label_names(self) -> tuple[str, ...]:
        return self._label_names

    def identity(self) -> str:
        if not self._identity:
            digest = hashlib.blake2b(np.ascontiguousarray(self._values).tobytes(), digest_size=16)
            if self._labels is not None:
                digest.update(self._labels.tobytes())
            self._identity = f"{self._values.shape} {self._values.dtype} {digest.hexdigest()}"
        return self._identity

    def survey(self, progress: Progress = no_progress) -> Survey:
        if self._points:
            return Survey(len(self._values), point_size=self._values.shape[1])
        return survey_array(self._values, self._labels, self._label_names)

    def samples(self) -> Iterator[Sample]:
        for i, value in enumerate(self._values):
            label = None if self._labels is None else int(self._labels[i])
            yield Sample(value.astype(np.float32) if self._points else _bytes(value, self._scale), label)


def _check_finite(values: Array, name: str) -> None:
    at_once = max(1, 2**22 // values[0].size)
    parts = (values[start : start + at_once] for start in range(0, len(values), at_once))
    bad = np.concatenate([(~(np.abs(part) <= HIGHEST)).reshape(len(part), -1).sum(1) for part in parts])
    if len(samples := np.flatnonzero(bad)):
        kind = "NaN" if np.isnan(values[samples[0]]).any() else "values that are infinite or too large"
        raise InputError(
            f"{name} holds {kind}: {counted(int(bad.sum()), 'value')} in {len(samples):,} of {len(values):,} "
            f"samples, the first in sample {samples[0]} (counted from 0). Remove these, or fill in what is missing."
        )


def open_array_file(path: Path) -> Arrays:
    """The pictures or points in a `.npy` or `.npz` file, with the labels if an `.npz` has them.

    Raises:
        InputError: It is no array file, holds pickled objects (which are never loaded), or uses unknown names.
    """
    identity = file_identity(path.parent, [path.name])
    try:
        regular(path)
        values: Array
        if path.suffix == ".npy":
            values, labels = np.lib.format.open_memmap(path, mode="r"), None  # never objects
        else:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                values, labels = _chosen(content, path)
        if not isinstance(values, np.ndarray) or values.ndim == 0:
            raise InputError(f"{path} holds no array of pictures or points.")
        return Arrays(values, labels, name=path.stem, identity=identity)
    except InputError:
        raise
    except Exception as error:  # NumPy raises many kinds for truncated files or other formats
        raise InputError(f"Cannot read {path} as an array: {error or type(error).__name__}") from error


def _chosen(content: NpzFile, path: Path) -> tuple[Array, Array | None]:
    names = list(content)
    images = next((name for name in IMAGE_KEYS if name in names), names[0] if len(names) == 1 else None)
    if images is None:
        raise InputError(f"{path} holds {', '.join(names)}. Name the pictures 'images' and the labels 'labels'.")
    labels = next((name for name in LABEL_KEYS if name in names), None)
    for name in [images, *([labels] if labels else [])]:
        entries = [entry for entry in cast(ZipFile, content.zip).infolist() if entry.filename in (name, f"{name}.npy")]
        ARRAY_BYTES.check(sum(entry.file_size for entry in entries), f"The array '{name}' in {path}")
        if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
            raise InputError(f"The array '{name}' in {path} is compressed with a method that NumPy never uses.")
    return content[images], content[labels] if labels else None


class TorchDataset(Source):
    """A map-style torch dataset of pictures or points, alone or first in a tuple. Its labels are ignored.

    Pictures are Pillow images or tensors (C, H, W): uint8, or float in [0, 1] or [-1, 1].
    """

    def __init__(self, dataset: Dataset[Any]) -> None:
        self.name = type(dataset).__name__.lower()
        self._dataset = dataset
        try:
            self._count = len(dataset)  # type: ignore[arg-type]
        except TypeError as error:
            raise InputError(f"{type(dataset).__name__} has no length. Give a map-style dataset.") from error
        if not self._count:
            raise InputError(f"The dataset {type(dataset).__name__} is empty.")
        first = [self._item(i) for i in range(min(self._count, 64))]
        self._first = first[0]
        # One scale for all: [-1, 1] if the first items go below zero.
        arrays = [item.reshape(-1) for item in first if isinstance(item, np.ndarray) and item.ndim > 1]
        self._scale = _to_bytes(np.concatenate(arrays), self.name) if arrays else (0.0, 1.0)

    def _item(self, index: int) -> Image.Image | Array:
        item = self._dataset[index]
        value = item[0] if isinstance(item, tuple | list) else item
        if isinstance(value, Image.Image):
            return value
        try:
            array = torch.as_tensor(value).numpy()
        except (TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"Item {index} of {type(self._dataset).__name__} is a {type(value).__name__}. Items must be pictures "
                "or tensors, alone or first in a tuple."
            ) from error
        return array if array.ndim == 1 else _channels_last(array[None], self.name)[0]

    def identity(self) -> None:
        return None

    def survey(self, progress: Progress = no_progress) -> Survey:
        """What the first item is like; all others are expected to be like it."""
        if isinstance(self._first, Image.Image):
            size = self._first.size[::-1]
            return Survey(self._count, Counter({size: self._count}), Counter({self._first.mode: self._count}))
        if self._first.ndim == 1:
            return Survey(self._count, point_size=len(self._first))
        return survey_array(np.broadcast_to(self._first, (self._count, *self._first.shape)), None, ())

    def samples(self) -> Iterator[Sample]:
        for i in range(self._count):
            item = self._item(i)
            if isinstance(item, Image.Image):
                yield Sample(item)
            elif item.ndim == 1:
                yield Sample(item.astype(np.float32))
            else:
                _to_bytes(item, f"Item {i} of {self.name}")
                if self._scale[0] == 0 and item.min() < -HAIR:
                    raise InputError(f"Item {i} of {self.name} has negative values, but the first items have none.")
                yield Sample(_bytes(item, self._scale))


def _bytes(values: Array, scale: tuple[float, float]) -> Array:
    """Pictures as uint8, with the offset and factor from `_to_bytes`."""
    if values.dtype == np.uint8:
        return values
    offset, factor = scale
    scaled: Array = np.rint((values.astype(np.float32) + offset) * factor).clip(0, 255).astype(np.uint8)
    return scaled


def _channels_last(values: Array, name: str) -> Array:
    """Pictures as a view (N, H, W, C)."""
    if values.ndim == 3:
        return values[..., None]
    if values.ndim == 4 and values.shape[3] in (1, 3, 4):
        return values
    if values.ndim == 4 and values.shape[1] in (1, 3, 4):
        return np.moveaxis(values, 1, 3)
    raise InputError(
        f"{name} has shape {values.shape}. Pictures must be (N, H, W), (N, H, W, C) or (N, C, H, W) with 1, 3 or 4 "
        "channels; points must be (N, D)."
    )


def _to_bytes(values: Array, name: str) -> tuple[float, float]:
    """The offset and factor that map pictures to 0..255."""
    if values.dtype == np.uint8:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if np.issubdtype(values.dtype, np.integer) and low >= 0 and high <= 255:
        return 0.0, 1.0
    if low >= -HAIR * high and high <= 1 + HAIR:
        return 0.0, 255.0
    if low >= -1 - HAIR and high <= 1 + HAIR:
        return 1.0, 127.5
    raise InputError(
        f"{name} has values from {low:.9g} to {high:.9g}. Pictures must be uint8 in 0..255, or floats in [0, 1] or "
        "[-1, 1]."
    )
