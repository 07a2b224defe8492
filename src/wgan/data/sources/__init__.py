"""Sources: where samples come from, one kind a file.

To add a data set: copy the smallest source here (`digits.py`), add a line to a table below, run `make test`;
the contract tests pick it up from the table.
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
from wgan.data.sources.file_names import picture_suffixes, suffix_of, visible_files
from wgan.data.sources.folder import Folder
from wgan.data.sources.hub import SHORT_NAMES, open_hub
from wgan.data.sources.idx import Idx
from wgan.data.sources.stacked import Stacked
from wgan.data.sources.tables import is_saved, open_parquet, open_saved
from wgan.data.sources.toy import TOYS, Toy
from wgan.errors import InputError, unknown

SPLIT = re.compile(r"((train|test|val).*|\d+|.*-\d{5}-of-\d{5})\.parquet")
"""How the hub names tables of pictures. Others may only tell of pictures beside them (`metadata.parquet`)."""


def open_path(path: Path) -> Source:
    """The source at a path where there is something.

    Raises:
        InputError: it is a run, or a file of no kind that can be read.
    """
    if (path / "config.toml").exists() and (path / "checkpoints").is_dir():
        raise InputError(f"{path} is a run, not data. To go on with it, give the command that made it.")
    if path.is_dir():
        return _open_folder(path)
    if path.suffix in (".npy", ".npz"):
        return open_array_file(path)
    if is_archive(path):
        return Archives([path])
    if path.suffix == ".parquet":
        return open_parquet(path)
    raise InputError(
        f"{path} is one file. Give the folder it lies in, for pictures or idx files; or a .npy, a .npz, a .parquet "
        f"or an archive ({', '.join(SUFFIXES)})."
    )


def _open_folder(path: Path) -> Source:
    if Idx.matches(path):
        return Idx(path)
    if is_saved(path):
        return open_saved(path)
    known, pictures, tables = picture_suffixes(), False, []
    for _, names in visible_files(path):
        pictures = pictures or any(suffix_of(name) in known for name in names)
        tables += [name for name in names if name.endswith(".parquet")]
    if tables and (not pictures or any(SPLIT.fullmatch(name) for name in tables)):
        return open_parquet(path)
    if pictures:
        return Folder(path)
    archives = [entry for entry in sorted(path.iterdir()) if is_archive(entry) and not entry.name.startswith(".")]
    return Archives(archives, path.resolve().name) if archives else Folder(path)


NAMED: dict[str, Callable[[], Source]] = {
    "digits": Digits,
}
"""Sources that are a word."""


FAMILIES: dict[str, Callable[[str], Source]] = {
    "hf": open_hub,
    "stacked": lambda base: Stacked(open_source(base)),
    "toy": Toy,
}
"""Sources that are written `family:member`."""


def open_source(data: Any) -> Source:
    """The source that `data` names or is: a word, `family:member`, a path, an array, a tensor, a torch dataset.

    Raises:
        InputError: it is none of them, or there is nothing at that path.
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
        return open_path(path)
    if text in SHORT_NAMES:  # a folder of that name comes first: it needs no network
        return open_hub(text)
    if any(mark in text for mark in "/\\.~"):
        near = next((parent for parent in path.absolute().parents if parent.is_dir()), path)
        raise InputError(f"There is nothing at {path}. The nearest folder that exists is {near}.")
    known = [*NAMED, *SHORT_NAMES, *(f"toy:{toy}" for toy in TOYS)]
    raise InputError(f"{unknown('data', text, known)} Data may also be a folder of pictures; '{text}' is none here.")
