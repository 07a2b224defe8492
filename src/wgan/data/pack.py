"""Packs: samples decoded once into a flat file, which training reads through a memory map."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from wgan.data.source import Skipped
from wgan.errors import InputError
from wgan.system.limits import read_text
from wgan.system.pictures import Array
from wgan.system.validation import checked
from wgan.types import CPU, Count, DataShape, NonNegativeCount, Samples, SampleSpec


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


@dataclass(frozen=True)
class Pack:
    """Samples of one shape on disk: uint8 pictures or float32 points.

    `contents.digest` is a hash of all samples in order: two packs with equal digests train equal runs.
    """

    path: Path
    contents: Contents

    @property
    def spec(self) -> SampleSpec:
        return self.contents.spec

    @property
    def shape(self) -> DataShape:
        """(C, H, W) or (D,)."""
        return self.spec.shape

    def __len__(self) -> int:
        return self.contents.count

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
        return self.spec.to_samples(torch.from_numpy(self.samples[places]).to(device, non_blocking=True))

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

        A source's own test split is held out if it has one. Otherwise the fraction `holdout` with the smallest hashes
        is: this depends on the samples alone, and equal samples always land on the same side.

        Raises:
            InputError: Nothing is left to train on.
        """
        kept = tests = self._column("tests")
        if not kept.any() and (number := round(holdout * len(self))):
            kept = self.hashes <= np.partition(self.hashes, number - 1)[number - 1]
        if kept.all():
            what = "The source marks all of them as test data." if tests.all() else "Lower data.holdout."
            raise InputError(f"Nothing is left to train on: all {len(self)} samples are held out. {what}")
        return np.flatnonzero(~kept), np.flatnonzero(kept)

    def train_count(self, holdout: float) -> int:
        return len(self.split(holdout)[0])

    def _column(self, name: str) -> Array:
        try:
            column = np.array(np.lib.format.open_memmap(self.path / f"{name}.npy", mode="r"))  # never objects
        except Exception as error:  # NumPy raises many kinds for truncated files or other formats
            raise _damaged(self.path, error) from error
        if column.shape != (len(self),) or column.dtype != COLUMNS[name]:
            raise _damaged(self.path, f"{name} are {column.dtype} {column.shape}, not {COLUMNS[name]} ({len(self)},)")
        return column


COLUMNS = {"labels": np.dtype("int64"), "tests": np.dtype("bool"), "hashes": np.dtype("uint64")}


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
