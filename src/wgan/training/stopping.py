"""When a run ends before its last step: what to watch, and when a series of values no longer improves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from statistics import fmean
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from wgan.errors import InputError
from wgan.metrics import known_metric
from wgan.types import Count

NEVER, CONVERGED = "never", "converged"
COMPARISONS, EVALUATIONS = 3, 5
"""The usual windows."""


def _known_reason(by: str) -> str:
    if by in (NEVER, CONVERGED):
        return by
    try:
        return known_metric(by)
    except InputError as error:
        if near := get_close_matches(by, (NEVER, CONVERGED), n=1, cutoff=0.7):
            raise InputError(f"Nothing that ends a run is called '{by}'. Did you mean {near[0]}?") from error
        raise InputError(
            f"{error} What ends a run (--stop) may also be {CONVERGED}, {NEVER}, or a function of your own: "
            "module:function."
        ) from error


@dataclass(frozen=True)
class StopSettings:
    """What ends a run before its last step (`experiment/stopping.py`).

    `by` is "converged", for a verdict that is that; a metric, which is measured while training, for one that no longer
    improves; or "never", for nothing. `window` is how many comparisons in a row are "converged" (3 if None), or how
    many evaluations are without an improvement (5).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    by: Annotated[str, AfterValidator(_known_reason)] = NEVER
    window: Count | None = None

    @property
    def metric(self) -> str | None:
        """The metric that decides, if one does."""
        return None if self.by in (NEVER, CONVERGED) else self.by

    @property
    def span(self) -> int:
        """The window, resolved."""
        return self.window or (COMPARISONS if self.metric is None else EVALUATIONS)


def noise(values: Sequence[float]) -> float:
    """The standard deviation of a series about its trend, from the differences between neighbours.

    √(mean of (x' - x)² / 2) (von Neumann et al. 1941). A slow trend hardly enters it, unlike the standard deviation; it
    holds what training does between two values beside what sampling does.
    """
    return math.sqrt(fmean((later - value) ** 2 for value, later in pairwise(values)) / 2)


def stalled_since(values: Sequence[float], window: int) -> int | None:
    """The place of the best value before the last `window`, if none of those is an improvement; else None.

    Lower is better. Two things have to hold. No value of the last window is better than the best before by more than
    the noise of the last two windows. And their mean is not better than that of the window before, where a trend shows
    that is slow beside the noise. So nothing is said before two windows are full. With a window of 5, a series that
    does not improve ends at its 11th value in the median, and one that improves by a third of its noise each time goes
    on beyond its 60th in 85 of 100 cases (`tests/training/test_stopping.py`).
    """
    if len(values) < max(2 * window, 3):
        return None
    late, before, first = values[-window:], values[:-window], values[-2 * window : -window]
    if min(before) - min(late) > noise(values[-max(2 * window, 3) :]) or fmean(first) > fmean(late):
        return None
    return min(range(len(before)), key=before.__getitem__)
