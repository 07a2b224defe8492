"""The pack: data decoded once into a flat memory map, which training gathers from."""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from wgan.data.fit import choose_channels, choose_size, fit
from wgan.data.source import Array, Sample, Skipped, Source, Survey, plain
from wgan.errors import InputError, TrainingError
from wgan.files import make_folder
from wgan.types import DataShape, Progress

VERSION = 1


@dataclass(frozen=True)
class Contents:
    """What `pack.json` says."""

    version: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    count: int
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
    def shape(self) -> DataShape:
        """(C, H, W) or (D,)."""
        return self.contents.shape

    def __len__(self) -> int:
        return self.contents.count

    @cached_property
    def samples(self) -> Array:
        """A read-only memory map."""
        shape = (len(self), *self.shape)
        return np.memmap(self.path / "samples.bin", self.contents.dtype, mode="r", shape=shape)

    @cached_property
    def labels(self) -> Array | None:
        """(N,) indices into `label_names`, or None."""
        return self._column("labels") if self.contents.label_names else None

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

    def _column(self, name: str) -> Array:
        column: Array = np.load(self.path / f"{name}.npy", allow_pickle=False)
        return column


def cache_folder() -> Path:
    """Where packs are kept: $WGAN_CACHE, or `wgan` in the user's cache folder."""
    if place := os.environ.get("WGAN_CACHE"):
        return Path(place)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wgan"


def open_pack(
    source: Source,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    progress: Progress = plain,
) -> Pack:
    """The pack of `source` at (height, width) `size` with `channels`; from the cache if it was packed before.

    What is None is chosen from the data: their own size if all agree, grey if all are grey.

    Raises:
        InputError: the source has nothing that can be decoded.
        TrainingError: the cache cannot be written.
    """
    packs = cache_folder() / "packs"
    make_folder(packs)
    identity = source.identity()
    key = None if identity is None else _key(identity, size, channels)
    if key and (packs / key / "pack.json").exists():
        return read_pack(packs / key)
    temporary = Path(tempfile.mkdtemp(prefix=".making-", dir=packs))
    try:
        contents = _write(temporary, source, size, channels, progress)
        place = packs / (key or _key(contents.digest, size, channels))
        _publish(temporary, place)
    except OSError as error:
        raise TrainingError(
            f"Cannot write the pack in {packs}: {error.strerror or error}. "
            "Free some space, or set WGAN_CACHE to another folder."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return read_pack(place)


def _publish(made: Path, place: Path) -> None:
    """Give a finished pack its name; if another process was first, theirs holds the same."""
    if not (place / "pack.json").exists():
        try:
            os.rename(made, place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise


def read_pack(path: Path) -> Pack:
    """The pack in a folder."""
    try:
        raw = json.loads((path / "pack.json").read_text(encoding="utf-8"))
        raw["skipped"] = tuple(Skipped(*entry) for entry in raw["skipped"])
        contents = Contents(**raw | {key: tuple(raw[key]) for key in ("shape", "label_names")})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"The pack {path} is damaged ({error}). Delete that folder; it will be made again.") from error
    return Pack(path, contents)


def _key(identity: str, size: tuple[int, int] | None, channels: int | None) -> str:
    text = f"pack v{VERSION} {size} {channels}\n{identity}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _write(
    folder: Path, source: Source, size: tuple[int, int] | None, channels: int | None, progress: Progress
) -> Contents:
    survey = source.survey(progress)
    shape = target_shape(survey, size, channels)
    labels, tests, hashes = [], [], []
    skipped: list[Skipped] = []
    dtype = "float32" if survey.point_size else "uint8"
    with open(folder / "samples.bin", "wb") as file:
        for item in progress(source.samples(), survey.count + len(survey.skipped), f"packing {source.name}"):
            if isinstance(item, Skipped):
                skipped.append(item)
                continue
            content = _row(item, shape).tobytes()
            file.write(content)
            hashes.append(int.from_bytes(hashlib.blake2b(content, digest_size=8).digest()))
            labels.append(-1 if item.label is None else item.label)
            tests.append(item.test)
        file.flush()
        os.fsync(file.fileno())
    if not hashes:
        reasons = "; ".join(f"{name}: {why}" for name, why in skipped[:3])
        raise InputError(f"Nothing in {source.name} could be read ({reasons}). Give a folder of readable pictures.")
    columns = {
        "labels": np.array(labels, np.int64),
        "tests": np.array(tests, bool),
        "hashes": np.array(hashes, np.uint64),
    }
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column)
    digest = hashlib.blake2b(repr((shape, dtype)).encode(), digest_size=16)
    for column in columns.values():
        digest.update(column.tobytes())
    contents = Contents(
        VERSION, source.name, shape, dtype, len(hashes), source.label_names(), tuple(skipped), digest.hexdigest()
    )
    (folder / "pack.json").write_text(json.dumps(asdict(contents)), encoding="utf-8")
    return contents


def _row(item: Sample, shape: DataShape) -> Array:
    if len(shape) == 1:
        point = np.asarray(item.value)
        if point.shape != shape or not np.isfinite(point).all():
            raise InputError(f"Points must be finite and of shape {shape}; one is {point!r}.")
        return point
    return fit(item.value, (shape[1], shape[2]), shape[0])


def target_shape(survey: Survey, size: tuple[int, int] | None, channels: int | None) -> DataShape:
    """The shape that samples of this survey are packed to."""
    if survey.point_size is not None:
        return (survey.point_size,)
    if survey.count == 0:
        reasons = "; ".join(f"{name}: {why}" for name, why in survey.skipped[:3])
        raise InputError(f"None of the files can be read as a picture ({reasons}).")
    return (channels or choose_channels(survey), *(size or choose_size(survey)))
