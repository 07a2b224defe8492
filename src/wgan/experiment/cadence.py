"""How often a run speaks where its steps are slow: soon at first, and then not too seldom."""

from collections.abc import Set
from typing import Any

from wgan.config import RunConfig

SOON, SELDOM = 15.0, 60.0
"""Seconds to the first line, and between two lines."""
FEWEST = 10
"""Steps between two lines. A line costs a seventh of a step of networks for pictures."""


def cadence(config: RunConfig, step: float, given: Set[str]) -> dict[str, Any]:
    """What a run chooses whose steps take so many seconds, by dotted key. `given` are the keys that the user gave.

    Where an augmentation adapts at each line, lines stay as often as they are: how it trains would change.
    """
    if "output.log_every" in given or config.output.log_every * step <= SOON:
        return {}
    every = config.output.log_every
    if not config.augmentation.adapts and every * step > SELDOM:
        every = min(every, max(FEWEST, _round(SELDOM / step)))
    chosen = {"output.log_every": every, "output.first_line": max(1, int(SOON / step))}
    had = {"output.log_every": config.output.log_every, "output.first_line": config.output.first_line}
    return {key: value for key, value in chosen.items() if key not in given and value != had[key]}


def _round(steps: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50, ... that is no larger."""
    tens = 1
    while 10 * tens <= steps:
        tens *= 10
    return next(digit * tens for digit in (5, 2, 1) if digit * tens <= max(steps, 1))
