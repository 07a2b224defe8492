"""Defects of the data."""

from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from exam_parts.data import Data
from exam_parts.question import Defect, pictures, points
from wgan.data import Array

FEW = ("dataset-too-small", "critic-overfitting")
UNSCALED = ("data-not-normalised", "data-outside-generator-range")
NARROW = ("data-narrow", "data-not-normalised")
ALIKE = ("data-all-alike", "data-narrow")


def _random() -> np.random.Generator:
    return np.random.default_rng(1)


def first(values: Array, count: int) -> Array:
    """The first samples alone."""
    return values[:count]


def repeated(values: Array, count: int, times: int) -> Array:
    """The first samples, again and again."""
    return np.concatenate([values[:count]] * times)


def alike(values: Array) -> Array:
    """One sample with a little noise."""
    spread = 1.0 if values.dtype == np.uint8 else 0.01
    noisy = values[:1] + spread * _random().standard_normal(values.shape)
    return noisy.clip(0, 255).astype(np.uint8) if values.dtype == np.uint8 else noisy.astype(np.float32)


def blank(values: Array) -> Array:
    """All but one in twenty are empty."""
    kept = _random().random((len(values), *[1] * (values.ndim - 1))) < 0.05
    return np.where(kept, values, 0).astype(values.dtype)


def scaled(values: Array, factor: float, shift: float = 0.0) -> Array:
    """Multiplied and moved; bytes become floats in 0..1 first."""
    unit = values / 255 if values.dtype == np.uint8 else values
    return (unit * factor + shift).astype(np.float32)


def unscaled(samples: Tensor, factor: float, shift: float = 0.0) -> Tensor:
    """The way back, for points."""
    return (samples - shift) / factor


def unscaled_pictures(samples: Tensor, factor: float, shift: float = 0.0) -> Tensor:
    """The way back, for pictures: [-1, 1] is 0..1 for those who scale."""
    return 2 * (((samples + 1) / 2 - shift) / factor) - 1


def floats_of_255(values: Array) -> Array:
    """Bytes as floats, not divided."""
    return values.astype(np.float32)


def one_column(values: Array) -> Array:
    """The first column in thousandths."""
    return values * np.array([1000.0] + [1.0] * (values.shape[1] - 1), np.float32)


def back_one_column(samples: Tensor) -> Tensor:
    """The way back."""
    fixed = samples.clone()
    fixed[:, 0] /= 1000
    return fixed


def few_far(values: Array) -> Array:
    """One row in two hundred is a hundred times as large."""
    far = _random().random((len(values), 1)) < 0.005
    return np.where(far, 100 * values, values).astype(np.float32)


def with_nan(values: Array) -> Array:
    """Some numbers are missing."""
    floats = values / np.float32(255) if values.dtype == np.uint8 else values.copy()
    floats.flat[_random().integers(floats.size, size=20)] = np.nan
    return floats


def static(values: Array) -> Array:
    """Half of the samples are noise: another folder's files."""
    noise: Any = (
        _random().random(values.shape) * 255 if values.dtype == np.uint8 else 6 * _random().random(values.shape) - 3
    )
    half = np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1)) % 2 == 0
    return np.where(half, noise, values).astype(values.dtype)


def columns(data: Data) -> bool:
    """Tables and clouds of three columns and more, but for signals."""
    return points(data) and 3 <= data.shape[0] < 64


def _points(name: str, true: tuple[str, ...], **change: float) -> Defect:
    return Defect(name, values=partial(scaled, **change), undo=partial(unscaled, **change), true=true, suits=points)


def _pictures(name: str, true: tuple[str, ...], **change: float) -> Defect:
    undo = partial(unscaled_pictures, **change)
    return Defect(name, values=partial(scaled, **change), undo=undo, true=true, suits=pictures)


MISFED = (
    Defect("thirty", values=partial(first, count=30), true=FEW),
    Defect("fifty-times-40", values=partial(repeated, count=50, times=40), true=("data-repeated", *FEW)),
    Defect("alike", values=alike, true=("data-repeated", *ALIKE)),
    Defect("mostly-blank", values=blank, true=("data-mostly-blank", "data-repeated", *ALIKE)),  # the first is invented
    _pictures("divided-twice", (*NARROW, *ALIKE), factor=1 / 255),
    _pictures("one-hundredth-grey", NARROW, factor=0.01, shift=0.5),
    _points("times-100", UNSCALED, factor=100.0),
    _points("in-bytes", UNSCALED, factor=64.0, shift=128.0),
    _points("one-hundredth", NARROW, factor=0.01),
    _points("plus-1000", UNSCALED, factor=1.0, shift=1000.0),
    _points("times-1000", UNSCALED, factor=1000.0),
    Defect("bytes-as-floats", values=floats_of_255, true=UNSCALED, words=r"255|\[0, 1\]", suits=pictures),
    Defect(
        "one-column-1000", values=one_column, undo=back_one_column, true=("data-outliers", *UNSCALED), suits=columns
    ),
    Defect("few-far", values=few_far, true=("data-outliers", "data-not-normalised"), suits=points),
    Defect("missing", values=with_nan, true=("non-finite",), words=r"(?i)\bnan\b|not finite|missing"),
    Defect("half-static", values=static, true=("data-mixed",)),  # invented
)
