"""Data in memory: NumPy arrays, `.npy` and `.npz` files, tensors, and torch datasets."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import torch
from numpy.lib.npyio import NpzFile
from PIL import Image
from torch.utils.data import Dataset

from wgan.data.source import Sample, Skipped, Source, Survey, file_identity, no_progress
from wgan.data.sources.forms import Form, form_of
from wgan.data.values import stored_type
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, PIXELS, regular
from wgan.system.pictures import Array
from wgan.system.text import counted
from wgan.types import Progress
from wgan.types.sample_spec import Kind, Stored

IMAGE_KEYS = ("images", "train_images", "x_train", "train_x", "x", "data", "samples", "arr_0")
LABEL_KEYS = ("labels", "train_labels", "y_train", "train_y", "y", "targets", "target")
TEST_IMAGE_KEYS = ("test_images", "x_test", "test_x")
TEST_LABEL_KEYS = ("test_labels", "y_test", "test_y")
"""Names of arrays, as MedMNIST, Keras and others give them, in small letters."""

FEWEST_STEPS = 256
"""If float32 has fewer numbers between the lowest and the highest value, it cannot tell them apart."""
SMALLEST = 1e-30
FIRST = 64
"""Items of a dataset that are looked at before it is packed."""
HIGHEST = np.finfo(np.float32).max / 4
"""Of a value: the difference of two is a number still."""


class Arrays(Source):
    """One array of samples of any kind: what its axes mean, `forms` says. Numbers of every type but complex ones.

    Points (N, D) are columns, which `names` may name; networks see each with mean 0 and deviation 1.
    """

    def __init__(
        self,
        values: Array,
        labels: Array | None = None,
        *,
        name: str = "array",
        identity: str = "",
        names: tuple[str, ...] = (),
        tests: Array | None = None,
        kind: Kind | None = None,
        form: Form | None = None,
        skipped: tuple[Skipped, ...] = (),
    ) -> None:
        """`tests` (N,) says which samples the data assign to their test split; `form` how samples lie, where known."""
        self.name = name
        self._identity, self._names, self._skipped = identity, names, skipped
        if values.ndim == 0:
            raise InputError(f"{name} is a single number, not an array of samples.")
        if len(values) == 0:
            raise InputError(f"{name} is empty.")
        if 0 in values.shape:
            raise InputError(f"{name} has shape {values.shape}, so its samples are empty.")
        if values.dtype.kind not in "biuf":
            raise InputError(f"{name} holds {values.dtype}, not numbers.")
        if values.ndim == 2 and values.dtype == np.uint8 and kind is None:
            raise InputError(
                f"{name} has shape {values.shape}: bytes are pictures. Reshape it to (N, H, W), or set data.kind to "
                "picture or points."
            )
        if values.dtype.kind == "f":
            _check_finite(values, name)
        if values.ndim == 2 and kind in (None, "points"):
            values, self._names, lost = _tellable(values, names, name)
            self._skipped = (*skipped, *lost)
        else:
            _check_tellable(values, name)
        self.form = form or form_of(values, name, kind)
        if self.form.flattened:
            values = values.reshape(len(values), *self.form.flattened)
        self._values = arranged(values, self.form)
        if self.form.kind != "points":
            self._size = self._values.shape[1:3] if self.form.kind == "picture" else self._values.shape[2:]
            PIXELS.check(math.prod(self._size), f"Each {self.form.kind} in {name}")
        ends = (float(values.min()), float(values.max())) if values.dtype.kind in "iu" else (0.0, 0.0)
        self._dtype: Stored = "float32" if self.form.kind == "points" else stored_type(values.dtype, *ends)
        self._tests = tests
        self._label_names: tuple[str, ...] = ()
        self._labels: Array | None = None
        self._notes = self.form.notes
        if labels is not None:
            self._label(labels)

    def _label(self, labels: Array) -> None:
        count = len(self._values)
        labels = labels.reshape(-1) if labels.size == count else labels  # CIFAR's are (N, 1)
        if labels.ndim == 2 and len(labels) == count and _is_one_hot(labels):
            labels = labels.argmax(1)
        if labels.shape != (count,):
            raise InputError(f"{self.name} has {count} samples and labels of shape {labels.shape}.")
        if labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels)):
            self._notes += ("its labels are continuous, not classes, and are left out",)
            return
        kinds, self._labels = np.unique(labels, return_inverse=True)
        self._label_names = tuple(str(int(kind) if labels.dtype.kind == "f" else kind) for kind in kinds)

    def label_names(self) -> tuple[str, ...]:
        return self._label_names

    def identity(self) -> str:
        if not self._identity:
            digest = hashlib.blake2b(np.ascontiguousarray(self._values).tobytes(), digest_size=16)
            for column in (self._labels, self._tests):
                digest.update(b"" if column is None else column.tobytes())
            digest.update(repr((self._names, self._label_names)).encode())
            self._identity = f"{self._values.shape} {self._values.dtype} {digest.hexdigest()}"
        return f"{self._identity} {self.form.kind} {self.form.channel_axis}"

    def survey(self, progress: Progress = no_progress) -> Survey:
        count, notes = len(self._values), self._notes
        names = self._label_names
        labels = Counter(names[label] for label in self._labels) if self._labels is not None else Counter[str]()
        if self.form.kind == "points":
            size = self._values.shape[1]
            return Survey(
                count,
                labels=labels,
                point_size=size,
                kind="points",
                dtype="float32",
                names=self._names,
                standardise=True,
                notes=notes,
                skipped=self._skipped,
            )
        channels = self._values.shape[3 if self.form.kind == "picture" else 1]
        modes = Counter({mode: count}) if (mode := self._mode(channels)) else Counter[str]()
        return Survey(
            count,
            Counter({self._size: count}),
            modes,
            labels,
            self._skipped,
            kind=self.form.kind,
            channels=None if modes else channels,
            dtype=self._dtype,
            names=self._names,
            notes=notes,
        )

    def _mode(self, channels: int) -> str | None:
        """Pillow's name of pictures that it can convert; of others there are only channels."""
        if self.form.kind != "picture" or self._dtype != "uint8":
            return None
        return {1: "L", 3: "RGB", 4: "RGBA"}.get(channels)

    def samples(self) -> Iterator[Sample | Skipped]:
        for i, value in enumerate(self._values):
            label = None if self._labels is None else int(self._labels[i])
            test = self._tests is not None and bool(self._tests[i])
            yield Sample(value if value.dtype == self._dtype else value.astype(self._dtype), label, test)
        yield from self._skipped


