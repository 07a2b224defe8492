"""Surveys of pictures that are not decoded yet: taken from their headers, kept beside the packs."""

import json
from collections import Counter
from collections.abc import Callable

from wgan.data.cache import cache_subfolder, key_of, writing
from wgan.data.parallel import in_order
from wgan.data.source import Sample, Skipped, Source, Survey
from wgan.system.files import write_text
from wgan.system.limits import changed, read_text
from wgan.system.pictures import Encoded, read_headers
from wgan.system.validation import checked
from wgan.types import Progress

VERSION = 2


def surveyed(source: Source, total: Callable[[], int], progress: Progress) -> Survey:
    """The survey of a source whose samples are files or bytes, about as many as `total` says when it is asked.

    It is taken once for each identity of the source, and read from the cache after that.

    Raises:
        TrainingError: the cache cannot be written.
    """
    folder = cache_subfolder("surveys")
    place = folder / f"{key_of(f'survey v{VERSION}', source.identity(), *changed().items())}.json"
    try:
        return _from_json(read_text(place))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):  # not there, or not whole
        survey = _look_through(source, total(), progress)
    with writing("a survey", folder):
        write_text(place, _to_json(survey))
    return survey


def _look_through(source: Source, total: int, progress: Progress) -> Survey:
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


def _to_json(survey: Survey) -> str:
    sizes = [[*size, count] for size, count in survey.sizes.items()]  # keys of JSON objects are strings
    return json.dumps({**vars(survey), "sizes": sizes})


def _from_json(text: str) -> Survey:
    values = json.loads(text)
    values["sizes"] = {(height, width): count for height, width, count in values["sizes"]}
    values["skipped"] = tuple(Skipped(*entry) for entry in values["skipped"])
    return checked(Survey, values, "survey.")
