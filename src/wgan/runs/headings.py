"""What columns of a grid are asked for: their heads, and the title above them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from wgan.runs.asking import WALK, Asked
from wgan.types.condition import Part
from wgan.views import legible

MOST_COLUMNS = 16
"""Of a grid whose columns are classes."""
PLAIN = 1e6
"""Numbers below this are written without an exponent."""
EXACT = 1e-12
"""Numbers are kept to about this share of them."""


class Across(NamedTuple):
    """What the columns of a grid are asked for."""

    heads: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    """What part of a row the part has in each column."""


def across(part: Part, columns: int) -> Across:
    """A column for each class, or for each set of labels that occurs, or as many as asked for from low to high.

    Of more than `MOST_COLUMNS` classes or sets, the most frequent ones. Of runs that do not know which labels occur
    together, a column for each label.
    """
    rows: list[tuple[float, ...]]
    if part.kind == "number":
        numbers = np.interp(np.linspace(0.02, 0.98, columns), np.linspace(0, 1, len(part.quantiles)), part.quantiles)
        rows = [(part.standardised(float(number)),) for number in numbers]
    elif part.kind == "class":
        rows = [(float(place),) for place in sorted(_frequent(part.counts))]
    else:
        sets = part.sets or [(place,) for place in range(len(part.names))]
        chosen = [sets[place] for place in _frequent(part.set_counts or part.counts)]
        rows = [tuple(float(place in places) for place in range(len(part.names))) for places in chosen]
    return Across(in_words(part, rows), tuple(rows))


def _frequent(counts: Sequence[int]) -> list[int]:
    """The places of the largest counts, the largest first."""
    found: list[int] = np.argsort(-np.asarray(counts), kind="stable")[:MOST_COLUMNS].tolist()
    return found


def walk_heads(asked: Asked, columns: int) -> tuple[str, ...]:
    """What the columns of a walk are asked for: each number, or what is at the ends. Of several walks, the first."""
    if not asked.walking:
        return ()
    part, ends = asked.condition.part(asked.walking[0]), asked.ends[asked.walking[0]]
    if part.kind == "number":
        shares = torch.linspace(0, 1, columns).tolist()
        return in_words(part, [(ends.start[0] + share * (ends.end[0] - ends.start[0]),) for share in shares])
    start, end = in_words(part, [ends.start, ends.end])
    return (start, *[""] * (columns - 2), end) if columns > 1 else (start,)


def title(asked: Asked) -> str:
    """What all is asked for, as a line above a picture: "label 7, energy 20..80"."""
    told = []
    for place, part in enumerate(asked.condition.parts):
        if part.name in asked.ends:
            ends = dict.fromkeys(in_words(part, asked.ends[part.name]))
            told.append(f"{legible(part.name, f'#{place}')} {WALK.join(ends)}")
    return ", ".join(told)


def in_words(part: Part, rows: Sequence[tuple[float, ...]]) -> tuple[str, ...]:
    """What each of these rows of the part asks for.

    A class or label that no font here can write is called by its place among them, such as #3.
    """
    if part.kind == "number":
        return _numbers([part.number(row[0]) for row in rows])
    names = [legible(name, f"#{place}") for place, name in enumerate(part.names)]
    if part.kind == "class":
        return tuple(names[int(row[0])] for row in rows)
    return tuple("|".join(name for name, there in zip(names, row, strict=True) if there) or "(none)" for row in rows)


def _numbers(numbers: Sequence[float]) -> tuple[str, ...]:
    """Numbers as people write them, with as many digits as tell them apart, four at least."""
    nothing = EXACT * max(map(abs, numbers))  # what is left of a zero after it was standardised and back
    numbers = [number if abs(number) > nothing else 0.0 for number in numbers]
    for digits in range(4, 17):
        found = tuple(_number(number, digits) for number in numbers)
        if len({*found}) == len({*numbers}):
            break
    return found


def _number(number: float, digits: int) -> str:
    rounded = float(f"{number:.{digits}g}")
    return f"{rounded:.{max(digits, 6) if abs(rounded) < PLAIN else digits}g}"
