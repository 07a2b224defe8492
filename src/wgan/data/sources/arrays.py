"""Data in memory: arrays of samples."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator

import numpy as np

from wgan.data.columns import LABEL
from wgan.data.source import Beside, Sample, Skipped, Source, Survey, fingerprint, no_progress
from wgan.data.sources.cells import columns_in
from wgan.data.sources.forms import Form, form_of
from wgan.data.values import stored_type
from wgan.errors import InputError
from wgan.system.limits import PIXELS
from wgan.system.pictures import Array
from wgan.system.text import counted
from wgan.types import Progress
from wgan.types.sample_spec import Kind, Stored

FEWEST_STEPS = 256
"""If float32 has fewer numbers between the lowest and the highest value, it cannot tell them apart."""
SMALLEST = 1e-30
HIGHEST = np.finfo(np.float32).max / 4
"""Of a value: the difference of two is a number still."""


class Arrays(Source):
    """One array of samples of any kind: what its axes mean, `forms` says. Numbers of every type but complex ones.

    Points (N, D) are columns, which `names` may name; networks see each with mean 0 and deviation 1.
    """

    def __init__(
        self,
        values: Array,
        labels: Array | None = None,
        *,
        name: str = "array",
        identity: str = "",
        names: tuple[str, ...] = (),
        tests: Array | None = None,
        kind: Kind | None = None,
        form: Form | None = None,
        skipped: tuple[Skipped, ...] = (),
        beside: tuple[Beside, ...] = (),
        labels_name: str = LABEL,
    ) -> None:
        """`tests` (N,) says which samples the data assign to their test split; `form` how samples lie, where known.

        `beside` are columns of N values. Labels that are no classes (numbers with fractions, several labels at once)
        become such columns, called `labels_name`.
        """
        self.name = name
        self._identity, self._names, self._skipped = identity, names, skipped
        if values.ndim == 0:
            raise InputError(f"{name} is a single number, not an array of samples.")
        if len(values) == 0:
            raise InputError(f"{name} is empty.")
        if 0 in values.shape:
            raise InputError(f"{name} has shape {values.shape}, so its samples are empty.")
        if values.dtype.kind not in "biuf":
            raise InputError(f"{name} holds {values.dtype}, not numbers.")
        if values.ndim == 2 and values.dtype == np.uint8 and kind is None:
            raise InputError(
                f"{name} has shape {values.shape}: bytes are pictures. Reshape it to (N, H, W), or set data.kind to "
                "picture or points."
            )
        if values.dtype.kind == "f":
            _check_finite(values, name)
        self._beside = beside
        if values.ndim == 2 and kind in (None, "points"):
            kept, self._names, lost = _tellable(values, names, name)
            self._skipped = (*skipped, *(Skipped(column, why) for column, why, _ in lost))
            self._beside += tuple(Beside(column, values[:, place]) for column, _, place in lost)
            values = kept
        else:
            _check_tellable(values, name)
        self.form = form or form_of(values, name, kind)
        if self.form.flattened:
            values = values.reshape(len(values), *self.form.flattened)
        self._values = arranged(values, self.form)
        if self.form.kind != "points":
            self._size = self._values.shape[1:3] if self.form.kind == "picture" else self._values.shape[2:]
            PIXELS.check(math.prod(self._size), f"Each {self.form.kind} in {name}")
        ends = (float(values.min()), float(values.max())) if values.dtype.kind in "iu" else (0.0, 0.0)
        self._dtype: Stored = "float32" if self.form.kind == "points" else stored_type(values.dtype, *ends)
        self._tests = tests
        self._label_names: tuple[str, ...] = ()
        self._labels: Array | None = None
        self._notes = self.form.notes
        if labels is not None:
            self._label(labels, labels_name)

    def _label(self, labels: Array, name: str) -> None:
        count = len(self._values)
        labels = labels.reshape(-1) if labels.size == count else labels  # CIFAR's are (N, 1)
        if labels.ndim == 2 and len(labels) == count and _is_one_hot(labels):
            labels = labels.argmax(1)
        if labels.ndim not in (1, 2) or len(labels) != count:
            raise InputError(f"{self.name} has {count} samples and labels of shape {labels.shape}.")
        if labels.ndim == 2 or (labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels))):
            self._beside += columns_in(name, labels)
            return
        kinds, self._labels = np.unique(labels, return_inverse=True)
        self._label_names = tuple(str(int(kind) if labels.dtype.kind == "f" else kind) for kind in kinds)

    def label_names(self) -> tuple[str, ...]:
        return self._label_names

    def beside(self) -> tuple[Beside, ...]:
        return self._beside

    def identity(self) -> str:
        if not self._identity:
            digest = hashlib.blake2b(np.ascontiguousarray(self._values).tobytes(), digest_size=16)
            for column in (self._labels, self._tests):
                digest.update(b"" if column is None else column.tobytes())
            digest.update(repr((self._names, self._label_names)).encode())
            digest.update(fingerprint(self._beside).encode() if self._beside else b"")
            self._identity = f"{self._values.shape} {self._values.dtype} {digest.hexdigest()}"
        return f"{self._identity} {self.form.kind} {self.form.channel_axis}"

    def survey(self, progress: Progress = no_progress) -> Survey:
        count, notes = len(self._values), self._notes
        names = self._label_names
        labels = Counter(names[label] for label in self._labels) if self._labels is not None else Counter[str]()
        if self.form.kind == "points":
            size = self._values.shape[1]
            return Survey(
                count,
                labels=labels,
                point_size=size,
                kind="points",
                dtype="float32",
                names=self._names,
                standardise=True,
                notes=notes,
                skipped=self._skipped,
            )
        channels = self._values.shape[3 if self.form.kind == "picture" else 1]
        modes = Counter({mode: count}) if (mode := self._mode(channels)) else Counter[str]()
        return Survey(
            count,
            Counter({self._size: count}),
            modes,
            labels,
            self._skipped,
            kind=self.form.kind,
            channels=None if modes else channels,
            dtype=self._dtype,
            names=self._names,
            notes=notes,
        )

    def _mode(self, channels: int) -> str | None:
        """Pillow's name of pictures that it can convert; of others there are only channels."""
        if self.form.kind != "picture" or self._dtype != "uint8":
            return None
        return {1: "L", 3: "RGB", 4: "RGBA"}.get(channels)

    def samples(self) -> Iterator[Sample | Skipped]:
        for i, value in enumerate(self._values):
            label = None if self._labels is None else int(self._labels[i])
            test = self._tests is not None and bool(self._tests[i])
            yield Sample(value if value.dtype == self._dtype else value.astype(self._dtype), label, test)
        yield from self._skipped