def arranged(values: Array, form: Form) -> Array:
    """Samples (N, ...) of a form as a view (N, D), (N, H, W, C), or (N, C, *places)."""
    if form.kind == "points":
        return values
    place = -1 if form.kind == "picture" else 1
    if form.channel_axis is None:
        return np.expand_dims(values, place)
    return np.moveaxis(values, form.channel_axis, place)


def _is_one_hot(labels: Array) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all())


def _lost_in_float32(values: Array) -> bool:
    """Whether float32 leaves few different values: a small span far from 0, or numbers next to nothing."""
    if values.dtype.itemsize <= 2 or values.dtype == np.float32:
        return False
    low, high = float(values.min()), float(values.max())
    largest = max(abs(low), abs(high))
    if not high > low:
        return False
    return largest < SMALLEST or high - low < FEWEST_STEPS * largest * float(np.finfo(np.float32).eps)


def _check_tellable(values: Array, name: str) -> None:
    if _lost_in_float32(values):
        raise InputError(
            f"The values of {name} go from {values.min():.12g} to {values.max():.12g}, between which float32 has too "
            "few numbers. Subtract an offset, or rescale them."
        )


def _tellable(values: Array, names: tuple[str, ...], name: str) -> tuple[Array, tuple[str, ...], tuple[Skipped, ...]]:
    """The columns (N, D) that float32 can hold, their names, and the columns that it cannot."""
    columns = range(values.shape[1])
    bad = [column for column in columns if _lost_in_float32(values[:, column])]
    if not bad:
        return values, names, ()
    if len(bad) == len(columns):
        raise InputError(
            f"Float32 has too few numbers for the values of {name}, from {values.min():.12g} to {values.max():.12g}. "
            "Subtract an offset, or rescale them."
        )
    kept = [column for column in columns if column not in bad]
    known = names or tuple(f"column {column}" for column in columns)
    why = "float32 has too few numbers for its values: subtract an offset, or rescale it"
    return values[:, kept], tuple(known[column] for column in kept), tuple(Skipped(known[c], why) for c in bad)


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


