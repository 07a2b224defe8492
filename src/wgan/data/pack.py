"""The pack: data decoded once into a flat memory map, which training gathers from."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from wgan.data.source import Skipped
from wgan.errors import InputError
from wgan.system.limits import read_text
from wgan.system.pictures import Array
from wgan.system.validation import checked
from wgan.types import CPU, DataShape, NonNegativeCount, Samples, SampleSpec


@dataclass(frozen=True)
class Contents:
    """What `pack.json` says."""

    version: int
    name: str
    spec: SampleSpec
    count: NonNegativeCount
    label_names: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    digest: str


@dataclass(frozen=True)
class Pack:
    """Samples of one shape on disk: `samples` (N, *shape), uint8 pictures or float32 points.

    `digest` is a hash of all samples in their order: two packs with equal digests train equal runs.
    """

    path: Path
    contents: Contents

    @property
    def spec(self) -> SampleSpec:
        """What one sample is."""
        return self.contents.spec

    @property
    def shape(self) -> DataShape:
        """(C, H, W) or (D,)."""
        return self.spec.shape

    def __len__(self) -> int:
        return self.contents.count

    @cached_property
    def samples(self) -> Array:
        """A read-only memory map."""
        shape = (len(self), *self.shape)
        try:
            return np.memmap(self.path / "samples.bin", self.spec.dtype, mode="r", shape=shape)
        except (OSError, ValueError) as error:
            raise _damaged(self.path, error) from error

    def samples_at(self, places: Array, device: torch.device = CPU) -> Samples:
        """The samples at these places, (len(places), *shape), as networks see them."""
        return self.spec.to_samples(torch.from_numpy(self.samples[places]).to(device, non_blocking=True))

    @cached_property
    def labels(self) -> Array | None:
        """(N,) indices into `label_names`, or None."""
        if not self.contents.label_names:
            return None
        labels = self._column("labels")
        if len(labels) and not -1 <= labels.min() <= labels.max() < len(self.contents.label_names):
            raise _damaged(self.path, "there are labels without a name")
        return labels

    @cached_property
    def hashes(self) -> Array:
        """(N,) 64-bit hashes of the samples' bytes: equal samples, equal hashes."""
        return self._column("hashes")

    def split(self, holdout: float) -> tuple[Array, Array]:
        """Indices for training and indices kept from it.

        Where the source has a test split of its own, that is kept. Otherwise the fraction `holdout` with the
        smallest hashes: a function of the samples alone, and equal samples never lie on both sides.
        """
        kept = self._column("tests")
        if not kept.any() and (number := round(holdout * len(self))):
            kept = self.hashes <= np.partition(self.hashes, number - 1)[number - 1]
        if kept.all():
            what = "the source calls all of them test data" if self._column("tests").all() else "lower data.holdout"
            raise InputError(f"Nothing is left to train on: all {len(self)} samples are held out; {what}.")
        return np.flatnonzero(~kept), np.flatnonzero(kept)

    def train_count(self, holdout: float) -> int:
        """How many samples are trained on."""
        return len(self.split(holdout)[0])

    def _column(self, name: str) -> Array:
        try:
            column = np.array(np.lib.format.open_memmap(self.path / f"{name}.npy", mode="r"))  # never objects
        except Exception as error:  # NumPy raises many kinds for files that are cut short or of another format
            raise _damaged(self.path, error) from error
        if column.shape != (len(self),) or column.dtype != COLUMNS[name]:
            raise _damaged(self.path, f"{name} are {column.dtype} {column.shape} and not {COLUMNS[name]} {len(self)}")
        return column


COLUMNS = {"labels": np.dtype("int64"), "tests": np.dtype("bool"), "hashes": np.dtype("uint64")}


def read_pack(path: Path) -> Pack:
    """The pack in a folder."""
    try:
        raw = json.loads(read_text(path / "pack.json"))
        raw["skipped"] = tuple(Skipped(*entry) for entry in raw["skipped"])
        if "spec" not in raw:  # written before packs had one
            raw["spec"] = SampleSpec.of(tuple(raw["shape"]))
        contents = checked(Contents, raw, "")
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(path, error) from error
    return Pack(path, contents)


def _damaged(path: Path, why: object) -> InputError:
    return InputError(f"The pack {path} is damaged ({why}). Delete that folder; it will be made again.")
