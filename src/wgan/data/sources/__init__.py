"""Sources: where samples come from, one kind a file.

To add a data set, copy the smallest source (`digits.py`), add a line to a table below and run `make test`: the
contract tests read the tables.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from wgan.data.source import Source
from wgan.data.sources.archive_members import SUFFIXES, is_archive
from wgan.data.sources.archives import Archives
from wgan.data.sources.arrays import Arrays, TorchDataset, open_array_file
from wgan.data.sources.digits import Digits
from wgan.data.sources.folder import Folder, is_run, visible_files
from wgan.data.sources.hub import SHORT_NAMES, open_hub
from wgan.data.sources.idx import idx_folder, idx_zip
from wgan.data.sources.layout import picture_suffixes, suffix_of
from wgan.data.sources.stacked import Stacked
from wgan.data.sources.tables import LocalTable, is_saved
from wgan.data.sources.toy import TOYS, Toy
from wgan.errors import InputError, unknown

SPLIT = re.compile(r"((train|test|val).*|\d+|.*-\d{5}-of-\d{5})\.parquet")
"""How the hub names tables of pictures. Other tables, like `metadata.parquet`, may describe pictures beside them."""


def _open_path(path: Path) -> Source:
    if is_run(path):
        raise InputError(f"{path} is a run, not data. To continue it, run the command that made it.")
    if path.is_dir():
        return _open_folder(path)
    if path.suffix in (".npy", ".npz"):
        return open_array_file(path)
    if is_archive(path):
        return idx_zip(path) or Archives([path])
    if path.suffix == ".parquet":
        return LocalTable(path)
    raise InputError(
        f"{path} is one file. Give the folder that contains it if it is a picture or an idx file; or a .npy, .npz or "
        f".parquet file, or an archive ({', '.join(SUFFIXES)})."
    )


def _open_folder(path: Path) -> Source:
    if idx := idx_folder(path):
        return idx
    if is_saved(path):
        return LocalTable(path)
    known, pictures, tables = picture_suffixes(), False, []
    for _, names in visible_files(path):
        pictures = pictures or any(suffix_of(name) in known for name in names)
        tables += [name for name in names if name.endswith(".parquet")]
    if tables and (not pictures or any(SPLIT.fullmatch(name) for name in tables)):
        return LocalTable(path)
    if pictures:
        return Folder(path)
    if idx := idx_folder(path, below=True):
        return idx
    archives = [entry for entry in sorted(path.iterdir()) if is_archive(entry) and not entry.name.startswith(".")]
    return Archives(archives, path.resolve().name) if archives else Folder(path)


NAMED: dict[str, Callable[[], Source]] = {"digits": Digits}
"""Sources written as a word."""

FAMILIES: dict[str, Callable[[str], Source]] = {
    "hf": open_hub,
    "stacked": lambda base: Stacked(open_source(base)),
    "toy": Toy,
}
"""Sources written as `family:member`."""


def open_source(data: Any) -> Source:
    """The source for `data`: a word, `family:member`, a path, an array, a tensor or a torch dataset.

    Raises:
        InputError: It is none of these, or the path does not exist or cannot be read as data.
    """
    match data:
        case str() | Path():
            return _open_text(str(data))
        case torch.Tensor():
            return Arrays(data.detach().cpu().numpy())
        case np.ndarray():
            return Arrays(data)
        case Dataset():
            return TorchDataset(data)
    raise InputError(f"Data cannot be a {type(data).__name__}. Give a name, a path, an array, a tensor or a Dataset.")


def _open_text(text: str) -> Source:
    if text in NAMED:
        return NAMED[text]()
    family, colon, member = text.partition(":")
    if colon and family in FAMILIES:
        return FAMILIES[family](member)
    path = Path(text).expanduser()
    if path.exists():
        return _open_path(path)
    if path.parent.is_dir() and (idx := idx_folder(path.parent, only=path.name)):
        return idx
    if text in SHORT_NAMES:  # after folders, which need no network
        return open_hub(text)
    if any(mark in text for mark in "/\\.~"):
        near = next((parent for parent in path.absolute().parents if parent.is_dir()), path)
        raise InputError(f"There is nothing at {path}. The nearest folder that exists is {near}.")
    known = [*NAMED, *SHORT_NAMES, *(f"toy:{toy}" for toy in TOYS)]
    raise InputError(f"{unknown('data', text, known)} Data may also be a folder, but '{text}' is not one here.")