def arranged(values: Array, form: Form) -> Array:
    """Samples (N, ...) of a form as a view (N, D), (N, H, W, C), or (N, C, *places)."""
    if form.kind == "points":
        return values
    place = -1 if form.kind == "picture" else 1
    if form.channel_axis is None:
        return np.expand_dims(values, place)
    return np.moveaxis(values, form.channel_axis, place)


def _is_one_hot(labels: Array) -> bool:
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(1) == 1).all())


def _lost_in_float32(values: Array) -> bool:
    """Whether float32 leaves few different values: a small span far from 0, or numbers next to nothing."""
    if values.dtype.itemsize <= 2 or values.dtype == np.float32:
        return False
    low, high = float(values.min()), float(values.max())
    largest = max(abs(low), abs(high))
    if not high > low:
        return False
    return largest < SMALLEST or high - low < FEWEST_STEPS * largest * float(np.finfo(np.float32).eps)


def _check_tellable(values: Array, name: str) -> None:
    if _lost_in_float32(values):
        raise InputError(
            f"The values of {name} go from {values.min():.12g} to {values.max():.12g}, between which float32 has too "
            "few numbers. Subtract an offset, or rescale them."
        )


def _tellable(
    values: Array, names: tuple[str, ...], name: str
) -> tuple[Array, tuple[str, ...], list[tuple[str, str, int]]]:
    """The columns (N, D) that float32 can hold, their names, and the columns that it cannot: name, reason, place."""
    columns = range(values.shape[1])
    bad = [column for column in columns if _lost_in_float32(values[:, column])]
    if not bad:
        return values, names, []
    if len(bad) == len(columns):
        raise InputError(
            f"Float32 has too few numbers for the values of {name}, from {values.min():.12g} to {values.max():.12g}. "
            "Subtract an offset, or rescale them."
        )
    kept = [column for column in columns if column not in bad]
    known = names or tuple(f"column {column}" for column in columns)
    why = "float32 has too few numbers for its values: subtract an offset, or rescale it"
    return values[:, kept], tuple(known[column] for column in kept), [(known[column], why, column) for column in bad]


def _check_finite(values: Array, name: str) -> None:
    at_once = max(1, 2**22 // values[0].size)
    parts = (values[start : start + at_once] for start in range(0, len(values), at_once))
    bad = np.concatenate([(~(np.abs(part) <= HIGHEST)).reshape(len(part), -1).sum(1) for part in parts])
    if len(samples := np.flatnonzero(bad)):
        kind = "NaN" if np.isnan(values[samples[0]]).any() else "values that are infinite or too large"
        raise InputError(
            f"{name} holds {kind}: {counted(int(bad.sum()), 'value')} in {len(samples):,} of {len(values):,} "
            f"samples, the first in sample {samples[0]} (counted from 0). Remove these, or fill in what is missing."
        )
