"""`.npy` and `.npz` files of one sample each, as folders of them hold."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np

from wgan.data.sources.formats.content import Content, Entry, choose, native, reading
from wgan.errors import InputError
from wgan.system.limits import MEMBERS
from wgan.system.pictures import Array


def read(path: Path) -> Content:
    """The array of the file. Pickled objects are never loaded."""
    with reading(path, "an array of NumPy"):
        values, passed_over = (_alone(path), ()) if path.suffix.lower() == ".npy" else _chosen(path)
        if values.dtype.kind not in "biuf" or values.size == 0:
            raise InputError(f"{path} holds {values.dtype} of shape {values.shape}, no numbers of a sample.")
        return Content(native(values), passed_over=passed_over, many=False)


def _alone(path: Path) -> Array:
    stored = np.lib.format.open_memmap(path, mode="r")  # never objects, and no more than there is
    Entry("array", stored.shape, stored.dtype).check(path)
    return np.array(stored)


def _chosen(path: Path) -> tuple[Array, tuple[tuple[str, str], ...]]:
    with ZipFile(path) as archive:
        members = archive.infolist()
        MEMBERS.check(len(members), path)
        entries = []
        for member in members:
            name = member.filename.removesuffix(".npy")
            if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                entries.append(Entry(name, (), None, "compressed with a method that NumPy never uses"))
                continue
            with archive.open(member) as file:
                version = np.lib.format.read_magic(file)
                header = np.lib.format.read_array_header_1_0 if version == (1, 0) else (
                    np.lib.format.read_array_header_2_0
                )  # fmt: skip
                shape, _, kind = header(file)
            entries.append(Entry(name, shape, kind, "" if kind.kind in "biuf" else f"{kind}, not numbers"))
        plain = [entry for entry in entries if entry.plain]
        if len(plain) == 1:  # a signal may have one axis
            samples, rest = plain[0], tuple((e.name, e.reason or "empty") for e in entries if e is not plain[0])
            samples.check(path)
        else:
            samples, labels, rest, beside = choose(path, entries)
            for entry in (*([labels] if labels else []), *beside):
                rest = (*rest, (entry.name, "a value for each row, but the file is one sample"))
        with archive.open(next(m for m in members if m.filename.removesuffix(".npy") == samples.name)) as file:
            values: Array = np.lib.format.read_array(file, allow_pickle=False)
        return values, rest
