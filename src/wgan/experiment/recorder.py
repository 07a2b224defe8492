"""The recorder: what a run writes while it trains. Of several processes, only the first has one."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import torch
from PIL import Image

from wgan.config import Due
from wgan.errors import TrainingError
from wgan.evaluation import Evaluation, TrainingEvaluator
from wgan.experiment.adapting import adapt
from wgan.experiment.comparing import Comparisons
from wgan.experiment.observer import Observer
from wgan.experiment.plan import Plan
from wgan.experiment.stopping import decision
from wgan.runs.best import best_step
from wgan.runs.sheets import POINTS, Sheet, alike, grid_sheet
from wgan.runs.writer import RunWriter
from wgan.training import Stream, TrainState, Window, random_numbers, unsynced
from wgan.types import Samples
from wgan.types.parts import made
from wgan.views import picture

SIGNAL_ROWS = 2
"""Rows of real signals above generated ones."""
QUICK = 0.5
"""Seconds. What takes less is timed a second time, since the first is slower."""
OF_A_GRID, OF_A_CHECKPOINT = 4, 2
"""What else is done of each: events, animation, film and report; the weights by themselves, checksum and disk."""


class Event(NamedTuple):
    """A generator step is done. The other fields say what was written after it, if anything was."""

    step: int
    row: dict[str, Any] | None = None
    """A line of metrics.jsonl."""
    comparison: dict[str, Any] | None = None
    """A line of comparisons.jsonl."""
    evaluation: Evaluation | None = None
    diverged: str | None = None
    """Which number diverged. The steps since the last checkpoint are about to be repeated to find out why."""
    rolled_back: str | None = None
    """Why the run went back to `step`."""
    stopped: dict[str, Any] | None = None
    """What ends the run at this step, before its last one, as `Run.stopped` gives it."""


@dataclass(frozen=True)
class Recorder:
    """Measures, and has written, the lines, grids, evaluations and checkpoints of a run when they are due."""

    writer: RunWriter
    planned: Plan
    state: TrainState
    window: Window
    observer: Observer
    comparisons: Comparisons | None
    evaluator: TrainingEvaluator | None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """In this context lines and grids can be written, from the state's step on."""
        with self.writer.logging(self.state.step):
            if self.state.step == 0:
                self._sample()
                self._compare()
            self._before_step()
            yield

    def after_step(self, due: Due, means: dict[str, float], seconds: float) -> Event:
        """Write what is due. `means` are the window's. A state that is to be saved has been checked to be finite.

        If what was written ends the run here, everything is written that a last step has.
        """
        event = self._written(Event(self.state.step), due, means, seconds)
        step, config = self.state.step, self.planned.config
        stopped = decision(self.writer.run, step, seconds) if config.may_stop(step) else None
        if stopped is not None:
            rest = (last and not now for last, now in zip(config.due_at_end(), due, strict=True))
            event = self._written(event, Due(*rest), means, seconds)._replace(stopped=stopped)
            self.writer.stopped(stopped)
        if due.checkpoint or stopped is not None or (event.evaluation and self._best() == step):
            self.checkpoint(seconds)
        self._before_step()
        return event

    def _written(self, event: Event, due: Due, means: dict[str, float], seconds: float) -> Event:
        """The event with what is due, written: all but the checkpoint."""
        if due.comparison:
            event = event._replace(comparison=self._compare())
        if due.line:
            row = self._line(means, seconds)
            self.writer.line(row)
            adapt(self.planned.config, self.state, row)  # before a checkpoint, which a resumed run goes on from
            event = event._replace(row=row)
        if due.grid:
            self._sample()
        if due.evaluation:
            evaluation = self._evaluate(event.step)
            self.writer.evaluation(evaluation.to_dict())
            event = event._replace(evaluation=evaluation)
        return event

    def seconds(self) -> dict[str, float]:
        """How long each output takes, by its name in `Due`: of a second one where that is quick. Nothing is written."""

        def line() -> None:
            self.observer.before_step()
            with unsynced(self.state.generator, self.state.critic):
                self.observer.line()

        comparisons, evaluator = self.comparisons, self.evaluator
        found = {
            "line": _seconds(line),
            "grid": OF_A_GRID * _seconds(lambda: self._grid().save(io.BytesIO(), "png")),
            "checkpoint": OF_A_CHECKPOINT * _seconds(lambda: torch.save(self.state.state_dict(), io.BytesIO())),
        }
        if comparisons is not None:
            comparisons.row(self.state)  # the first finds the floors
            found["comparison"] = _seconds(lambda: comparisons.row(self.state))
        if evaluator is not None:
            found["evaluation"] = _seconds(lambda: evaluator.evaluate(self.state.ema, 0, self.state.device))
        return found

    def checkpoint(self, seconds: float) -> None:
        rollbacks = len(self.writer.run.rollbacks())
        extra = {"window": self.window.state_dict(), "seconds": seconds, "rollbacks": rollbacks}
        self.writer.checkpoint(self.state, extra, keep=self.planned.config.output.keep_checkpoints, best=self._best())

    def finish(self) -> None:
        self.writer.finish(keep=self.planned.config.output.keep_checkpoints, best=self._best())

    def _before_step(self) -> None:
        if self.planned.config.due(self.state.step + 1).line:
            self.observer.before_step()

    def _evaluate(self, step: int) -> Evaluation:
        assert self.evaluator is not None
        try:
            return self.evaluator.evaluate(self.state.ema, step, self.state.device)
        except TrainingError as error:
            self.writer.failure({"step": step, "what": str(error)})
            raise

    def _compare(self) -> dict[str, Any] | None:
        if self.comparisons is None:
            return None
        row = self.comparisons.row(self.state) | {"epoch": self._epoch()}
        self.writer.comparison(row)
        return row

    def _epoch(self) -> float:
        """Passes through the training data."""
        images = self.state.step * self.planned.config.training.images_per_step
        return round(images / self.planned.train_count, 3)

    def _best(self) -> int | None:
        return best_step(self.writer.run, self.planned.config.output.best_by)

    def _line(self, means: dict[str, float], seconds: float) -> dict[str, Any]:
        step = self.state.step
        images, epoch = step * self.planned.config.training.images_per_step, self._epoch()
        with unsynced(self.state.generator, self.state.critic):
            signals = self.observer.line()
        change = self.planned.config.augmentation
        augmented = {"augmented": change.probability(self.state.augmented)} if change.changes else {}
        seen = {"step": step, "images_seen": images, "epoch": epoch, "seconds": round(seconds, 3), **augmented}
        return {**seen, **means, **signals}

    def _sample(self) -> None:
        alone = self._grid(alone=True) if self.writer.tracking and self._around is not None else None
        self.writer.grid(self._grid(), self.state.step, alone)

    @torch.no_grad()
    def _grid(self, *, alone: bool = False) -> Image.Image:
        """Samples of the averaged generator, and real ones with them unless they are to be `alone`."""
        sheet, spec, output = self._sheet, self.planned.pack.spec, self.planned.config.output
        device = self.state.device
        asked = None if sheet.conditions is None else sheet.conditions.to(device)
        samples = made(self.state.ema, sheet.latents.to(device), asked).cpu()
        around = None if alone else self._around
        return picture(samples, spec, sheet.columns, around, stretch=output.stretch, **sheet.layout)

    @cached_property
    def _sheet(self) -> Sheet:
        """What every grid, or cloud, shows."""
        config = self.planned.config
        return grid_sheet(config, self.planned.pack.spec, config.networks.latent_size)

    @cached_property
    def _around(self) -> Samples | None:
        """Real points to show behind generated ones, and real signals to show above them, in columns that are alike."""
        pack, sheet, output = self.planned.pack, self._sheet, self.planned.config.output
        if pack.spec.kind not in ("points", "signal"):
            return None
        seed = self.planned.config.training.seed
        count = sheet.columns * min(output.rows, SIGNAL_ROWS) if pack.spec.is_spatial else POINTS
        if pack.spec.condition is not None and pack.spec.is_spatial:
            rows = torch.from_numpy(pack.condition_rows[pack.known])
            return pack.samples_at(pack.known[alike(sheet, pack.spec.condition, rows, seed)[:count]])
        random = random_numbers(seed, Stream.GRID, 1)
        return pack.samples_at(pack.known[random.integers(len(pack.known), size=count)])


def _seconds(work: Callable[[], object], again: bool = True) -> float:
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    return _seconds(work, again=False) if again and seconds < QUICK else seconds
