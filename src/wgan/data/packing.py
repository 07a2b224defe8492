"""Packing: decode a source once, on all processor cores, into a folder named by the source and its settings."""

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from wgan.data.cache import cache_folder, cache_subfolder, key_of, sweep, writing
from wgan.data.columns import Column, LeftOut, stored
from wgan.data.pack import Contents, Pack, read_pack
from wgan.data.parallel import in_order
from wgan.data.source import Sample, Skipped, Source, Survey, no_progress
from wgan.data.survey import target_spec
from wgan.data.unfinished_pack import Rows
from wgan.data.values import Range, measured, standardised, with_range
from wgan.errors import InputError
from wgan.system.files import replacing, sync, write_text
from wgan.system.fitting import fit_all
from wgan.system.limits import changed, read_text
from wgan.system.locks import locked
from wgan.system.pictures import Array, Picture
from wgan.types import DataShape, Progress, SampleSpec
from wgan.types.condition import Condition

VERSION = 6
"""Increased when the same source would give other rows or files."""

Size = tuple[int, ...] | None


def open_pack(
    source: Source,
    size: Size = None,
    channels: int | None = None,
    progress: Progress = no_progress,
    *,
    range: Range | None = None,
) -> Pack:
    """The pack of `source` at `size` with `channels`, from the cache if it was packed before.

    The defaults are those of `target_spec` and `usual_range`; another `range` needs no other pack. Interrupted packing
    continues where it stopped, even after a kill. If another process is packing the same, wait for its pack.

    Raises:
        InputError: Nothing in the source can be decoded.
        TrainingError: The cache cannot be written, or a worker process was killed.
    """
    packs, settings = cache_subfolder("packs"), f"pack v{VERSION} {size} {channels}"
    identity = source.identity()
    if identity is not None:
        place = packs / key_of(settings, identity, *changed().items())
        found = _published(place, packs / f".making-{place.name}", source, size, channels, progress)
        return found.with_range(range)
    with writing("the pack", packs):
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=packs))
    try:
        contents = _make(making, source, size, channels, progress)  # at every start, and named by what is in it
        place = packs / key_of(settings, contents.digest, *_columns_digest(making, contents))
        return _published(place, making, source, size, channels, progress).with_range(range)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def make_pack(folder: Path, source: Source, progress: Progress = no_progress) -> Pack:
    """Pack `source` into a folder outside the cache, for data that will not be used again."""
    return Pack(folder, _make(folder, source, None, None, progress))


def find_pack(digest: str, condition: Condition | None = None) -> Pack | None:
    """The pack with this digest, if the cache has it: of several, one whose columns give this condition.

    This needs neither the source nor a network, so it is fast, and works for data passed from Python or deleted since.
    """
    for file in sorted((cache_folder() / "packs").glob("[!.]*/pack.json")):
        with suppress(OSError, ValueError):  # just deleted, or damaged
            if digest in read_text(file):
                pack = read_pack(file.parent)
                same = (pack.contents.version, pack.contents.digest) == (VERSION, digest)
                if same and (condition is None or pack.gives(condition)):
                    return pack
    return None


def _columns_digest(folder: Path, contents: Contents) -> list[str]:
    """Of what comes beside the samples, if anything does: two packs of the same samples may differ in it."""
    if not contents.columns:
        return []
    digest = hashlib.blake2b(repr(contents.columns).encode(), digest_size=16)
    for place in range(len(contents.columns)):
        digest.update((folder / f"beside-{place}.npy").read_bytes())
    return [digest.hexdigest()]


def _published(place: Path, making: Path, source: Source, size: Size, channels: int | None, progress: Progress) -> Pack:
    """The pack at its final place: already there, or moved from `making`, where it is made if it is missing."""
    if not (place / "pack.json").exists():
        target_spec(source.survey(progress), size, channels)  # is cached; what cannot be packed needs no lock
        with _alone(place, source, progress):
            if not (place / "pack.json").exists():  # another process may have made it meanwhile
                if not (making / "pack.json").exists():
                    _make(making, source, size, channels, progress)
                with writing("the pack", place.parent):
                    if place.exists():  # a damaged or partly deleted pack
                        shutil.rmtree(place)
                    os.rename(making, place)
                    sync(place.parent)
    return read_pack(place)


@contextmanager
def _alone(place: Path, source: Source, progress: Progress) -> Iterator[None]:
    """Hold the lock of a pack, and remove its file in the end."""
    lock, busy = place.with_name(f".lock-{place.name}"), f"another process is packing {source.name}: waiting for it"
    with ExitStack() as stack:
        with writing("the pack", place.parent):
            stack.enter_context(locked(lock, lambda turn: progress(turn, 1, busy)))
        yield
        with suppress(OSError):  # `sweep` removes old locks
            lock.unlink(missing_ok=True)


