"""Which runs of a page repeat each other with other seeds, and what these groups are called."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from wgan.language import say
from wgan.runs.run import Run
from wgan.system.validation import dotted

SEED = "training.seed"
BESIDE = (SEED, "data.source", "device", "compile", "compile_from", "graphs", "rank_timeout", "ignore", "chosen")
"""Settings that do not tell groups apart: the seed, where data and results lie, and how steps are computed."""
TIMED = ("training.steps", "schedule.steps")
"""Settings that follow from the machine where a run is given minutes."""
LONGEST = 40
"""Of a value in a name, in characters."""
DIGITS = 12
"""Of a digest."""
ABSENT = "–"


class Group(NamedTuple):
    """Runs that differ in their seed only, or a single run."""

    name: str
    """What tells it from the others, and how many seeds it has: `penalty_weight=10 (3 seeds)`."""
    brief: str
    """The same without what `keys` says: `10`."""
    places: tuple[int, ...]
    """Its runs, by their place on the page."""


class Groups(NamedTuple):
    """The groups of a page, in the order of their first runs."""

    all: tuple[Group, ...]
    keys: str = ""
    """The settings whose values are the brief names; empty if these are names of folders."""

    @property
    def repeated(self) -> bool:
        """Whether any group has several runs."""
        return any(len(group.places) > 1 for group in self.all)

    def of(self, place: int) -> int:
        """The number of the group of the run at a place."""
        return next(number for number, group in enumerate(self.all) if place in group.places)

    def sorted_out(self, items: Sequence[Any]) -> list[list[Any]]:
        """What there is for each run, as a list for each group."""
        return [[items[place] for place in group.places] for group in self.all]


def grouped(runs: Sequence[Run], names: Sequence[str]) -> Groups:
    """The groups of some runs with these names, which single runs keep unless there are groups of several.

    Runs form a group if they have the same data and the same settings but for the seed and what does not change the
    numbers. Runs that have the same seed too repeat nothing: they stay apart, to be compared with each other.
    """
    settings = [_settings(run) for run in runs]
    found: dict[str, list[int]] = {}
    for place, (_, values) in enumerate(settings):
        found.setdefault(json.dumps(values, sort_keys=True), []).append(place)
    groups: list[list[int]] = []
    for places in found.values():
        seeds = {settings[place][0] for place in places}
        groups += [places] if len(seeds) == len(places) else [[place] for place in places]
    groups.sort()
    if all(len(places) == 1 for places in groups):
        return Groups(tuple(Group(name, name, (place,)) for place, name in enumerate(names)))
    differing = [settings[places[0]][1] for places in groups]
    keys = _telling(differing)
    told = [_told(keys, one) for one in differing]
    twice = {brief for brief, _ in told if [brief for brief, _ in told].count(brief) > 1}
    named = []
    for places, (brief, name) in zip(groups, told, strict=True):
        if brief in twice:  # what was cut off of a value tells them apart, or one seed was given twice
            brief = name = names[places[0]]
        named.append(Group(_with_seeds(name, len(places)), brief, tuple(places)))
    return Groups(tuple(named), " · ".join(_short_keys(keys)))


def _with_seeds(name: str, count: int) -> str:
    return say("{name} ({count} seeds)", name=name, count=count) if count > 1 else say("{name} (1 seed)", name=name)


def _settings(run: Run) -> tuple[int, dict[str, Any]]:
    """The seed, and what tells the run from others: first of all its data and its recipe."""
    values = dotted(run.config.to_dict())
    left_out = {*BESIDE, *(TIMED if "training.minutes" in values else ())}
    kept = {key: value for key, value in values.items() if key not in left_out and not key.startswith("output.")}
    data = {"data": run.provenance.data_name, "digest": run.provenance.data_digest[:DIGITS]}
    return run.config.training.seed, {**data, **kept}


def _telling(settings: Sequence[dict[str, Any]]) -> list[str]:
    """The first few settings by which all of these differ."""
    chosen: list[str] = []
    distinct = 1
    for key in dict.fromkeys(key for values in settings for key in values):
        found = len({json.dumps([values.get(one) for one in (*chosen, key)]) for values in settings})
        if found > distinct:
            chosen.append(key)
            distinct = found
    return chosen or ["recipe"]


def _told(keys: Sequence[str], values: dict[str, Any]) -> tuple[str, str]:
    """The values of these settings, and the same with their keys."""
    shown = [_text(values.get(key, ABSENT)) for key in keys]
    plain = ("data", "digest", "recipe")  # which speak for themselves
    pairs = [
        one if key in plain else f"{short}={one}"
        for key, short, one in zip(keys, _short_keys(keys), shown, strict=True)
    ]
    return " · ".join(shown), ", ".join(pairs)


def _text(value: Any) -> str:
    if isinstance(value, float):
        text = f"{value:g}"
    elif isinstance(value, list):
        text = "[" + ",".join(map(_text, value)) + "]"
    else:
        text = {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 + 1 :]}"


def _short_keys(keys: Sequence[str]) -> list[str]:
    """The last words of dotted keys that tell them apart; `objective` of `objective.name`."""
    plain = [key.removesuffix(".name") for key in keys]
    short = []
    for key in plain:
        words = key.split(".")
        tails = (".".join(words[-count:]) for count in range(1, len(words) + 1))
        short.append(next(tail for tail in tails if sum(f".{one}".endswith(f".{tail}") for one in plain) == 1))
    return short