def open_array_file(path: Path, kind: Kind | None = None) -> Arrays:
    """The samples in a `.npy` or `.npz` file, with the labels and the test split if an `.npz` has them.

    Raises:
        InputError: It is no array file, holds pickled objects (which are never loaded), or uses unknown names.
    """
    identity = file_identity(path.parent, [path.name])
    try:
        regular(path)
        if path.suffix.lower() == ".npy":
            chosen = Chosen(np.lib.format.open_memmap(path, mode="r"))  # never objects
        else:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
                chosen = _chosen(content, path)
        values = chosen.values
        if not isinstance(values, np.ndarray) or values.ndim == 0:
            raise InputError(f"{path} holds no array of samples.")
        return Arrays(
            values, chosen.labels, name=path.stem, identity=identity, kind=kind, tests=chosen.tests, skipped=chosen.left
        )
    except InputError:
        raise
    except Exception as error:  # NumPy raises many kinds for truncated files or other formats
        raise InputError(f"Cannot read {path} as an array: {error or type(error).__name__}") from error


class Chosen(NamedTuple):
    """What an archive of arrays holds."""

    values: Array
    labels: Array | None = None
    tests: Array | None = None
    left: tuple[Skipped, ...] = ()


def _chosen(content: NpzFile, path: Path) -> Chosen:
    """Samples and labels by the names that data sets use, and a test split beside the training one if there is one."""
    names = list(content)
    entries = {entry.filename.removesuffix(".npy"): entry for entry in cast(ZipFile, content.zip).infolist()}

    def shape(name: str) -> tuple[int, ...]:
        with cast(ZipFile, content.zip).open(entries[name]) as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            found: tuple[int, ...] = read(file)[0]
            return found

    def load(name: str) -> Array:
        entry = entries[name]
        ARRAY_BYTES.check(entry.file_size, f"The array '{name}' in {path}")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise InputError(f"The array '{name}' in {path} is compressed with a method that NumPy never uses.")
        array: Array = content[name]
        return array

    def first(keys: Sequence[str]) -> str | None:
        return next((name for key in keys for name in names if name.lower() == key), None)

    alone = names[0] if len(names) == 1 and names[0].lower() not in LABEL_KEYS else None
    images = first(IMAGE_KEYS) or alone
    if images is None:
        raise InputError(f"{path} holds {', '.join(names)}. Name the samples 'images' and the labels 'labels'.")
    labels, test_images, test_labels = first(LABEL_KEYS), first(TEST_IMAGE_KEYS), first(TEST_LABEL_KEYS)
    if images == "arr_0" and "arr_1" in names:  # savez without names: samples and labels, or samples twice
        second, count = shape("arr_1"), shape("arr_0")
        labels, test_images = ("arr_1", None) if len(second) <= 2 and second[:1] == count[:1] else (None, "arr_1")
        test_images = test_images if second[1:] == count[1:] else None
    values, known = load(images), None if labels is None else load(labels)
    used, tests = {images, labels}, None
    if test_images and (labels is None) == (test_labels is None) and shape(test_images)[1:] == values.shape[1:]:
        held = load(test_images)
        if held.dtype != values.dtype:  # in other units
            raise InputError(
                f"In {path}, {images} are {values.dtype} and {test_images} {held.dtype}: give them one type."
            )
        tests = np.arange(len(values) + len(held)) >= len(values)
        values = np.concatenate([values, held])
        if known is not None and test_labels is not None:
            known = np.concatenate([known, load(test_labels)])
        used |= {test_images, test_labels}
    left = tuple(Skipped(name, "an array that is neither samples nor labels") for name in names if name not in used)
    return Chosen(values, known, tests, left)


TWICE = 32
"""So many items are read twice, to see whether they are drawn at random."""
DRAWN = (
    "The items of {} are others each time they are read. Each is drawn once, when the data are packed, and kept: it is "
    "the same in every epoch."
)
MIRRORED = " Mirroring is a setting, data.flip, which draws anew."