def _make(folder: Path, source: Source, size: Size, channels: int | None, progress: Progress) -> Contents:
    """Write all files of a pack. Only errors of writing become errors about the cache; those of reading pass."""
    survey = source.survey(progress)
    spec = target_spec(survey, size, channels)
    row_bytes = math.prod(spec.shape) * np.dtype(spec.dtype).itemsize
    _refuse_without_room(folder, source, survey, spec, row_bytes)
    with writing("the pack", folder.parent):
        folder.mkdir(exist_ok=True)
        begun = Rows(folder, row_bytes)
        sweep(folder.parent)  # keeps this pack, whose files were just touched
    with closing(begun) as rows:
        left = survey.count + len(survey.skipped) - rows.next_item
        what = f"packing {source.name}" + (f", continuing at sample {rows.next_item + 1:,}" if rows.next_item else "")
        coming = islice(source.samples(), rows.next_item, None)
        for item, content in progress(_contents(coming, spec, left), left, what):
            with writing("the pack", folder.parent):
                if isinstance(item, Skipped):
                    rows.skip(item)
                elif isinstance(content, str):
                    rows.skip(Skipped(item.name, content))
                else:
                    rows.append(item, content)
        with writing("the pack", folder.parent):
            items, columns, skipped = rows.finished()
    if not source.unchanged():
        shutil.rmtree(folder, ignore_errors=True)  # what could not be read then may be there again
        raise InputError(f"The files of {source.name} changed while they were packed. Run the same command again.")
    if not len(columns["hashes"]):
        reasons = "; ".join(f"{name}: {why}" for name, why in skipped[:3])
        raise InputError(f"Nothing in {source.name} could be read ({reasons}). Give a folder of readable pictures.")
    count, labels = len(columns["hashes"]), source.label_names()
    samples = np.memmap(folder / "samples.bin", spec.dtype, mode="r", shape=(count, *spec.shape))
    values = measured(samples, spec)
    spec = standardised(spec, values) if survey.standardise else with_range(spec, values, None)
    digest = hashlib.blake2b(repr((spec.shape, spec.dtype)).encode(), digest_size=16)
    for column in columns.values():
        digest.update(column.tobytes())
    beside, left_out = _beside(source, items)
    contents = Contents(
        VERSION, source.name, spec, count, labels, skipped, digest.hexdigest(), values, survey.notes,
        tuple(column for column, _ in beside), tuple(left_out),
    )  # fmt: skip
    columns |= {f"beside-{place}": found for place, (_, found) in enumerate(beside)}
    with writing("the pack", folder.parent):
        for name, column in columns.items():
            with replacing(folder / f"{name}.npy") as path:  # synced before pack.json, which marks a whole pack
                np.save(path, column)
        write_text(folder / "pack.json", json.dumps({**asdict(contents), "shape": spec.shape, "dtype": spec.dtype}))
        for name in ("records.bin", "skipped.jsonl"):
            (folder / name).unlink()
    return contents


def _beside(source: Source, items: Array) -> tuple[list[tuple[Column, Array]], list[LeftOut]]:
    """What comes beside the samples of these items of a source, which its name tells apart."""
    kept: dict[str, tuple[Column, Array]] = {}
    left_out: list[LeftOut] = []
    for column in source.beside():
        found = stored(column.at(items))
        if isinstance(found, LeftOut):
            left_out.append(found)
        elif column.name in kept:
            left_out.append(LeftOut(column.name, "another column has this name, and comes first"))
        else:
            kept[column.name] = found
    return [*kept.values()], left_out


def _refuse_without_room(folder: Path, source: Source, survey: Survey, spec: SampleSpec, row_bytes: int) -> None:
    """Raise if the disk cannot hold the pack: a small archive of huge pictures could fill it."""
    with writing("the pack", folder.parent):
        free = shutil.disk_usage(folder.parent).free
        begun = (folder / "samples.bin").stat().st_size if (folder / "samples.bin").exists() else 0
    if (wanted := survey.count * row_bytes) > free + begun:
        smaller = " Make the pictures smaller with --size, or set" if spec.is_picture else " Free some space, or set"
        raise InputError(
            f"A pack of {survey.count:,} {spec} from {source.name} takes {wanted:,} bytes, and {folder.parent} "
            f"has room for {free:,}.{smaller} WGAN_CACHE to a folder on a larger disk."
        )


def _contents(
    items: Iterator[Sample | Skipped], spec: SampleSpec, expected: int
) -> Iterator[tuple[Sample | Skipped, bytes | str]]:
    """Each item with the bytes of its row, or with the reason why it has none."""
    if spec.size is None or spec.channels is None:  # points
        return ((item, "" if isinstance(item, Skipped) else _point(item, spec.shape)) for item in items)
    first = list(islice(items, 1))
    value = _picture(*first) if first else None
    if isinstance(value, np.ndarray) and value.size == math.prod(spec.shape):
        expected = 0  # the samples need no decoding, and sending them to workers would take longer
    fitting: Callable[[list[Picture | None]], list[bytes | str]]
    fitting = partial(fit_all, size=spec.size, channels=spec.channels, dtype=spec.dtype)
    return in_order(fitting, chain(first, items), _picture, expected=expected)


def _picture(item: Sample | Skipped) -> Picture | None:
    return item.value if isinstance(item, Sample) else None


def _point(item: Sample, shape: DataShape) -> bytes:
    point = np.asarray(item.value)
    if point.shape != shape or not np.isfinite(point).all():
        raise InputError(f"Points must be finite and of shape {shape}, but one is {point!r}.")
    return point.astype(np.float32, copy=False).tobytes()
