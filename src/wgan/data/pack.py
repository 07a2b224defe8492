"""Packs: samples decoded once into a flat file, which training reads through a memory map."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from wgan.data import columns, conditions
from wgan.data.columns import Column, LeftOut
from wgan.data.source import UNREAD, Skipped
from wgan.data.values import Range, Values, range_notes, with_range
from wgan.errors import InputError
from wgan.system.limits import read_text
from wgan.system.pictures import Array
from wgan.system.text import writable
from wgan.system.validation import checked
from wgan.types import CPU, Condition, Conditions, Count, DataShape, NonNegativeCount, Samples, SampleSpec
from wgan.types.sample_spec import as_tensor


@dataclass(frozen=True)
class Contents:
    """The contents of `pack.json`."""

    version: int
    name: str
    spec: SampleSpec
    count: NonNegativeCount
    label_names: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    digest: str
    values: Values | None = None
    """None in packs that were written before they were measured."""
    notes: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    """What comes beside the samples, besides their labels."""
    left_out: tuple[LeftOut, ...] = ()
    """What comes beside them and cannot be asked for."""


@dataclass(frozen=True)
class Pack:
    """Samples of one shape on disk.

    `contents.digest` is a hash of all samples in order: two packs with equal digests train equal runs.
    """

    path: Path
    contents: Contents

    @property
    def spec(self) -> SampleSpec:
        return self.contents.spec

    @property
    def shape(self) -> DataShape:
        """(C, *places) or (D,)."""
        return self.spec.shape

    def __len__(self) -> int:
        return self.contents.count

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of how the data were read, and of their range."""
        values = self.contents.values
        asked = [] if self.spec.condition is None else conditions.notes(self.spec.condition)
        return (*self.contents.notes, *([] if values is None else range_notes(self.spec, values)), *asked)

    def seen_as(self, spec: SampleSpec) -> "Pack":
        """The same samples, of which networks see the values as in `spec`: those of a run, or of another range.

        And with its condition. Values of another type are in other units, and keep their own range: old runs had floats
        as bytes.

        Raises:
            InputError: a column of the condition is missing.
        """
        own = self.spec
        if spec.dtype != own.dtype:
            return self._with_spec(own, spec.condition)
        same = {name: getattr(spec, name) for name in ("low", "high", "centre", "spread")}
        return self._with_spec(replace(own, **same), spec.condition)

    def _with_spec(self, spec: SampleSpec, condition: Condition | None) -> "Pack":
        """The same samples, with the digest of what they are by that condition."""
        if condition is not None:
            condition = condition.with_digest(self._digest_of(condition))
        return replace(self, contents=replace(self.contents, spec=replace(spec, condition=condition)))

    def with_range(self, wanted: Range | None) -> "Pack":
        """The same samples with another range; with the usual one for None."""
        if wanted is None or self.contents.values is None:
            return self
        if not self.spec.is_spatial:
            raise InputError("Points have no range: each column is standardised. Leave data.range out.")
        return self.seen_as(with_range(self.spec, self.contents.values, wanted))

    def with_condition(self, wanted: Sequence[str]) -> "Pack":
        """The same samples, whose generator is asked for these columns: NAME or NAME:KIND each; for none if empty.

        Raises:
            InputError: there is no such column, it is constant, or it cannot be of that kind.
        """
        if not wanted:
            return self
        left_out = (*self.contents.left_out, *(LeftOut(*entry) for entry in self.contents.skipped if _unread(entry)))
        return self._with_spec(self.spec, conditions.chosen(wanted, self.columns, left_out, self.spec.names))

    @cached_property
    def known(self) -> Array:
        """The indices of the samples whose condition is known: all of them where there is none."""
        if self.spec.condition is None:
            return np.arange(len(self))
        return np.flatnonzero(~np.isnan(self.condition_rows).any(1))

    def gives(self, condition: Condition) -> bool:
        """Whether these samples have this condition: its parts, and the same rows."""
        try:
            return self._digest_of(condition) == condition.digest
        except InputError:  # there are no such columns
            return False

    def _digest_of(self, condition: Condition) -> str:
        rows = conditions.rows_of(condition, self.columns)
        return hashlib.blake2b(rows.tobytes(), digest_size=16).hexdigest()

    @cached_property
    def columns(self) -> Mapping[str, tuple[Column, Array]]:
        """What comes beside the samples by name, with its rows: places among names, numbers, or labels."""
        found = {column.name: (column, self._beside(place)) for place, column in enumerate(self.contents.columns)}
        if self.labels is not None and len(self.labels):
            names, known = tuple(map(writable, self.contents.label_names)), self.labels[self.labels >= 0]
            counts = tuple(map(int, np.bincount(known, minlength=len(names))))
            column = Column(columns.LABEL, "class", names, len(self.labels) - len(known), counts)
            found = {columns.LABEL: (column, self.labels), **found}
        return found

    def _beside(self, place: int) -> Array:
        column = self.contents.columns[place]
        rows = self._column(f"beside-{place}", *_FORMS[column.kind](column))
        outside = column.kind == "class" and not -1 <= rows.min(initial=0) <= rows.max(initial=-1) < len(column.names)
        if outside or (column.kind != "number" and len(column.counts) != len(column.names)):
            raise _damaged(self.path, f"the values of {column.name} have no names")
        return rows

    @cached_property
    def condition_rows(self) -> Array:
        """What each sample is, as the condition of the spec has it: (N, width), float32; NaN is unknown."""
        assert self.spec.condition is not None
        return conditions.rows_of(self.spec.condition, self.columns)

    def conditions_at(self, places: Array, device: torch.device = CPU) -> Conditions | None:
        """The conditions of the samples at these indices, as networks see them; None if there is none."""
        if self.spec.condition is None:
            return None
        return self.spec.condition.to_vectors(torch.from_numpy(self.condition_rows[places]).to(device))

    @cached_property
    def samples(self) -> Array:
        """(N, *shape), a read-only memory map."""
        shape = (len(self), *self.shape)
        try:
            return np.memmap(self.path / "samples.bin", self.spec.dtype, mode="r", shape=shape)
        except (OSError, ValueError) as error:
            raise _damaged(self.path, error) from error

    def samples_at(self, places: Array, device: torch.device = CPU) -> Samples:
        """The samples at these indices, (len(places), *shape), scaled for networks."""
        return self.spec.to_samples(as_tensor(self.samples[places]).to(device, non_blocking=True))

    @cached_property
    def labels(self) -> Array | None:
        """(N,) indices into `label_names`, or None."""
        if not self.contents.label_names:
            return None
        labels = self._column("labels")
        if len(labels) and not -1 <= labels.min() <= labels.max() < len(self.contents.label_names):
            raise _damaged(self.path, "a label has no name")
        return labels

    @cached_property
    def hashes(self) -> Array:
        """(N,) 64-bit hashes of the samples' bytes."""
        return self._column("hashes")

    def split(self, holdout: float) -> tuple[Array, Array]:
        """The indices of training samples and of held-out samples.

        A source's own test split is held out if it has one. Otherwise about the fraction `holdout` with the smallest
        hashes is: this depends on the samples alone, and equal samples always land on the same side. Nothing is held
        out if all samples are equal. With a condition, samples of which it is unknown are on neither side.

        Raises:
            InputError: Nothing is left to train on.
        """
        kept = tests = self._column("tests")
        if not kept.any() and (number := round(holdout * len(self))):
            kept = _smallest(self.hashes, number)
        if kept.all():
            what = "The source marks all of them as test data." if tests.all() else "Lower data.holdout."
            raise InputError(f"Nothing is left to train on: all {len(self)} samples are held out. {what}")
        known = np.zeros(len(self), bool)
        known[self.known] = True
        if not (known & ~kept).any():
            raise InputError("Of no sample to train on all that is asked for is known. Ask for fewer things.")
        return np.flatnonzero(~kept & known), np.flatnonzero(kept & known)

    def train_count(self, holdout: float) -> int:
        return len(self.split(holdout)[0])

    def _column(self, name: str, dtype: str = "", width: int = 0) -> Array:
        expected = np.dtype(dtype) if dtype else COLUMNS[name]
        shape = (len(self), width) if width else (len(self),)
        try:
            column = np.array(np.lib.format.open_memmap(self.path / f"{name}.npy", mode="r"))  # never objects
        except Exception as error:  # NumPy raises many kinds for truncated files or other formats
            raise _damaged(self.path, error) from error
        if column.shape != shape or column.dtype != expected:
            raise _damaged(self.path, f"{name} are {column.dtype} {column.shape}, not {expected} {shape}")
        return column


