"""The lines of a run's log as columns of numbers."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

RECENT = 5
"""How many lines make up the present: one line is noise."""
EARLY = 500
"""Steps in which a run that ends well may look lost."""


class History:
    """What a run has written so far; `failure` is what ended it, and `rollbacks` the times it went back, if it did."""

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        failure: Mapping[str, Any] | None = None,
        rollbacks: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._rows, self.failure, self.rollbacks = rows, failure, rollbacks

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def steps(self) -> Column:
        """The step of each line, (lines,)."""
        return self.column("step")

    @property
    def step(self) -> int:
        """The newest line's."""
        return int(self._rows[-1]["step"]) if self._rows else 0

    @property
    def young(self) -> bool:
        """Whether it is too early to speak of a collapse: before ten lines, 500 steps, or a pass through the data.

        Runs that end well begin with samples that are all alike and a discriminator that makes no mistake: on MNIST,
        up to step 350 with clipping, 600 with the plain GAN (docs/log.md).
        """
        return len(self) < 2 * RECENT or self.step < EARLY or bool(self.column("epoch")[-1] < 1)

    def column(self, name: str) -> Column:
        """One number a line, (lines,); NaN where a line does not have it."""
        return np.array([row.get(name, np.nan) for row in self._rows], np.float64)

    def recent(self, name: str, lines: int = RECENT) -> float:
        """The median of the newest lines; NaN if one of them does not have it, or there are fewer."""
        column = self.column(name)[-lines:]
        return float(np.median(column)) if len(column) == lines else np.nan

    def falls(self, name: str) -> bool:
        """Whether a column is on its way down: by a tenth within a third of the run."""
        column = smoothed(self.column(name))
        return len(column) > RECENT and bool(column[-1] < 0.9 * column[-1 - max(RECENT, len(column) // 3)])

    def since(self, holds: NDArray[np.bool_]) -> int:
        """The step from which on something holds in most lines; the newest one's if it never does."""
        count = len(holds) - np.arange(len(holds))
        mostly = holds & (np.cumsum(holds[::-1])[::-1] > count / 2)
        return int(self.steps[np.argmax(mostly)]) if mostly.any() else self.step

    def layers(self, player: str, line: int = -1) -> dict[str, float]:
        """The gradient norm of each of a player's weights in a line; biases have none of interest."""
        norms = self._rows[line].get("layers", {}).get(player, {}) if self._rows else {}
        return {name: norm for name, norm in norms.items() if name.endswith("weight")}


def smoothed(column: Column, lines: int = RECENT) -> Column:
    """Running medians of so many lines, (lines - window + 1,)."""
    if len(column) < lines:
        return column[:0]
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(column, lines), axis=1), np.float64)
