"""Map-style torch datasets, and tensors as arrays."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from wgan.data.source import Sample, Source, Survey, no_progress
from wgan.data.sources.arrays import HIGHEST, Arrays, arranged
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
