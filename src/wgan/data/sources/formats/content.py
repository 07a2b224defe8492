"""What a reader of files gives, and what all readers share: libraries on demand, errors in words, what to choose."""

import logging
import math
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wgan.data.source import Beside
from wgan.data.sources.cells import MOST_NUMBERS, columns_in
from wgan.data.sources.numpy_files import IMAGE_KEYS, LABEL_KEYS
from wgan.errors import InputError, in_short
from wgan.system.limits import ARRAY_BYTES, FILE_BYTES, regular
from wgan.system.pictures import Array, reason, refuse_passing

NUMBERS = "biuf"
"""The kinds of NumPy's types that are numbers."""
MOST_SHRUNK = 5000
"""Arrays shrink less, unless they are empty."""
LOGGERS = ("h5py", "nibabel.global", "nibabel", "pydicom", "tifffile", "zarr")
"""Libraries that write about defects to the terminal. What prevents reading is an error anyway."""


@dataclass(frozen=True)
class Content:
    """The numbers in a file, in the type and on the scale of the file, in this machine's order of bytes."""

    values: Array
    labels: Array | None = None
    """(N,): whole numbers, truth values, or texts where a table has a column of them."""
    names: tuple[str, ...] = ()
    """Of the columns of a table."""
    passed_over: tuple[tuple[str, str], ...] = ()
    """What else is in the file, and why it is not among the values."""
    many: bool = True
    """Whether the first axis counts samples. Otherwise the file is one sample."""
    axes: str = ""
    """A letter for each axis of `values`, where the format tells them: N samples, D depth, H height, W width, C
    channels or columns, such as NHWC, HW, DHW, NC. Empty for arrays of no known meaning (HDF5, MATLAB, Zarr, NumPy)."""
    beside: tuple[Beside, ...] = ()
    """What comes with the samples besides: (N,) values each, or (N, K)."""


class Entry(NamedTuple):
    """An array in a file of several."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    reason: str = ""
    """Why it cannot be read, if it cannot."""

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def plain(self) -> bool:
        """Whether it is numbers that can be read."""
        return not self.reason and self.dtype is not None and self.dtype.kind in NUMBERS and self.size > 0

    @property
    def leaf(self) -> str:
        return self.name.rpartition("/")[2].lower()

    def check(self, path: Path) -> None:
        """Ask the limit on arrays."""
        ARRAY_BYTES.check(self.size * (self.dtype.itemsize if self.dtype else 1), f"The array '{self.name}' in {path}")


class Chosen(NamedTuple):
    """The samples of a file, their labels, and the rest with a reason each."""

    samples: Entry
    labels: Entry | None
    passed_over: tuple[tuple[str, str], ...]
    beside: tuple[Entry, ...] = ()
    """Vectors, and tables of few columns, with as many values as there are samples."""


def choose(path: Path, entries: Sequence[Entry], *, first: bool = True) -> Chosen:
    """The array of samples by its usual names, else the only or the largest one that has two axes.

    Labels have a usual name, and one number for each sample: along the first axis, or any axis unless `first`.
    """
    plain = sorted((entry for entry in entries if entry.plain), key=lambda entry: entry.name.count("/"))
    named = (entry for key in IMAGE_KEYS for entry in plain if entry.leaf == key and len(entry.shape) > 1)
    sizes = [entry for entry in plain if len(entry.shape) > 1 and entry.leaf not in LABEL_KEYS]
    samples = next(named, None) or max(sizes, key=lambda entry: entry.size, default=None)
    if samples is None and len(plain) == 1 and len(plain[0].shape) > 1:
        samples = plain[0]
    if samples is None:
        held = "; ".join(f"{entry.name} ({_described(entry)})" for entry in entries[:10]) or "nothing"
        raise InputError(f"{path} holds no array of samples, only: {held}. Name the samples 'images' or 'data'.")
    samples.check(path)
    counts = samples.shape[:1] if first else samples.shape
    beside = samples.name.rpartition("/")[0]
    candidates = sorted(  # those in the same group first
        (entry for entry in plain if entry.leaf in LABEL_KEYS and entry is not samples),
        key=lambda entry: (entry.name.rpartition("/")[0] != beside, LABEL_KEYS.index(entry.leaf)),
    )
    fits = (entry for entry in candidates if entry.size == max(entry.shape, default=0) and entry.size in counts)
    labels = next(fits, None)
    if labels:
        labels.check(path)
    number = labels.size if labels else samples.shape[0] if first or len(samples.shape) == 2 else samples.shape[-1]
    columns, room = list[Entry](), ARRAY_BYTES.value
    for entry in plain:
        if entry not in (samples, labels) and _is_beside(entry, number, first) and 8 * entry.size <= room:
            columns, room = [*columns, entry], room - 8 * entry.size
    others = [entry for entry in entries if entry not in (samples, labels, *columns)]
    why = f"not chosen: the samples are '{samples.name}'"
    reasons = tuple((e.name, e.reason or f"{_described(e)}; {why}") for e in others)
    return Chosen(samples, labels, reasons, tuple(columns))


def _is_beside(entry: Entry, number: int, first: bool) -> bool:
    """Whether an array has a value for each of so many samples, or a row of a few."""
    shape = entry.shape
    if not first and len(shape) == 2 and shape[0] == 1:  # MATLAB's vectors may lie
        shape = shape[::-1]
    return number > 1 and shape[0] == number and math.prod(shape[1:]) <= MOST_NUMBERS and len(shape) <= 2


def _described(entry: Entry) -> str:
    if entry.reason or entry.dtype is None:
        return entry.reason or "not numbers"
    return f"{entry.dtype}, shape {entry.shape}"


def believe(what: object, size: int, stored: int) -> None:
    """Refuse a large array of which next to nothing is stored: its header claims what is not there."""
    if size > max(FILE_BYTES.value, stored * MOST_SHRUNK):
        raise InputError(f"{what} claims to be {size:,} bytes, of which {stored:,} are stored. Copy the file again.")


def as_labels(values: Array) -> Array | None:
    """Labels (N,); None if the numbers have fractions, so that they are quantities."""
    labels = native(values.reshape(-1))
    if labels.dtype.kind == "f":  # MATLAB keeps all numbers so
        if not (np.isfinite(labels).all() and (np.abs(labels) < 2**53).all() and (labels == np.rint(labels)).all()):
            return None
        return labels.astype(np.int64)
    return labels


def each(entries: Sequence[Entry], load: Callable[[Entry], Array], path: Path) -> list[Array | str]:
    """Arrays beside the samples, or why one cannot be read: the samples can be used all the same."""
    found: list[Array | str] = []
    for entry in entries:
        try:
            found.append(load(entry))
        except Exception as error:  # of many kinds, for damaged files
            refuse_passing(error, path)
            found.append(in_short(error))
    return found


def finish(path: Path, chosen: Chosen, values: Array, labels: Array | None, beside: Sequence[Array | str]) -> Content:
    """The content, once what was chosen is read."""
    found = None if labels is None else as_labels(labels)
    columns = [(entry.name, array) for entry, array in zip(chosen.beside, beside, strict=True)]
    if labels is not None and found is None and chosen.labels:  # numbers with fractions
        columns.append((chosen.labels.name, labels.reshape(-1)))
    if values.dtype.kind not in NUMBERS:
        raise InputError(f"{path} holds {values.dtype}, not real numbers.")
    passed_over, kept = list(chosen.passed_over), list[Beside]()
    for name, array in columns:
        if isinstance(array, str):
            passed_over.append((name, array))
            continue
        vector = array.size == len(values)
        if len(array) == len(values) or vector:
            kept += columns_in(name.rpartition("/")[2], _whole(native(array.reshape(-1) if vector else array)))
        else:
            passed_over.append((name, f"{array.dtype}, shape {array.shape}; not chosen"))
    return Content(native(values), found, passed_over=tuple(passed_over), beside=tuple(kept))


def _whole(values: Array) -> Array:
    """Floats that are all whole as whole numbers: MATLAB keeps all numbers so."""
    found = as_labels(values) if values.dtype.kind == "f" else None
    return values if found is None else found.reshape(values.shape)


def native(values: Array) -> Array:
    """The same numbers in this machine's order of bytes. Floats of more than 64 bits become those."""
    if values.dtype.kind == "f" and values.dtype.itemsize > 8:
        return values.astype(np.float64)
    return values.astype(np.dtype(values.dtype.str).newbyteorder("="), copy=False)