COLUMNS = {"labels": np.dtype("int64"), "tests": np.dtype("bool"), "hashes": np.dtype("uint64")}
_FORMS: dict[str, Callable[[Column], tuple[str, int]]] = {
    "class": lambda column: ("int64", 0),
    "number": lambda column: ("float64", 0),
    "labels": lambda column: ("int8", len(column.names)),
}
"""Types and widths of the rows of columns, by their kind."""


def _unread(entry: Skipped) -> bool:
    """Whether it is a file of columns that could not be read."""
    return entry.reason.startswith(UNREAD)


EXCESS = 1.5
"""By this factor, frequent values may take the held-out samples beyond the number that was asked for."""


def _smallest(hashes: Array, number: int) -> Array:
    """Which samples have the `number` smallest hashes, (N,): about so many where samples are equal.

    All copies of a sample go together. One that is so frequent that it would take the number too far is passed over,
    and one sample at least is left over unless all are asked for.
    """
    kept: Array = hashes <= np.partition(hashes, number - 1)[number - 1]
    most = min(int(EXCESS * number), len(hashes) - 1)
    if kept.sum() <= most or number == len(hashes):
        return kept
    values, copies = np.unique(hashes, return_counts=True)
    chosen, found = np.zeros(len(values), bool), 0
    for place, count in enumerate(copies.tolist()):
        if found < number and found + count <= most:
            chosen[place], found = True, found + count
    rest = np.flatnonzero(~chosen)
    if found < number and len(rest) > 1:
        rarest = rest[copies[rest].argmin()]
        chosen[rarest] = not found or found + copies[rarest] - number < number - found
    return np.isin(hashes, values[chosen])


def read_pack(path: Path) -> Pack:
    """Open the pack in a folder. An InputError says if it is damaged."""
    try:
        raw = json.loads(read_text(path / "pack.json"))
        raw["skipped"] = tuple(Skipped(*entry) for entry in raw["skipped"])
        if "spec" not in raw:  # written before packs had a spec
            usual = SampleSpec.of(checked(tuple[Count, ...], raw["shape"], "shape "))
            raw["spec"] = asdict(usual) | {"dtype": raw["dtype"]}
        contents = checked(Contents, raw, "")
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(path, error) from error
    return Pack(path, contents)


def _damaged(path: Path, why: object) -> InputError:
    return InputError(f"The pack {path} is damaged ({why}). Delete that folder; the pack will be made again.")
