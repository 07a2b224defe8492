"""MATLAB's files: version 7.3 (which is HDF5) read with h5py, 5 to 7 here, 4 with SciPy. Objects stay shut."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from wgan.data.sources.formats import hdf5, matlab5
from wgan.data.sources.formats.content import Chosen, Content, Entry, choose, each, finish, needed, reading
from wgan.errors import InputError
from wgan.system.limits import ARRAY_BYTES, MEMBERS
from wgan.system.pictures import Array

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
CLASSES = {
    "double": "f8", "single": "f4", "logical": "?", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "int64": "i8", "uint64": "u8",
}  # fmt: skip
"""MATLAB's names of numbers."""


def read(path: Path) -> Content:
    """The samples by the usual names, else the largest array.

    Rows are samples where there are two axes. Of more, MATLAB counts samples by the last, which becomes the first:
    (H, W, C, N) is read as (N, H, W, C). Labels decide where they fit only one axis.
    """
    with reading(path, "a file of MATLAB"):
        with path.open("rb") as file:
            start = file.read(520)
        if HDF5_MAGIC in (start[:8], start[512:]):
            return _version_7_3(path)
        if matlab5.is_version_5(start):
            return _version_5(path)
        if 0 in start[:4]:
            return _version_4(path)
        raise InputError(f"{path} does not begin as a file of MATLAB does. Copy or download it again.")


def _version_5(path: Path) -> Content:
    with path.open("rb") as file:
        found = {variable.entry.name: variable for variable in islice(matlab5.variables(file), MEMBERS.value)}
        chosen = choose(path, [variable.entry for variable in found.values()], first=False)
        samples = matlab5.load(file, found[chosen.samples.name])
        labels = matlab5.load(file, found[chosen.labels.name]) if chosen.labels else None
        beside = each(chosen.beside, lambda entry: matlab5.load(file, found[entry.name]), path)
    return _samples_first(path, chosen, samples, labels, beside)


def _version_4(path: Path) -> Content:
    scipy = needed(path, "scipy.io", "scipy")
    ARRAY_BYTES.check(path.stat().st_size, path)
    with path.open("rb") as file:  # given a name, SciPy would try others
        found = [
            Entry(name, tuple(shape), np.dtype(CLASSES[kind]) if kind in CLASSES else None,
                  "" if kind in CLASSES else f"{kind}, not an array of numbers")
            for name, shape, kind in scipy.whosmat(file)
        ]  # fmt: skip
        chosen = choose(path, found, first=False)
        file.seek(0)
        wanted = [entry.name for entry in (chosen.samples, chosen.labels, *chosen.beside) if entry]
        loaded = scipy.loadmat(file, variable_names=wanted)
    labels = np.asarray(loaded[chosen.labels.name]) if chosen.labels else None
    beside = each(chosen.beside, lambda entry: np.asarray(loaded[entry.name]), path)
    return _samples_first(path, chosen, np.asarray(loaded[chosen.samples.name]), labels, beside)


def _version_7_3(path: Path) -> Content:
    library = needed(path, "h5py")
    with library.File(path, "r") as file:
        chosen = choose(path, list(_entries(library, file, path)), first=False)

        def array(entry: Entry) -> Array:
            values = hdf5.load(library, file, entry._replace(shape=entry.shape[::-1]), path).T
            return values.astype(bool) if _class(file[entry.name]) == "logical" else values

        labels = array(chosen.labels) if chosen.labels else None
        return _samples_first(path, chosen, array(chosen.samples), labels, each(chosen.beside, array, path))


def _entries(library: Any, file: Any, path: Path) -> Iterator[Entry]:
    """With the axes in MATLAB's order, which HDF5 turns around."""
    for entry in hdf5.entries(library, file, path):
        if entry.name.startswith("#"):  # the pieces of cells
            continue
        kind = "" if entry.reason else _class(file[entry.name])
        if kind and kind not in CLASSES:
            entry = entry._replace(reason=f"{kind}, not an array of numbers")
        elif not entry.reason and "MATLAB_empty" in file[entry.name].attrs:
            entry = entry._replace(reason="empty")
        yield entry._replace(shape=entry.shape[::-1])


def _class(item: Any) -> str:
    name = item.attrs.get("MATLAB_class", b"")
    return name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)


def _samples_first(
    path: Path, chosen: Chosen, values: Array, labels: Array | None, beside: Sequence[Array | str]
) -> Content:
    last = values.ndim - 1
    axis = 0 if values.ndim == 2 else last
    if labels is not None:
        fitting = [i for i in (axis, last, *range(values.ndim)) if values.shape[i] == labels.size]
        axis = fitting[0]
    return finish(path, chosen, np.moveaxis(values, axis, 0), labels, beside)
