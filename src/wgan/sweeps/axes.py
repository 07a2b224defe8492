"""What a sweep varies: values that are listed, and ranges that values are drawn from."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wgan.config import parse_setting
from wgan.errors import InputError

WIDE = 10.0
"""A range whose ends are this many times apart is drawn from on a logarithmic scale."""
DIGITS = 4
"""Significant digits of a value that is drawn: enough to search, and few enough to read and to type."""
NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
RANGE = re.compile(rf"((?:(?:log|lin|int):)*)\s*({NUMBER})\s*\.\.\s*({NUMBER})")
OPENING, CLOSING = "[{", "]}"


@dataclass(frozen=True)
class Choice:
    """Values to choose from; a single one is the same in all runs."""

    values: tuple[Any, ...]

    @property
    def is_fixed(self) -> bool:
        return len(self.values) == 1

    def at(self, share: float) -> Any:
        """The value at a share in [0, 1) of the list."""
        return self.values[int(share * len(self.values))]

    def to_plain(self) -> Any:
        """As it is kept in sweep.toml."""
        return list(self.values)


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included."""

    low: float
    high: float
    logarithmic: bool
    whole: bool
    """Whether only integers are meant."""
    is_fixed = False

    def at(self, share: float) -> int | float:
        """The value at a share in [0, 1) of the range: integers are equally likely on its scale."""
        low, high = (self.low - 0.5, self.high + 0.5) if self.whole else (self.low, self.high)
        if self.logarithmic:
            value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        else:
            value = low + share * (high - low)
        return self.rounded(value)

    def rounded(self, value: float) -> int | float:
        """The value as it is used: an integer, or a number of few digits, within the range."""
        near = round(value) if self.whole else float(f"{value:.{DIGITS}g}")
        return min(max(near, self.low), self.high)

    def to_plain(self) -> Any:
        """As it is kept in sweep.toml, and read again."""
        kind = ("int:" if self.whole else "") + ("log:" if self.logarithmic else "lin:")
        return f"{kind}{self.low!r}..{self.high!r}"


Axis = Choice | Range


def given_of(flags: Mapping[str, Any], texts: Iterable[str]) -> dict[str, Axis]:
    """Settings by key: what flags fix, and texts `key=1`, `key=1,10,100` or `key=1e-5..1e-3`, which win.

    Each stands in its last place.

    Raises:
        InputError: a text is no setting, a value is listed twice, or a range cannot be drawn from.
    """
    axes: dict[str, Axis] = {key: _choice(key, [_plain(value)]) for key, value in flags.items()}
    for text in texts:
        key, _ = parse_setting(text)  # says what is wrong with it
        axes.pop(key, None)
        axes[key] = axis_of(key, text.partition("=")[2])
    return axes


def axes_in(varied: Mapping[str, Any]) -> dict[str, Axis]:
    """The same from Python: a list of values, a single one, or a text as after `--set key=`."""
    axes: dict[str, Axis] = {}
    for key, given in varied.items():
        if isinstance(given, str):
            axes[key] = axis_of(key, given)
        else:
            several = list(given) if isinstance(given, Sequence) else [given]
            axes[key] = _choice(key, [_plain(value) for value in several])
    return axes


def axis_of(key: str, text: str) -> Axis:
    """The axis that a text means for a setting."""
    if found := RANGE.fullmatch(text.strip()):
        return _range(key, *found.groups())
    return _choice(key, [parse_setting(f"{key}={part}")[1] for part in _parts(text)])


def _choice(key: str, values: Sequence[Any]) -> Choice:
    if not values:
        raise InputError(f"{key} has no values. Write --set {key}=1,10 for a run with each.")
    seen = [_as_json(key, value) for value in values]
    if again := next((one for place, one in enumerate(seen) if one in seen[:place]), None):
        raise InputError(f"{key} has the value {again} twice. A run with it is needed once; --seeds repeats runs.")
    return Choice(tuple(values))


def _as_json(key: str, value: Any) -> str:
    """The value as JSON. An InputError says if it is of a kind that no setting has."""
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{key}={value}: a {type(value).__name__} is no value of a setting. These are numbers, true and false, "
            "texts in quotes, and lists of them."
        ) from error


def _plain(value: Any) -> Any:
    """A tuple as the list that a file holds; anything else as it is."""
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _range(key: str, kinds: str, first: str, last: str) -> Range:
    low, high, kind = float(first), float(last), set(kinds.split(":"))
    whole = "int" in kind or not re.search("[.eE]", first + last)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"{key}={first}..{last} is no range: the first number has to be below the second.")
    if whole and not (low.is_integer() and high.is_integer()):
        raise InputError(f"{key}={kinds}{first}..{last}: integers need a range from one to another.")
    if {"log", "lin"} <= kind or ("log" in kind and low <= 0):
        raise InputError(f"{key}={kinds}{first}..{last}: a logarithmic range has positive ends, and is not linear.")
    logarithmic = "log" in kind or ("lin" not in kind and low > 0 and high >= WIDE * low)
    return Range(int(low), int(high), logarithmic, True) if whole else Range(low, high, logarithmic, False)


def _parts(text: str) -> list[str]:
    """The parts between commas that stand neither in brackets nor in quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif sign in OPENING or sign in CLOSING:
            depth += 1 if sign in OPENING else -1
        elif sign == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]


def seeds_in(text: str) -> tuple[int, ...]:
    """The seeds that a text means: so many from 0 on ("3"), or these ("0,5,7"; "5," is one).

    Raises:
        InputError: it is neither.
    """
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        numbers = []
    seeds = range(numbers[0]) if "," not in text and numbers else numbers
    if not seeds or len(seeds) > MOST or len({*seeds}) < len(seeds) or min(seeds) < 0 or max(seeds) >= 2**63:
        raise InputError(
            f"--seeds {text} will not do: write how many, like 3, or which, like 0,5,7, each once and from 0 on."
        )
    return tuple(seeds)


MOST = 10_000
"""Seeds: a guard against a seed that is meant as such."""


def written(value: Any) -> str:
    """A value as one reads it in a table: text without quotes, numbers without digits that say nothing."""
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def typed_value(value: Any) -> str:
    """A value as `--set` reads it back: TOML on one line."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
