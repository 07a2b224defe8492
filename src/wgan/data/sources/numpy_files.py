"""NumPy's files: `.npy` with one array, `.npz` with several, whose names say what they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
from numpy.lib.npyio import NpzFile

from wgan.data.columns import LABEL
from wgan.data.source import Beside, Skipped, file_identity
from wgan.data.sources.arrays import Arrays
from wgan.data.sources.cells import columns_in
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, regular
from wgan.system.pictures import Array
from wgan.types.sample_spec import Kind

IMAGE_KEYS = ("images", "train_images", "x_train", "train_x", "x", "data", "samples", "arr_0")
LABEL_KEYS = ("labels", "train_labels", "y_train", "train_y", "y", "targets", "target")
TEST_IMAGE_KEYS = ("test_images", "x_test", "test_x")
TEST_LABEL_KEYS = ("test_labels", "y_test", "test_y")
"""Names of arrays, as MedMNIST, Keras and others give them, in small letters."""


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
            values,
            chosen.labels,
            name=path.stem,
            identity=identity,
            kind=kind,
            tests=chosen.tests,
            skipped=chosen.left,
            beside=chosen.beside,
            labels_name=chosen.labels_name,
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
    beside: tuple[Beside, ...] = ()
    labels_name: str = LABEL


def _chosen(content: NpzFile, path: Path) -> Chosen:
    """Samples and labels by the names that data sets use, and a test split beside the training one if there is one."""
    names = list(content)
    entries = {entry.filename.removesuffix(".npy"): entry for entry in cast(ZipFile, content.zip).infolist()}

    def header(name: str) -> tuple[tuple[int, ...], str]:
        """The shape and the kind of the type of an array."""
        with cast(ZipFile, content.zip).open(entries[name]) as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            found, _, dtype = read(file)
            return found, dtype.kind

    def shape(name: str) -> tuple[int, ...]:
        return header(name)[0]

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
    beside: list[Beside] = []
    for name in (name for name in names if name not in used):
        try:
            (number, *others), kind = header(name)
        except (ValueError, KeyError):  # no array, or a single number
            continue
        if number == len(values) and len(others) <= 1 and kind in "biufUS":
            beside += columns_in(name, load(name))
            used.add(name)
    left = tuple(Skipped(name, "an array that is neither samples nor labels") for name in names if name not in used)
    return Chosen(values, known, tests, left, tuple(beside), labels or LABEL)
