"""The lines of a run's log as columns of numbers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wgan.diagnosis.progress import Progress

Row = dict[str, Any]
Column = NDArray[np.float64]

MINUTES = "minutes"
"""What ended a run that had trained for longer than it was given."""
RECENT = 5
"""The number of lines that make up the present, since one line is noise."""
EARLY = 500
"""Steps during which a run that ends well may look lost."""
BY_HEART = 0.8
"""A critic that loses more of its distance than this on samples it never saw knows little but those it saw."""


@dataclass
class Log:
    """What a run has written about itself, oldest first."""

    rows: list[Row] = field(default_factory=list)
    """The lines of metrics.jsonl."""
    comparisons: list[Row] = field(default_factory=list)
    """What samples were against held-out reals: the lines of comparisons.jsonl."""
    evaluations: list[Row] = field(default_factory=list)
    """What `wgan evaluate` found: the lines of evaluations.jsonl."""
    failure: Row | None = None
    """What ended the run, if it diverged: `step` and `what`."""
    rollbacks: list[Row] = field(default_factory=list)
    """The times it went back to a checkpoint."""
    stopped: Row | None = None
    """What ended it before its last step, as it was asked to: `step`, `by` what, and `since` which step."""

    def until(self, step: int) -> "Log":
        """The log as it was at an earlier step: its lines and comparisons."""
        rows, comparisons = ([row for row in rows if row["step"] <= step] for rows in (self.rows, self.comparisons))
        return Log(rows, comparisons)

    def __bool__(self) -> bool:
        return bool(self.rows or self.comparisons or self.failure or self.rollbacks)


class History:
    """The lines of a log."""

    def __init__(self, log: Log) -> None:
        self._rows, self.failure, self.rollbacks = log.rows, log.failure, log.rollbacks
        self.stopped = log.stopped is not None
        self.progress = Progress(log.comparisons, log.evaluations)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def step(self) -> int:
        """The step of the newest line; 0 if there is none."""
        return int(self._rows[-1]["step"]) if self._rows else 0

    @property
    def young(self) -> bool:
        """Whether it is too early to call a collapse: before ten lines, 500 steps, or an epoch.

        Runs that end well begin with samples that are all alike and a discriminator without mistakes: on MNIST, up to
        step 350 with clipping and 600 with the original GAN (docs/log.md).
        """
        return len(self) < 2 * RECENT or self.step < EARLY or bool(self.column("epoch")[-1] < 1)

    def column(self, name: str) -> Column:
        """A number from each line, (lines,); NaN where a line has none."""
        return np.array([row.get(name, np.nan) for row in self._rows], np.float64)

    def recent(self, name: str, lines: int = RECENT) -> float:
        """The median of the newest lines; NaN if there are fewer, or if one has no such number."""
        column = self.column(name)[-lines:]
        return float(np.median(column)) if len(column) == lines else np.nan

    @property
    def by_heart(self) -> float:
        """The share of the critic's distance that samples it never saw do not have; NaN if unknown or without one."""
        train, held_out = self.recent("train_distance"), self.recent("held_out_distance")
        return (train - held_out) / train if train > 0 else np.nan

    def falls(self, name: str) -> bool:
        """Whether a column fell by a tenth within the last third of the run."""
        column = smoothed(self.column(name))
        return len(column) > RECENT and bool(column[-1] < 0.9 * column[-1 - max(RECENT, len(column) // 3)])

    def rise(self, name: str) -> float:
        """By how much a column rose within the last third of the run; 0 if that is unknown."""
        column = smoothed(self.column(name))
        if len(column) <= RECENT:
            return 0.0
        return float(np.nan_to_num(column[-1] - column[-1 - max(RECENT, len(column) // 3)]))

    def since(self, holds: NDArray[np.bool_]) -> int:
        """The step since which a condition holds in most lines; the newest step if it never does."""
        count = len(holds) - np.arange(len(holds))
        mostly = holds & (np.cumsum(holds[::-1])[::-1] > count / 2)
        return int(self.column("step")[np.argmax(mostly)]) if mostly.any() else self.step

    def layers(self, player: str, line: int = -1) -> dict[str, float]:
        """The gradient norm of each of a player's weights in a line, without biases."""
        norms = self._rows[line].get("layers", {}).get(player, {}) if self._rows else {}
        return {name: norm for name, norm in norms.items() if "weight" in name.split(".")}  # parametrised ones too


def smoothed(column: Column, lines: int = RECENT) -> Column:
    """Medians over a sliding window of `lines`, (len(column) - lines + 1,)."""
    if len(column) < lines:
        return column[:0]
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(column, lines), axis=1), np.float64)
