"""From numbers to places in a drawing: linear and logarithmic axes, round ticks, short names for numbers."""

import math
from collections.abc import Iterable
from typing import NamedTuple

Number = int | float
FLOOR = 1e-12
"""What is not positive lies here on a logarithmic axis."""


class Scale(NamedTuple):
    """Numbers from `low` to `high` on a line from `start` to `end`; what lies beyond is put at the nearer end."""

    low: Number
    high: Number
    start: Number
    end: Number
    logarithmic: bool = False

    def place(self, value: Number) -> Number:
        """Where a number lies."""
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log10(low), math.log10(high), math.log10(max(value, FLOOR))
        share = min(max((at - low) / (high - low), 0.0), 1.0)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[Number]:
        """A few round numbers between low and high."""
        return _decades(self.low, self.high) if self.logarithmic else ticks(self.low, self.high)


def fitted(values: Iterable[Number], start: Number, end: Number, *, logarithmic: bool = False) -> Scale:
    """A scale that holds all the values, with a margin; on a logarithmic one, from the smallest positive value."""
    known = [value for value in values if not logarithmic or value > 0] or [1.0 if logarithmic else 0.0]
    low, high = min(known), max(known)
    if logarithmic:
        low, high = max(low, FLOOR), max(high, FLOOR)
        margin = max((high / low) ** 0.06, 1.3)
        return Scale(low / margin, high * margin, start, end, logarithmic=True)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return Scale(low - margin, high + margin, start, end)


def ticks(low: Number, high: Number, most: int = 5) -> list[Number]:
    """At most `most` multiples of 1, 2 or 5 times a power of ten, evenly from `low` to `high`."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(
        step for step in (power, 2 * power, 5 * power, 10 * power, 20 * power) if _count(low, high, step) <= most
    )
    return [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _count(low: Number, high: Number, step: Number) -> int:
    return math.floor(high / step) - math.ceil(low / step) + 1


def _decades(low: Number, high: Number) -> list[Number]:
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    if last - first < 1:  # less than two powers of ten in sight: their halves and fifths too
        return [m * 10.0**p for p in range(first - 1, last + 1) for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    apart = -(-(last - first + 1) // 5)
    return [10.0**power for power in range(first, last + 1, apart)]


def short(value: Number) -> str:
    """A number as a person would say it: three digits, thousands with a comma, powers of ten only where needed."""
    if not math.isfinite(value):
        return "not finite"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        digits = max(2 - math.floor(math.log10(abs(value))), 0)
        text = f"{value:,.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, power = f"{value:.2e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"


def duration(seconds: float) -> str:
    """Seconds as minutes and seconds, 2:05, with hours before them where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