def rescaled(values: Array, slope: float, intercept: float, span: tuple[int, int] | None = None) -> Array:
    """`values * slope + intercept`: as they are if that changes nothing, whole if all is, else float32.

    `span` is the lowest and highest number that the file could store. It decides the type, so that all files of a
    folder get the same.
    """
    if not (math.isfinite(slope) and math.isfinite(intercept) and slope):
        slope, intercept = 1.0, 0.0
    if (slope, intercept) == (1.0, 0.0):
        return values
    if values.dtype.kind in "iu" and slope == int(slope) and intercept == int(intercept):
        info = np.iinfo(values.dtype)
        ends = sorted(int(end) * int(slope) + int(intercept) for end in span or (info.min, info.max))
        for kind in (np.uint8, np.int16, np.uint16, np.int32):
            if np.iinfo(kind).min <= ends[0] and ends[1] <= np.iinfo(kind).max:
                whole: Array = (values.astype(np.int64) * int(slope) + int(intercept)).astype(kind)
                return whole
    scaled: Array = values.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    return scaled


def needed(path: Path | str, library: str, pip: str = "") -> Any:
    """Import a library on demand. An InputError says how to install it."""
    try:
        with quiet():
            return import_module(library)
    except ImportError as error:
        pip = pip or library.partition(".")[0]
        raise InputError(
            f"Reading {Path(path).name} needs {pip}: pip install {pip}  (or: pip install 'wgan[formats]')"
        ) from error


@contextmanager
def reading(path: Path, kind: str, *, folder: bool = False) -> Iterator[None]:
    """What a library raises in this context becomes one InputError; what it only warns of is ignored."""
    try:
        if not folder:
            regular(path)
        with quiet():
            yield
    except InputError:
        raise
    except Exception as error:  # of many kinds, for damaged files
        refuse_passing(error, path)
        if isinstance(error, OSError) and error.strerror and not _opens(path):
            raise InputError(f"Cannot read {path}: {reason(error)}.") from error
        why = in_short(error).rstrip(".")
        raise InputError(f"Cannot read {path} as {kind}: {why}. Copy or download it again, or convert it.") from error


def _opens(path: Path) -> bool:
    try:
        regular(path)
        return os.access(path, os.R_OK)
    except OSError:
        return False


@contextmanager
def quiet() -> Iterator[None]:
    """Without warnings and lines on the terminal."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(np.errstate(all="ignore"))
        for name in LOGGERS:
            logger, nothing = logging.getLogger(name), _Nothing()  # one each, since these contexts lie in each other
            logger.addFilter(nothing)
            stack.callback(logger.removeFilter, nothing)
        yield


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False
