"""The steps since the last line of the log: kept on the device, read once, averaged."""

import math

import torch
from torch import Tensor

from wgan.errors import TrainingError
from wgan.training.distributed.world import ALONE, World
from wgan.training.loop import StepRecord
from wgan.types import Terms

UNBOUNDED = 1e10
"""Beyond it, no term, score or gradient of any training that works has been seen, by five orders of magnitude."""


class Diverged(TrainingError):
    """A number left every bound at `step`: the mean of a term over a batch, or a weight if `term` is None."""

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
        """Remember one step."""
        self._rows.append(record.terms)
        self._last = record.step

    def means(self) -> dict[str, float]:
        """The mean of each term over the steps collected, and over all processes (see `share`).

        Raises:
            Diverged: a term was not finite, or beyond every bound; says which, and at which step first.
        """
        columns = {name: column.cpu().tolist() for name, column in self.state_dict().items()}
        for i in range(len(self._rows)):
            for name, values in columns.items():
                if not abs(values[i]) <= UNBOUNDED:
                    raise Diverged(f"{name} became {values[i]:.3g}", self._last - len(self._rows) + 1 + i, name)
        return {name: math.fsum(values) / len(values) for name, values in columns.items()}

    def clear(self) -> None:
        """Start the next window."""
        self._rows.clear()
        self._shared = 0

    def state_dict(self) -> dict[str, Tensor]:
        """One tensor (steps,) per term: a run that stops between two lines of its log resumes in the middle."""
        if not self._rows:
            return {}
        self.share()
        return {name: torch.stack([row[name] for row in self._rows]).float() for name in self._rows[0]}

    def share(self) -> None:
        """Replace what this process measured by the means over all. To be called by all of them at once."""
        if len(self._rows) == self._shared:
            return
        new, names = self._rows[self._shared :], list(self._rows[0])
        if self._world.size > 1:
            means = self._world.mean(torch.stack([torch.stack([row[name].double() for name in names]) for row in new]))
            self._rows[self._shared :] = [dict(zip(names, row.float().unbind(), strict=True)) for row in means]
        self._shared = len(self._rows)

    def load_state_dict(self, saved: dict[str, Tensor], step: int, device: torch.device) -> None:
        """Become the saved window, whose last row is of `step`, on the device where the next rows will come from."""
        names = list(saved)
        rows = zip(*(saved[name].to(device).unbind() for name in names), strict=True)
        self._rows = [dict(zip(names, row, strict=True)) for row in rows]
        self._shared = len(self._rows)
        self._last = step