class TorchDataset(Source):
    """A map-style torch dataset of samples, alone or first in a tuple. Its labels are ignored.

    Samples are Pillow images, or tensors: (C, H, W), (H, W) or (H, W, C) of pictures, and other shapes as in arrays.
    """

    def __init__(self, dataset: Dataset[Any], kind: Kind | None = None) -> None:
        self.name = type(dataset).__name__.lower()
        self._dataset, self._kind = dataset, kind
        try:
            self._count = len(dataset)  # type: ignore[arg-type]
        except TypeError as error:
            raise InputError(f"{type(dataset).__name__} has no length. Give a map-style dataset.") from error
        if not self._count:
            raise InputError(f"The dataset {type(dataset).__name__} is empty.")
        first = [self._item(i) for i in range(min(self._count, FIRST))]
        self._first = first[0]
        self.redraws = any(_differ(item, self._item(i)) for i, item in enumerate(first[:TWICE]))
        self._like: Arrays | None = None
        if isinstance(self._first, np.ndarray):
            same = [item for item in first if isinstance(item, np.ndarray) and item.shape == self._first.shape]
            self._like = Arrays(np.stack(same), name=self.name, kind=kind)
            self._dtype = self._like.survey().dtype

    def _item(self, index: int) -> Image.Image | Array:
        item = self._dataset[index]
        value = item[0] if isinstance(item, tuple | list) else item
        if isinstance(value, Image.Image):
            return value
        try:
            return as_array(torch.as_tensor(value))
        except (TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"Item {index} of {type(self._dataset).__name__} is a {type(value).__name__}. Items must be pictures "
                "or tensors, alone or first in a tuple."
            ) from error

    def identity(self) -> None:
        return None

    def survey(self, progress: Progress = no_progress) -> Survey:
        """What the first items are like; all others are expected to be like them."""
        survey = self._survey()
        if not self.redraws:
            return survey
        picture = survey.kind == "picture" and survey.point_size is None
        return replace(survey, notes=(*survey.notes, DRAWN.format(self.name) + MIRRORED * picture))

    def _survey(self) -> Survey:
        if isinstance(self._first, Image.Image):
            size = self._first.size[::-1]
            return Survey(self._count, Counter({size: self._count}), Counter({self._first.mode: self._count}))
        assert self._like is not None
        survey = self._like.survey()
        return replace(
            survey,
            count=self._count,
            sizes=Counter(dict.fromkeys(survey.sizes, self._count)),
            modes=Counter(dict.fromkeys(survey.modes, self._count)),
        )

    def samples(self) -> Iterator[Sample]:
        for i in range(self._count):
            item = self._item(i)
            if isinstance(item, Image.Image) or self._like is None:
                yield Sample(item)
                continue
            if item.dtype.kind == "f" and not (np.abs(item) <= HIGHEST).all():
                raise InputError(f"Item {i} of {self.name} holds NaN, infinite or too large values. Leave it out.")
            yield Sample(_as_stored(arranged(item[None], self._like.form)[0], self._dtype, f"Item {i} of {self.name}"))


def _differ(one: Image.Image | Array, other: Image.Image | Array) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    return one.shape != other.shape or one.tobytes() != other.tobytes()


def _as_stored(item: Array, dtype: Stored, what: str) -> Array:
    if item.dtype == dtype:
        return item
    if dtype != "float32":
        limits = np.iinfo(dtype)
        if item.dtype.kind == "f" or item.min() < limits.min or item.max() > limits.max:
            raise InputError(
                f"{what} has {item.dtype} values from {item.min():g} to {item.max():g}, and the first items fit "
                f"{dtype}. Give all of them one type, such as float32."
            )
    return item.astype(dtype)


def as_array(tensor: torch.Tensor) -> Array:
    """A tensor as an array; bfloat16, which NumPy does not have, as float32."""
    if tensor.layout != torch.strided:
        raise InputError("The tensor is sparse. Give its to_dense().")
    tensor = tensor.detach().cpu()
    array: Array = (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
    return array
