"""Linear and logarithmic axes with round ticks, and numbers and times as short texts."""

import math
from collections.abc import Iterable
from typing import NamedTuple

Number = int | float
FLOOR = 1e-12
"""Where a logarithmic axis puts values that are not positive."""


class Scale(NamedTuple):
    """Maps numbers from `low` to `high` to places from `start` to `end`; others go to the nearer end."""

    low: Number
    high: Number
    start: Number
    end: Number
    logarithmic: bool = False

    def place(self, value: Number) -> Number:
        low, high, at = self.low, self.high, value
        if self.logarithmic:
            low, high, at = math.log10(low), math.log10(high), math.log10(max(value, FLOOR))
        share = min(max((at - low) / (high - low), 0.0), 1.0)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[Number]:
        """A few round numbers between `low` and `high`."""
        return _decades(self.low, self.high) if self.logarithmic else ticks(self.low, self.high)


def fitted(values: Iterable[Number], start: Number, end: Number, *, logarithmic: bool = False) -> Scale:
    """A scale that holds all values, or all positive ones if it is logarithmic, with a margin."""
    known = [value for value in values if not logarithmic or value > 0] or [1.0 if logarithmic else 0.0]
    low, high = min(known), max(known)
    if logarithmic:
        low, high = max(low, FLOOR), max(high, FLOOR)
        margin = max((high / low) ** 0.06, 1.3)
        return Scale(low / margin, high * margin, start, end, logarithmic=True)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return Scale(low - margin, high + margin, start, end)


def ticks(low: Number, high: Number, most: int = 5) -> list[Number]:
    """At most `most` equally spaced numbers from `low` to `high`, multiples of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (factor * power for factor in (1, 2, 5, 10, 20))
    step = next(step for step in steps if math.floor(high / step) - math.ceil(low / step) < most)
    return [round(i * step, 12) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _decades(low: Number, high: Number) -> list[Number]:
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    if last - first < 1:  # fewer than two powers of ten: twos and fives too
        return [m * 10.0**p for p in range(first - 1, last + 1) for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    apart = -(-(last - first + 1) // 5)
    return [10.0**power for power in range(first, last + 1, apart)]


def short(value: Number) -> str:
    """A number in three digits, with commas for thousands and powers of ten only where needed."""
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
    """Seconds as 2:05, or as 1:02:05 from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def passes(epochs: float) -> str:
    """A number of epochs in as many digits as people want: 0.033, 3.2, 316, 1,420."""
    return f"{epochs:,.0f}" if epochs >= 9.95 else f"{epochs:.2g}"


UNITS = (86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")


def in_time(seconds: float) -> str:
    """Two digits and a unit, for a time that is not known better."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds >= 2 * size or unit == "s")
    return f"{float(f'{seconds / size:.2g}'):g} {unit}"
