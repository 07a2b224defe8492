"""Surveys: what a source contains, read from headers and cached, and the sample shape that follows from it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from statistics import median_low
from typing import Any

import numpy as np

from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.data.columns import Column, LeftOut, stored
from wgan.data.pack import Pack
from wgan.data.parallel import in_order
from wgan.data.source import Beside, Sample, Skipped, Source, Survey, no_progress
from wgan.data.values import stored_type
from wgan.errors import InputError
from wgan.system.files import write_text
from wgan.system.fitting import DEEP
from wgan.system.limits import changed, read_text
from wgan.system.pictures import Encoded, read_headers
from wgan.system.text import counted
from wgan.system.validation import checked
from wgan.types import Progress, SampleSpec
from wgan.types.sample_spec import BYTES, Stored

VERSION = 3
GREY_MODES = {"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N", "F"}
DEEP_MODES = {mode for mode in GREY_MODES if mode.startswith(DEEP)}
DEFAULT_SIDE = 64
CONVERTIBLE = (1, 3, 4)
"""Numbers of channels that encoded pictures can be converted to: grey, RGB, and RGB with opacity."""


def surveyed(
    source: Source, total: Callable[[], int], progress: Progress, notes: Callable[[], tuple[str, ...]] = tuple
) -> Survey:
    """The survey of a source whose samples are files or bytes, from the cache if the source has not changed.

    `total` returns about how many samples there are, `notes` what else a user should know. They are only called if the
    cache has no survey.

    Raises:
        TrainingError: The cache cannot be written.
    """

    def compute() -> Survey:
        survey = _read_all(source, total(), progress)
        return replace(survey, notes=(*survey.notes, *notes()))

    return cached_survey(source, compute)


def cached_survey(source: Source, compute: Callable[[], Survey]) -> Survey:
    """The survey of a source from the cache, or computed if the source has changed."""
    folder = cache_subfolder("surveys")
    place = folder / f"{key_of(f'survey v{VERSION}', source.identity(), *changed().items())}.json"
    try:
        return _from_json(read_text(place))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):  # missing or damaged
        survey = compute()
    with writing("a survey", folder):
        sizes = [[*size, count] for size, count in survey.sizes.items()]  # keys of JSON objects are strings
        write_text(place, json.dumps({**vars(survey), "sizes": sizes}))
    return survey


def _read_all(source: Source, total: int, progress: Progress) -> Survey:
    sizes: Counter[tuple[int, ...]] = Counter()
    modes: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    skipped: list[Skipped] = []
    several: list[tuple[str, int]] = []
    low = high = 0.0
    reduced = 0
    names = source.label_names()
    headers = in_order(read_headers, source.samples(), _encoded, expected=total)
    for item, header in progress(headers, total, f"looking through {source.name}"):
        if isinstance(item, Skipped):
            skipped.append(item)
        elif isinstance(header, str):
            skipped.append(Skipped(item.name, header))
        else:
            sizes[header.size] += 1
            modes[header.mode] += 1
            low, high = min(low, header.low), max(high, header.high)
            reduced += header.reduced
            if header.frames > 1:
                several.append((item.name, header.frames))
            if names and item.label is not None:
                labels[names[item.label]] += 1
    notes = [*_frames(several)]
    if reduced:
        notes.append(f"{counted(reduced, 'colour picture')} of 16 bits: the high 8 bits are read")
    dtype = _dtype(modes, low, high)
    if dtype == "uint8" and (deep := sum(count for mode, count in modes.items() if mode.startswith(DEEP))):
        notes.append(
            f"{counted(deep, 'grey picture')} of more than 8 bits among colours: the high 8 of 16 bits are read"
        )
    elif dtype != "uint8" and (shallow := sum(count for mode, count in modes.items() if mode not in DEEP_MODES)):
        notes.append(
            f"{counted(shallow, 'picture')} of 8 bits among deeper ones: white is the highest value of {dtype}"
        )
    if dtype == "float32" and len(set(modes) & DEEP_MODES) > 1:
        notes.append("pictures of whole numbers lie among floating-point ones: their values are taken as they are")
    return Survey(sizes.total(), sizes, modes, labels, tuple(skipped), dtype=dtype, notes=tuple(notes))


def _dtype(modes: Counter[str], low: float, high: float) -> Stored:
    """The type that holds all pictures of these modes, whose 32-bit ones lie between `low` and `high`."""
    if not set(modes) <= GREY_MODES or not any(mode.startswith(DEEP) for mode in modes):
        return "uint8"
    if "F" in modes:
        return "float32"
    if "I" not in modes:
        return "uint16"
    if len(set(modes) & DEEP_MODES) > 1:  # among 32-bit ones, some of 16
        low, high = min(low, 0.0), max(high, 65535.0)
    return stored_type(np.dtype(np.uint16), low, high)


def _frames(several: list[tuple[str, int]]) -> Iterator[str]:
    if several:
        more = sum(frames - 1 for _, frames in several)
        name, frames = several[0]
        yield (
            f"{counted(len(several), 'file')} with several pictures: the first is read, and {more:,} others are not "
            f"({name} holds {frames:,})"
        )


def _encoded(item: Sample | Skipped) -> Encoded | None:
    return item.value if isinstance(item, Sample) and isinstance(item.value, Encoded) else None


def _from_json(text: str) -> Survey:
    values = json.loads(text)
    values["sizes"] = {tuple(size): count for *size, count in values["sizes"]}
    values["skipped"] = tuple(Skipped(*entry) for entry in values["skipped"])
    return checked(Survey, values, "survey.")


def target_spec(survey: Survey, size: tuple[int, ...] | None, channels: int | None) -> SampleSpec:
    """The spec that samples are packed with, at `size` with `channels`. The range of deep values is measured later.

    By default, samples keep their size if all have the same. Else pictures become squares of up to 64 pixels: the
    largest power of two that half of the pictures reach, so that a few tiny ones do not decide. They have 1 channel
    if all are grey, else 3; transparency is only kept if `channels` is 4.

    Raises:
        InputError: No sample can be read, or they cannot have this size or these channels.
    """
    if survey.point_size is not None:
        return replace(SampleSpec.points(survey.point_size), names=survey.names)
    if survey.count == 0:
        reasons = "; ".join(f"{name}: {why}" for name, why in survey.skipped[:3])
        if survey.kind == "picture":
            raise InputError(f"None of the files can be read as a picture ({reasons}). Give a folder of pictures.")
        raise InputError(f"None of the files of {survey.kind}s can be read ({reasons}).")
    own = next(iter(survey.sizes))
    if size is not None and len(size) != len(own):
        raise InputError(
            f"data.size={list(size)} has {len(size)} numbers, and the places of a {survey.kind} {len(own)}."
        )
    if size is None and len(survey.sizes) == 1:
        size = own
    elif size is None and survey.kind == "picture":
        typical = median_low(min(size) for size in survey.sizes.elements())
        size = (min(DEFAULT_SIDE, 1 << max(typical.bit_length() - 1, 3)),) * 2
    elif size is None:
        (size, _), *_ = survey.sizes.most_common(1)
    if channels is None or survey.kind != "picture" or survey.channels not in (None, 1):
        if channels not in (None, survey.channels):
            raise InputError(f"These {survey.kind}s have {survey.channels} channels. Leave data.channels out.")
        grey = survey.modes and set(survey.modes) <= GREY_MODES
        channels = survey.channels or (1 if grey else 3)
    if survey.channels is None and channels not in CONVERTIBLE:
        raise InputError(f"Pictures can be read with 1, 3 or 4 channels, not {channels}. Change data.channels.")
    names = survey.names if len(survey.names) == channels else ()
    spec = SampleSpec(survey.kind, (channels, *size), survey.dtype, names=names)
    return spec.ranged(*BYTES) if survey.dtype == "uint8" else spec


def data_facts(source: Source, pack: Pack, holdout: float, progress: Progress = no_progress) -> dict[str, Any]:
    """What a source and its pack contain, as plain values."""
    survey = source.survey(progress)
    train, held_out = pack.split(holdout)
    values = pack.contents.values
    return {
        "name": source.name,
        "count": survey.count,
        "sizes": {"x".join(map(str, size)): count for size, count in survey.sizes.most_common()},
        "modes": dict(survey.modes.most_common()),
        "labels": dict(sorted(survey.labels.items())),
        "skipped": [entry._asdict() for entry in pack.contents.skipped],
        "kind": pack.spec.kind,
        "packed": {
            "shape": list(pack.shape),
            "dtype": pack.spec.dtype,
            "count": len(pack),
            "form": str(pack.spec),
            "folder": str(pack.path),
        },
        "values": None if values is None else asdict(values),
        "range": None if pack.spec.low is None else [pack.spec.low, pack.spec.high],
        "names": list(pack.spec.names),
        "columns": _askable(source, pack),
        "left_out": [asdict(column) for column in pack.contents.left_out],
        "notes": list(pack.notes),
        "duplicates": len(pack) - len(np.unique(pack.hashes)),
        "split": {"train": len(train), "held_out": len(held_out)},
    }


def _askable(source: Source, pack: Pack) -> list[dict[str, Any]]:
    """What a generator can be asked for: what comes beside the samples, then columns of the samples themselves."""
    found = [{**_column_facts(column), "in_samples": False} for column, _ in pack.columns.values()]
    if pack.spec.kind != "points" or len(pack.spec.names) < 2:
        return found
    for place in range(len(pack.spec.names)):
        name = pack.spec.names[place]
        column = stored(Beside(name, pack.samples[:, place])) if name in source.inner() else None
        if name not in pack.columns and column is not None and not isinstance(column, LeftOut):
            found.append({**_column_facts(column[0]), "in_samples": True})
    return found


def _column_facts(column: Column) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": column.name, "kind": column.kind, "missing": column.missing}
    if column.kind != "number":
        return {**facts, "names": dict(zip(column.names, column.counts, strict=True))}
    numbers = {name: getattr(column, name) for name in ("low", "high", "mean", "deviation")}
    return {**facts, **numbers, "histogram": list(column.counts)}
