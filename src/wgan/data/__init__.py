"""Data: where training samples come from, one source per file.

To add a data set: copy the smallest source here (`digits.py`), add a line to a table below, run `make test`;
the contract tests pick it up from the table.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from wgan.data.archives import Archives
from wgan.data.arrays import Arrays, TorchDataset
from wgan.data.cache import cache_folder
from wgan.data.digits import Digits
from wgan.data.folder import Folder
from wgan.data.hub import SHORT_NAMES, open_hub
from wgan.data.idx import Idx
from wgan.data.pack import Pack, read_pack
from wgan.data.packing import find_pack, make_pack, open_pack
from wgan.data.paths import open_path
from wgan.data.pixels import as_samples, to_bytes, to_samples, to_unit_range
from wgan.data.shape import form, target_shape
from wgan.data.source import Sample, Skipped, Source, Survey, plain
from wgan.data.stacked import Stacked, unstacked
from wgan.data.toy import MIXTURES, TOYS, Mixture, Toy
from wgan.errors import InputError, unknown
from wgan.pictures import Array

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


__all__ = [
    "FAMILIES",
    "MIXTURES",
    "NAMED",
    "Archives",
    "Array",
    "Arrays",
    "Digits",
    "Folder",
    "Idx",
    "Mixture",
    "Pack",
    "Sample",
    "Skipped",
    "Source",
    "Stacked",
    "Survey",
    "Toy",
    "as_samples",
    "cache_folder",
    "find_pack",
    "form",
    "make_pack",
    "open_pack",
    "open_source",
    "plain",
    "read_pack",
    "target_shape",
    "to_bytes",
    "to_samples",
    "to_unit_range",
    "unstacked",
]
