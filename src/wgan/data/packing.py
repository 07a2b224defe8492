"""Packing: a source is decoded once, in all processor cores, into a folder named by what was read and how."""

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict
from functools import partial
from itertools import chain, islice
from pathlib import Path

import numpy as np

from wgan.data.cache import cache_folder, cache_subfolder, key_of, sweep, writing
from wgan.data.pack import Contents, Pack, read_pack
from wgan.data.parallel import in_order
from wgan.data.shape import target_spec
from wgan.data.source import Sample, Skipped, Source, Survey, plain
from wgan.data.unfinished_pack import Rows
from wgan.errors import InputError
from wgan.system.files import replacing, sync, write_text
from wgan.system.limits import changed, read_text
from wgan.system.locks import locked
from wgan.system.pictures import Picture, fit_all
from wgan.types import DataShape, Progress, SampleSpec

VERSION = 3
"""Raised when the same source would be packed to other rows or in other files."""

Size = tuple[int, int] | None


def open_pack(source: Source, size: Size = None, channels: int | None = None, progress: Progress = plain) -> Pack:
    """The pack of `source` at (height, width) `size` with `channels`; from the cache if it was packed before.

    What is None is chosen from the data: their own size if all agree, grey if all are grey. Packing that was stopped,
    however it was, goes on where it stopped; if another process packs the same, its pack is waited for.

    Raises:
        InputError: the source has nothing that can be decoded.
        TrainingError: the cache cannot be written, or a worker process was killed.
    """
    packs = cache_subfolder("packs")
    identity = source.identity()
    if identity is None:
        return _packed_anyway(packs, source, size, channels, progress)
    key = key_of(f"pack v{VERSION} {size} {channels}", identity, *changed().items())
    place, making, lock = packs / key, packs / f".making-{key}", packs / f".lock-{key}"
    if not (place / "pack.json").exists():
        survey = source.survey(progress)
        spec = target_spec(survey, size, channels)
        busy = f"another process is packing {source.name}: waiting for it"
        with ExitStack() as stack:
            with writing("the pack", packs):
                stack.enter_context(locked(lock, lambda turn: progress(turn, 1, busy)))
            if not (place / "pack.json").exists():  # the process that was waited for may have made it
                if not (making / "pack.json").exists():
                    _make(making, source, survey, spec, progress)
                _publish(making, place)
            with suppress(OSError):  # the pack is there; a lock that stays is swept up some day
                lock.unlink(missing_ok=True)  # whoever waits for it finds the pack
    return read_pack(place)


def make_pack(folder: Path, source: Source, progress: Progress = plain) -> Pack:
    """The pack of `source` in a folder of its own, outside the cache: for data that nobody will ask for again."""
    survey = source.survey(progress)
    return Pack(folder, _make(folder, source, survey, target_spec(survey, None, None), progress))


def find_pack(digest: str) -> Pack | None:
    """The pack that holds exactly the samples of this digest, if the cache still has it.

    Asks neither the source nor a network, so it answers at once, and also for data that were passed from Python or
    have been removed since.
    """
    for file in sorted((cache_folder() / "packs").glob("[!.]*/pack.json")):
        with suppress(OSError, ValueError):  # another process cleared it up, or it is damaged: then it is not this one
            if digest in read_text(file):
                pack = read_pack(file.parent)
                if (pack.contents.version, pack.contents.digest) == (VERSION, digest):
                    return pack
    return None


def _packed_anyway(packs: Path, source: Source, size: Size, channels: int | None, progress: Progress) -> Pack:
    """The pack of a source that only reading can identify: made at every start, named by what it holds."""
    survey = source.survey(progress)
    spec = target_spec(survey, size, channels)
    with writing("the pack", packs):
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=packs))
    try:
        contents = _make(making, source, survey, spec, progress)
        key = key_of(f"pack v{VERSION} {size} {channels}", contents.digest)
        place, lock = packs / key, packs / f".lock-{key}"
        with writing("the pack", packs), locked(lock, lambda turn: turn):
            if not (place / "pack.json").exists():  # if another process was first, theirs holds the same
                _publish(making, place)
            with suppress(OSError):
                lock.unlink(missing_ok=True)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return read_pack(place)


def _publish(made: Path, place: Path) -> None:
    """Give a finished pack its name, for good. Only who holds the lock of that name may."""
    with writing("the pack", place.parent):
        if place.exists():  # what somebody who cleared up, or a failing disk, left of one
            shutil.rmtree(place)
        os.rename(made, place)
        sync(place.parent)


