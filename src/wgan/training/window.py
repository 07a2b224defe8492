"""The terms of the steps since the last line of the log, kept on the device until they are averaged."""

import math

import torch
from torch import Tensor

from wgan.errors import TrainingError
from wgan.training.distributed.world import ALONE, World
from wgan.training.loop import StepRecord
from wgan.types import Terms

UNBOUNDED = 1e10
"""Five orders of magnitude above any term, score or gradient of a training that worked."""


class Diverged(TrainingError):
    """At `step`, a term, or a weight if `term` is None, was not finite or beyond `UNBOUNDED`."""

    def __init__(self, what: str, step: int, term: str | None = None) -> None:
        super().__init__(f"{what} at step {step}.")
        self.step, self.term = step, term


class Window:
    """Collects terms without waiting for the device; `means` waits, once."""

    def __init__(self, world: World = ALONE) -> None:
        self._world = world
        self._rows: list[Terms] = []
        self._last = 0
        self._shared = 0

    def add(self, record: StepRecord) -> None:
        self._rows.append(record.terms)
        self._last = record.step

    def means(self) -> dict[str, float]:
        """The mean of each term over the collected steps and all processes (see `share`).

        Raises:
            Diverged: a term was not finite or beyond `UNBOUNDED`; names the first such step.
        """
        columns = {name: column.cpu().tolist() for name, column in self.state_dict().items()}
        for i in range(len(self._rows)):
            for name, values in columns.items():
                if not abs(values[i]) <= UNBOUNDED:
                    raise Diverged(f"{name} became {values[i]:.3g}", self._last - len(self._rows) + 1 + i, name)
        return {name: math.fsum(values) / len(values) for name, values in columns.items()}

    def clear(self) -> None:
        self._rows.clear()
        self._shared = 0

    def state_dict(self) -> dict[str, Tensor]:
        """One tensor (steps,) per term, so that a run can resume between two lines of its log."""
        if not self._rows:
            return {}
        self.share()
        return {name: torch.stack([row[name] for row in self._rows]).float() for name in self._rows[0]}

    def share(self) -> None:
        """Replace the terms of this process by the means over all processes, all of which must call it."""
        if len(self._rows) == self._shared:
            return
        new, names = self._rows[self._shared :], list(self._rows[0])
        if self._world.size > 1:
            means = self._world.mean(torch.stack([torch.stack([row[name].double() for name in names]) for row in new]))
            self._rows[self._shared :] = [dict(zip(names, row.float().unbind(), strict=True)) for row in means]
        self._shared = len(self._rows)

    def load_state_dict(self, saved: dict[str, Tensor], step: int, device: torch.device) -> None:
        """Restore a saved window whose last row is that of `step`, on the device of the next rows."""
        names = list(saved)
        rows = zip(*(saved[name].to(device).unbind() for name in names), strict=True)
        self._rows = [dict(zip(names, row, strict=True)) for row in rows]
        self._shared = len(self._rows)
        self._last = step
