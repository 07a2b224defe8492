"""Map-style torch datasets, and tensors as arrays."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from wgan.data.columns import LABEL, MOST_CLASSES
from wgan.data.source import Beside, Sample, Source, Survey, no_progress
from wgan.data.sources.arrays import HIGHEST, Arrays, arranged
from wgan.data.sources.cells import columns_in, columns_of
from wgan.errors import InputError
from wgan.system.pictures import Array
from wgan.types import Progress
from wgan.types.sample_spec import Kind, Stored

FIRST = 64
"""Items of a dataset that are looked at before it is packed."""
TWICE = 32
"""So many items are read twice, to see whether they are drawn at random."""
DRAWN = (
    "The items of {} are others each time they are read. Each is drawn once, when the data are packed, and kept: it is "
    "the same in every epoch."
)
MIRRORED = " Mirroring is a setting, data.flip, which draws anew."


class TorchDataset(Source):
    """A map-style torch dataset of samples, alone or first in a tuple.

    Samples are Pillow images, or tensors: (C, H, W), (H, W) or (H, W, C) of pictures, and other shapes as in arrays.
    What is second in a tuple comes beside the sample as `label`, whose names are in `dataset.classes` if it has those:
    a class (a whole number, a truth value, a text), a number, several of them (`label_0`, `label_1`) or several labels
    (a vector of 0 and 1). If it is a dict, its keys are the names.
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
        self._second: list[object] | None = None
        first = [self._item(i)[0] for i in range(min(self._count, FIRST))]
        self._first = first[0]
        self.redraws = any(_differ(item, self._item(i)[0]) for i, item in enumerate(first[:TWICE]))
        self._like: Arrays | None = None
        if isinstance(self._first, np.ndarray):
            same = [item for item in first if isinstance(item, np.ndarray) and item.shape == self._first.shape]
            self._like = Arrays(np.stack(same), name=self.name, kind=kind)
            self._dtype = self._like.survey().dtype

    def _item(self, index: int) -> tuple[Image.Image | Array, object]:
        """A sample, and what comes beside it: None if nothing does."""
        item = self._dataset[index]
        value, second = item, None
        if isinstance(item, tuple | list):
            value, second = item[0], item[1] if isinstance(item, tuple) and len(item) > 1 else None
        if isinstance(value, Image.Image):
            return value, second
        try:
            return as_array(torch.as_tensor(value)), second
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

    def beside(self) -> tuple[Beside, ...]:
        if self._second is None:
            for _ in self.samples():
                pass
        assert self._second is not None
        cells = [_cell(value) for value in self._second]
        if all(cell is None for cell in cells):
            return ()
        if any(isinstance(cell, dict) for cell in cells):
            rows = [cell if isinstance(cell, dict) else {} for cell in cells]
            names = dict.fromkeys(str(name) for row in rows for name in row)
            columns = [(name, [row.get(name) for row in rows]) for name in names]
        else:
            columns = [(LABEL, cells)]
        return tuple(found for name, values in columns for found in self._columns(name, values))

    def _columns(self, name: str, cells: list[object]) -> tuple[Beside, ...]:
        if other := next((cell for cell in cells if isinstance(cell, _Other)), None):
            return (Beside(name, reason=f"{other.what}, neither a number nor a text nor few of them"),)
        names = getattr(self._dataset, "classes", None)
        if name == LABEL and isinstance(names, list | tuple) and all(isinstance(each, str) for each in names):
            known = {cell for cell in cells if type(cell) is int}
            if known <= {*range(len(names))} and all(cell is None or type(cell) is int for cell in cells) and known:
                places = [-1 if cell is None else cell for cell in cells]
                return (Beside(name, np.array(places, np.int64), tuple(names)),)
        if all(isinstance(cell, int) and abs(cell) < 2**63 for cell in cells):
            return columns_in(name, np.array(cells))
        return columns_of(name, cells)

    def samples(self) -> Iterator[Sample]:
        # What comes beside a sample is kept on the way: a dataset that draws at random gives another one when asked.
        second: list[object] = []
        self._second = None
        for i in range(self._count):
            item, beside = self._item(i)
            second.append(_cell(beside))
            if i == self._count - 1:
                self._second = second
            if isinstance(item, Image.Image) or self._like is None:
                yield Sample(item)
                continue
            if item.dtype.kind == "f" and not (np.abs(item) <= HIGHEST).all():
                raise InputError(f"Item {i} of {self.name} holds NaN, infinite or too large values. Leave it out.")
            yield Sample(_as_stored(arranged(item[None], self._like.form)[0], self._dtype, f"Item {i} of {self.name}"))


def _cell(value: object) -> object:
    """A value beside a sample as plain numbers, texts, or a list of those; large ones as what they are called."""
    if isinstance(value, Mapping):
        return {str(name): _cell(each) for name, each in value.items()}
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        shape = tuple(value.shape)
        few = len(shape) <= 1 and math.prod(shape) <= MOST_CLASSES
        return _cell(value.tolist()) if few else _Other(f"an array of shape {shape}")
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, list | tuple):
        return (
            [_cell(each) for each in value]
            if len(value) <= MOST_CLASSES
            else _Other(f"a list of {len(value):,} values")
        )
    return value if value is None or isinstance(value, str | int | float) else _Other(f"a {type(value).__name__}")


@dataclass(frozen=True)
class _Other:
    """In place of what cannot be asked for: it may be large, and is not kept."""

    what: str


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
