"""What is asked of a conditional generator, from the words of a user to rows of its condition."""

import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from wgan.errors import InputError, unknown
from wgan.training import Stream, random_numbers
from wgan.types import Conditions
from wgan.types.condition import Condition, Part, Rows

FAR = 0.1
"""A number this share of their range beyond those seen is far outside."""
FARTHEST = 1e6
"""A number so many deviations away is none that networks can take."""
WALK = ".."
"""Between the two ends of a walk."""


class Ends(NamedTuple):
    """What a part is asked for, as a row has it: at the start of a walk, and at its end. The same if there is none."""

    start: tuple[float, ...]
    end: tuple[float, ...]


@dataclass(frozen=True)
class Asked:
    """What is asked of each part by name; parts that are missing are drawn as they occur in the data."""

    condition: Condition
    ends: Mapping[str, Ends]
    each: Mapping[str, Rows] = field(default_factory=dict)
    """What each of several samples is asked for, (N, width): one value for each was given."""

    @property
    def walking(self) -> tuple[str, ...]:
        """The names of the parts that go from one value to another."""
        return tuple(name for name, ends in self.ends.items() if ends.start != ends.end)

    def rows(self, count: int, seed: int = 0) -> Rows:
        """Rows for so many samples (count, width), all of them asked for the starts of the walks."""
        rows = self._started(drawn(self.condition, count, seed))
        for part, where in self.condition.columns():
            if part.name in self.each:
                several = self.each[part.name]
                if len(several) != count:
                    raise InputError(f"There are {count:,} samples and {len(several):,} values of {part.name}.")
                rows[:, where] = several
        return rows

    def batches(self, count: int, most: int, seed: int = 0) -> Iterator[Conditions]:
        """What networks are given for those `rows`, at most `most` at a time. No sample has a value of its own."""
        random = [random_numbers(seed, Stream.CONDITIONS, place) for place in range(len(self.condition.parts))]
        for start in range(0, count, most):
            rows = self.condition.drawn(random.__getitem__, min(most, count - start))
            yield self.condition.to_vectors(self._started(rows))

    def _started(self, rows: Rows) -> Rows:
        for part, where in self.condition.columns():
            if part.name in self.ends:
                rows[:, where] = torch.tensor(self.ends[part.name].start)
        return rows

    def vectors(self, count: int, columns: int, seed: int = 0) -> Tensor:
        """What networks are given for so many samples (count, size) in rows of `columns`, along which walks go.

        What is drawn stays the same along a row. Between two classes lies a mixture of both.
        """
        lines = -(-count // columns)
        found = []
        for part, where in self.condition.columns():
            rows = self.rows(lines, seed)[:, where]
            start = part.to_vectors(rows)
            end = start
            if part.name in self.ends:
                end = part.to_vectors(torch.tensor([self.ends[part.name].end]).expand(lines, -1))
            share = torch.linspace(0, 1, columns)[None, :, None]
            found.append(torch.lerp(start[:, None], end[:, None], share).flatten(0, 1))
        return torch.cat(found, dim=1)[:count]


def drawn(condition: Condition, count: int, seed: int = 0) -> Rows:
    """Rows (count, width) as they occur in the data, the same for the same seed."""
    return condition.drawn(lambda place: random_numbers(seed, Stream.CONDITIONS, place), count)


def asked(condition: Condition | None, wanted: Mapping[str, Any] | Sequence[str] | None) -> Asked | None:
    """What a user asks for: `{"label": "cat", "energy": (20, 80)}`, or texts like `label=cat` and `energy=20..80`.

    A pair, or two dots, is a walk from one value to another. A list or an array has a value for each sample; of labels,
    which are a list themselves or have | between them, it is a list of lists. None where nothing can be asked for.

    Raises:
        InputError: there is no such part, class or label, or what should be a number is none.
    """
    if condition is None:
        if wanted:
            raise InputError(
                "This generator was trained without a condition, and cannot be asked for anything. Train one that can "
                "be: wgan train DATA --condition NAME; `wgan data DATA` says what there is."
            )
        return None
    if isinstance(wanted, str):
        wanted = [wanted]
    if not isinstance(wanted, Mapping | Sequence | None):
        raise InputError(f"{wanted!r} names no part of the condition. Write {{{condition.names[0]!r}: {wanted!r}}}.")
    given = dict(wanted) if isinstance(wanted, Mapping) else _pairs(wanted or (), condition)
    for name in given:
        if name not in condition.names:
            raise unknown("condition", name, condition.names)
    several = {name: values for name in given if (values := _several(condition.part(name), given[name])) is not None}
    each = {name: torch.tensor([_row(condition.part(name), one) for one in several[name]]) for name in several}
    ends = {name: _ends(condition.part(name), value) for name, value in given.items() if name not in several}
    return Asked(condition, ends, each)


def _several(part: Part, value: Any) -> list[Any] | None:
    """The values that samples have, one each; None if it is one for all."""
    value = value.tolist() if hasattr(value, "tolist") and value.ndim else value
    if not isinstance(value, list) or not value:
        return None
    return value if part.kind != "labels" or any(isinstance(one, list | tuple | set) for one in value) else None


def _pairs(texts: Sequence[str], condition: Condition) -> dict[str, str]:
    """`name=value`, several in one text with commas, if each has its own name and the whole is no class."""
    found = {}
    for text in texts:
        pieces = text.split(",")
        whole = _is_known(condition, text) or not all("=" in piece for piece in pieces)
        for piece in [text] if whole else pieces:
            name, equals, value = _pair(condition, piece)
            if not equals or not name or not (value or _may_be_none(condition, name)):
                raise InputError(f"'{piece}' asks for nothing. Write NAME=VALUE, such as {_example(condition)}.")
            if name in found:
                raise InputError(f"{name} is asked for twice. Ask for each once; {WALK} goes between two values.")
            found[name] = value
    return found


def _pair(condition: Condition, text: str) -> tuple[str, str, str]:
    """The name, "=" and the value; the name of a part may have that sign too."""
    known = [name for name in condition.names if text.strip().startswith(f"{name}=")]
    name = max(known, key=len, default=text.partition("=")[0])
    _, equals, value = text.partition(f"{name}=") if known else text.partition("=")
    return name.strip(), equals and "=", value.strip()


def _may_be_none(condition: Condition, name: str) -> bool:
    """Whether nothing can be asked of it: none of its labels."""
    return name in condition.names and condition.part(name).kind == "labels"


def _is_known(condition: Condition, text: str) -> bool:
    """Whether this is `name=value` of a class or label, which may have any signs in it."""
    name, _, value = _pair(condition, text)
    return name in condition.names and value in condition.part(name).names


def _example(condition: Condition) -> str:
    part = condition.parts[0]
    return f"{part.name}={f'{part.typical:g}' if part.kind == 'number' else part.names[0]}"


def _ends(part: Part, value: Any) -> Ends:
    if isinstance(value, tuple) and len(value) == 2 and part.kind != "labels":
        start, end = value
    elif isinstance(value, str) and value.strip() not in part.names and WALK in value:
        start, end = _walk(part, value)
    else:
        start = end = value
    return Ends(_row(part, start), _row(part, end))


def _walk(part: Part, text: str) -> tuple[str, str]:
    """The ends of a walk, written with two dots, which the name of a class may have too."""
    places = [place for place in range(len(text)) if text.startswith(WALK, place)]
    pairs = [(text[:place].strip(), text[place + len(WALK) :].strip()) for place in places]
    return next((pair for pair in pairs if {*pair} <= {*part.names}), pairs[0])


def _row(part: Part, value: Any) -> tuple[float, ...]:
    if part.kind == "number":
        return (part.standardised(_number(part, value)),)
    if part.kind == "class":
        return (float(_place(part, value)),)
    if isinstance(value, list | tuple) and len(value) == len(part.names) and all(type(one) is bool for one in value):
        return tuple(map(float, value))
    names = [value]
    if isinstance(value, list | tuple | set | frozenset):
        names = [*value]
    elif isinstance(value, str) and value.strip() not in part.names:
        names = re.split(r"[|;]", value)
    places = {_place(part, name) for name in names if str(name).strip()}
    return tuple(float(place in places) for place in range(len(part.names)))


def _place(part: Part, value: Any) -> int:
    value = value.item() if hasattr(value, "item") else value  # of NumPy or torch
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if text in part.names:
        return part.names.index(text)
    near = [place for place, name in enumerate(part.names) if name.lower() == text.lower()]  # True is kept as true
    if len(near) == 1:
        return near[0]
    what = "class" if part.kind == "class" else "label"
    raise unknown(f"{what} of {part.name}", text, part.names)


def _number(part: Part, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not abs(part.standardised(number)) <= FARTHEST:
        what = "far beyond" if math.isfinite(number) else "none"
        raise InputError(
            f"{part.name} is a number from {part.low:g} to {part.high:g}, and '{value}' is {what}. Write "
            f"{part.name}={part.typical:g}, or {part.name}={part.low:g}{WALK}{part.high:g} for a row of them."
        )
    margin = FAR * (part.high - part.low)
    if not part.low - margin <= number <= part.high + margin:
        warnings.warn(
            f"{part.name}={number:g} is far outside of what the generator has seen, {part.low:g} to {part.high:g}: "
            "nobody knows what comes of it.",
            stacklevel=4,
        )
    return number