def _make(folder: Path, source: Source, survey: Survey, spec: SampleSpec, progress: Progress) -> Contents:
    """Write everything that is in a pack. What reading the source raises is not taken for an error of writing."""
    row_bytes = math.prod(spec.shape) * np.dtype(spec.dtype).itemsize
    _refuse_without_room(folder, source, survey, spec, row_bytes)
    with writing("the pack", folder.parent):
        folder.mkdir(exist_ok=True)
        begun = Rows(folder, row_bytes)
        sweep(folder.parent)  # not this one: its files were just touched
    with begun as rows:
        left = survey.count + len(survey.skipped) - rows.next_item
        what = f"packing {source.name}" + (f", from the {rows.next_item + 1:,}th on" if rows.next_item else "")
        items = islice(source.samples(), rows.next_item, None)
        for item, content in progress(_contents(items, spec, left), left, what):
            with writing("the pack", folder.parent):
                _add(rows, item, content)
        with writing("the pack", folder.parent):
            columns, skipped = rows.finished()
    if not len(columns["hashes"]):
        reasons = "; ".join(f"{name}: {why}" for name, why in skipped[:3])
        raise InputError(f"Nothing in {source.name} could be read ({reasons}). Give a folder of readable pictures.")
    count, labels = len(columns["hashes"]), source.label_names()
    digest = hashlib.blake2b(repr((spec.shape, spec.dtype)).encode(), digest_size=16)
    for column in columns.values():
        digest.update(column.tobytes())
    contents = Contents(VERSION, source.name, spec, count, labels, skipped, digest.hexdigest())
    with writing("the pack", folder.parent):
        for name, column in columns.items():
            with replacing(folder / f"{name}.npy") as path:  # on the disk before pack.json says that all is there
                np.save(path, column)
        write_text(folder / "pack.json", json.dumps(asdict(contents)))
        for name in ("records.bin", "skipped.jsonl"):
            (folder / name).unlink()
    return contents


def _refuse_without_room(folder: Path, source: Source, survey: Survey, spec: SampleSpec, row_bytes: int) -> None:
    """Begin no pack that the disk cannot hold: a small archive of huge pictures would fill it."""
    with writing("the pack", folder.parent):
        free = shutil.disk_usage(folder.parent).free
        begun = (folder / "samples.bin").stat().st_size if (folder / "samples.bin").exists() else 0
    if (wanted := survey.count * row_bytes) > free + begun:
        smaller = " Make the pictures smaller with --size, or set" if spec.is_picture else " Free some space, or set"
        raise InputError(
            f"A pack of {survey.count:,} {spec} from {source.name} takes {wanted:,} bytes, and {folder.parent} "
            f"has room for {free:,}.{smaller} WGAN_CACHE to a folder on a larger disk."
        )


def _add(rows: Rows, item: Sample | Skipped, content: bytes | str) -> None:
    if isinstance(item, Skipped):
        rows.skip(item)
    elif isinstance(content, str):
        rows.skip(Skipped(item.name, content))
    else:
        rows.append(item, content)


def _contents(
    items: Iterator[Sample | Skipped], spec: SampleSpec, expected: int
) -> Iterator[tuple[Sample | Skipped, bytes | str]]:
    """Each item with the bytes of its row, or with why it has none."""
    if spec.size is None or spec.channels is None:
        return ((item, "" if isinstance(item, Skipped) else _point(item, spec.shape)) for item in items)
    first = list(islice(items, 1))
    if first and _is_ready(first[0], spec.shape):
        expected = 0  # sending it to workers would be all the work
    fitting: Callable[[list[Picture | None]], list[bytes | str]]
    fitting = partial(fit_all, size=spec.size, channels=spec.channels)
    return in_order(fitting, chain(first, items), _picture, expected=expected)


def _is_ready(item: Sample | Skipped, shape: DataShape) -> bool:
    """Whether it is an array that has the shape already; the others of its source will have it too."""
    value = _picture(item)
    return isinstance(value, np.ndarray) and value.shape == (*shape[1:], shape[0])


def _picture(item: Sample | Skipped) -> Picture | None:
    return item.value if isinstance(item, Sample) else None


def _point(item: Sample, shape: DataShape) -> bytes:
    point = np.asarray(item.value)
    if point.shape != shape or not np.isfinite(point).all():
        raise InputError(f"Points must be finite and of shape {shape}; one is {point!r}.")
    return point.tobytes()
