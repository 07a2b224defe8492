"""Sources: where samples come from, one kind a file.

To add a data set, copy the smallest source (`digits.py`), add a line to a table below and run `make test`: the
contract tests read the tables.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from wgan.data.source import Beside, Source
from wgan.data.sources.archive_members import SUFFIXES, is_archive
from wgan.data.sources.archives import Archives
from wgan.data.sources.array_files import (
    ArrayFiles,
    arrays_of,
    beyond_pillow,
    has_pictures,
    is_frame,
    open_array_set,
)
from wgan.data.sources.arrays import Arrays
from wgan.data.sources.digits import Digits
from wgan.data.sources.folder import Folder, is_run, visible_files
from wgan.data.sources.formats import FORMATS, Format, format_of, numeric_table
from wgan.data.sources.hub import SHORT_NAMES, open_hub
from wgan.data.sources.idx import idx_folder, idx_zip
from wgan.data.sources.layout import picture_suffixes, suffix_of
from wgan.data.sources.numpy_files import open_array_file
from wgan.data.sources.stacked import Stacked
from wgan.data.sources.tables import LoadedTable, LocalTable, is_loaded, is_saved
from wgan.data.sources.torch_dataset import TorchDataset, as_array
from wgan.data.sources.toy import TOYS, Toy
from wgan.data.sources.with_columns import WithColumns, columns_from
from wgan.errors import InputError, unknown
from wgan.system.files import similar
from wgan.system.pictures import POINTER, is_pointer
from wgan.types.sample_spec import Kind

SPLIT = re.compile(r"((train|test|val).*|\d+|.*-\d{5}-of-\d{5})\.parquet")
"""How the hub names tables of pictures. Other tables, like `metadata.parquet`, may describe pictures beside them."""


def _open_path(path: Path, kind: Kind | None) -> Source:
    if path.is_file() and is_pointer(path):
        raise InputError(f"{path} is {POINTER}.")
    if is_run(path):
        raise InputError(f"{path} is a run, not data. To continue it, run the command that made it.")
    if path.is_dir():
        return open_array_set(path, kind) if format_of(path) else _open_folder(path, kind)
    if path.suffix.lower() in (".npy", ".npz"):
        return open_array_file(path, kind)
    if is_archive(path):
        return idx_zip(path) or Archives([path])
    if path.suffix.lower() == ".parquet" and has_pictures(path):
        return LocalTable(path)
    if format_of(path):
        return open_array_set(path, kind)
    others = ", ".join(suffix for entry in FORMATS for suffix in entry.suffixes)
    raise InputError(
        f"{path} is one file. Give the folder that contains it if it is a picture or an idx file; or an archive "
        f"({', '.join(SUFFIXES)}), or a file of arrays or a table ({others})."
    )


def _open_folder(path: Path, kind: Kind | None = None) -> Source:
    if idx := idx_folder(path):
        return idx
    if is_saved(path):
        return LocalTable(path)
    known, every = picture_suffixes(), list[str]()
    for folder, names in visible_files(path):
        every += [f"{folder}/{name}" for name in names]
    pictures = [name for name in every if suffix_of(name) in known]
    tables = [name for name in every if name.endswith(".parquet")]
    if tables and (not pictures or any(SPLIT.fullmatch(Path(name).name) for name in tables)):
        return LocalTable(path) if has_pictures(Path(tables[0])) else _open_arrays(path, every, kind)
    if pictures:
        tiffs = [Path(name) for name in pictures if suffix_of(name) in (".tif", ".tiff")]
        if len(tiffs) == len(pictures) and (kind == "volume" or beyond_pillow(sorted(tiffs))):
            return ArrayFiles(path, _below(path, every), _format("TIFF"), kind)
        return Folder(path)
    if any(format_of(name) for name in every):
        return _open_arrays(path, every, kind)
    if idx := idx_folder(path, below=True):
        return idx
    archives = [entry for entry in sorted(path.iterdir()) if is_archive(entry) and not entry.name.startswith(".")]
    return Archives(archives, path.resolve().name) if archives else Folder(path)


def _open_arrays(path: Path, every: list[str], kind: Kind | None) -> Source:
    """A folder of arrays or of one table: the format that most of its files have."""
    formats = Counter(entry.name for name in every if (entry := format_of(name)))
    ((name, _),) = formats.most_common(1)
    entry, files = _format(name), [file for file in every if (found := format_of(file)) and found.name == name]
    if len(files) == 1 and (entry.many or entry.name == "NumPy"):
        return _open_path(Path(files[0]), kind)
    if entry.name in TABLES:
        shown = ", ".join(sorted(_below(path, files))[:5])
        raise InputError(f"{path} holds {len(files):,} tables: {shown}. Give one of them.")
    return ArrayFiles(path, _below(path, every), entry, kind)


def _format(name: str) -> Format:
    return next(entry for entry in FORMATS if entry.name == name)


def _below(root: Path, files: list[str]) -> list[str]:
    return [Path(file).relative_to(root).as_posix() for file in files]


TABLES = ("CSV", "Parquet")
"""Formats of which a file is a whole data set, never a sample."""

NAMED: dict[str, Callable[[], Source]] = {"digits": Digits}
"""Sources written as a word."""

FAMILIES: dict[str, Callable[[str], Source]] = {
    "hf": open_hub,
    "stacked": lambda base: Stacked(open_source(base)),
    "toy": Toy,
}
"""Sources written as `family:member`."""


def open_source(
    data: Any, kind: Kind | None = None, condition: Sequence[str] = (), beside: Sequence[Beside] = ()
) -> Source:
    """The source for `data`: a word, `family:member`, a path, an array, a tensor, a torch dataset or one of `datasets`.

    `kind` says what the samples of an array are, where its shape alone would say something else. `condition` are the
    columns that a generator is asked for: those of a table of numbers are then no part of its samples. Columns
    `beside` the samples are added to what comes with them.

    Raises:
        InputError: It is none of these, or the path does not exist or cannot be read as data.
    """
    source = _opened(data, kind)
    return (WithColumns(source, beside) if beside else source).asked(condition)


def _opened(data: Any, kind: Kind | None) -> Source:
    if is_loaded(data):
        return LoadedTable(data)
    if is_frame(data):
        return arrays_of(numeric_table(data), "table", kind=kind)
    match data:
        case str() | Path():
            return _open_text(str(data), kind)
        case torch.Tensor():
            return Arrays(as_array(data), kind=kind)
        case np.ma.MaskedArray() if np.ma.is_masked(data):
            raise InputError("Some values of the array are masked. Fill them in, or remove these samples.")
        case np.ndarray():
            return Arrays(data, kind=kind)
        case Dataset():
            return TorchDataset(data, kind)
    raise InputError(
        f"Data cannot be a {type(data).__name__}. Give a name, a path, an array, a tensor, a DataFrame or a Dataset."
    )


def _open_text(text: str, kind: Kind | None) -> Source:
    if text in NAMED:
        return NAMED[text]()
    family, colon, member = text.partition(":")
    if colon and family in FAMILIES:
        return FAMILIES[family](member)
    path = Path(text).expanduser()
    if path.exists():
        return _open_path(path, kind)
    if path.parent.is_dir() and (idx := idx_folder(path.parent, only=path.name)):
        return idx
    if text in SHORT_NAMES:  # after folders, which need no network
        return open_hub(text)
    if any(mark in text for mark in "/\\.~"):
        near = next((parent for parent in path.absolute().parents if parent.is_dir()), path)
        meant = similar(path) or f" The nearest folder that exists is {near.resolve()}."
        raise InputError(f"There is nothing at {path}.{meant}")
    known = [*NAMED, *SHORT_NAMES, *(f"toy:{toy}" for toy in TOYS)]
    raise InputError(
        f"{unknown('data', text, known)} Data may also be a folder, but '{text}' is not one here.{similar(path)}"
    )
