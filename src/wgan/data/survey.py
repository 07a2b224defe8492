"""Surveys: what a source contains, read from headers and cached, and the sample shape that follows from it."""

import json
from collections import Counter
from collections.abc import Callable
from statistics import median_low
from typing import Any

import numpy as np

from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.data.pack import Pack
from wgan.data.parallel import in_order
from wgan.data.source import Sample, Skipped, Source, Survey, no_progress
from wgan.errors import InputError
from wgan.system.files import write_text
from wgan.system.limits import changed, read_text
from wgan.system.pictures import Encoded, read_headers
from wgan.system.validation import checked
from wgan.types import Progress, SampleSpec

VERSION = 2
GREY_MODES = {"1", "L", "LA", "I", "I;16", "I;16B", "I;16L"}
DEFAULT_SIDE = 64


def surveyed(source: Source, total: Callable[[], int], progress: Progress) -> Survey:
    """The survey of a source whose samples are files or bytes, from the cache if the source has not changed.

    `total` returns about how many samples there are. It is only called if the cache has no survey.

    Raises:
        TrainingError: The cache cannot be written.
    """
    folder = cache_subfolder("surveys")
    place = folder / f"{key_of(f'survey v{VERSION}', source.identity(), *changed().items())}.json"
    try:
        return _from_json(read_text(place))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):  # missing or damaged
        survey = _read_all(source, total(), progress)
    with writing("a survey", folder):
        sizes = [[*size, count] for size, count in survey.sizes.items()]  # keys of JSON objects are strings
        write_text(place, json.dumps({**vars(survey), "sizes": sizes}))
    return survey


def _read_all(source: Source, total: int, progress: Progress) -> Survey:
    sizes: Counter[tuple[int, int]] = Counter()
    modes: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    skipped: list[Skipped] = []
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
            if names and item.label is not None:
                labels[names[item.label]] += 1
    return Survey(sizes.total(), sizes, modes, labels, tuple(skipped))


def _encoded(item: Sample | Skipped) -> Encoded | None:
    return item.value if isinstance(item, Sample) and isinstance(item.value, Encoded) else None


def _from_json(text: str) -> Survey:
    values = json.loads(text)
    values["sizes"] = {(height, width): count for height, width, count in values["sizes"]}
    values["skipped"] = tuple(Skipped(*entry) for entry in values["skipped"])
    return checked(Survey, values, "survey.")


def target_spec(survey: Survey, size: tuple[int, int] | None, channels: int | None) -> SampleSpec:
    """The spec that samples are packed with, at (height, width) `size` with `channels`.

    By default, pictures keep their size if all have the same. Otherwise they become squares of up to 64 pixels: the
    largest power of two that half of the pictures reach, so that a few tiny ones do not decide. They have 1 channel
    if all are grey, else 3; transparency is only kept if `channels` is 4.

    Raises:
        InputError: No picture can be read.
    """
    if survey.point_size is not None:
        return SampleSpec.points(survey.point_size)
    if survey.count == 0:
        reasons = "; ".join(f"{name}: {why}" for name, why in survey.skipped[:3])
        raise InputError(f"None of the files can be read as a picture ({reasons}). Give a folder of pictures.")
    if size is None and len(survey.sizes) == 1:
        (size,) = survey.sizes
    elif size is None:
        typical = median_low(min(size) for size in survey.sizes.elements())
        size = (min(DEFAULT_SIDE, 1 << max(typical.bit_length() - 1, 3)),) * 2
    grey = survey.modes and set(survey.modes) <= GREY_MODES
    return SampleSpec.picture(channels or (1 if grey else 3), *size)


def data_facts(source: Source, pack: Pack, holdout: float, progress: Progress = no_progress) -> dict[str, Any]:
    """What a source and its pack contain, as plain values."""
    survey = source.survey(progress)
    train, held_out = pack.split(holdout)
    return {
        "name": source.name,
        "count": survey.count,
        "sizes": {f"{h}x{w}": count for (h, w), count in survey.sizes.most_common()},
        "modes": dict(survey.modes.most_common()),
        "labels": dict(sorted(survey.labels.items())),
        "skipped": [entry._asdict() for entry in pack.contents.skipped],
        "packed": {"shape": list(pack.shape), "count": len(pack), "folder": str(pack.path)},
        "duplicates": len(pack) - len(np.unique(pack.hashes)),
        "split": {"train": len(train), "held_out": len(held_out)},
    }
