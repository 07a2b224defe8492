"""The recorder: what a run leaves behind it on its way. Of several processes, only the first has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

import torch

from wgan.config import Due, RunConfig
from wgan.data import Array, Pack
from wgan.errors import TrainingError
from wgan.evaluation import Evaluation, TrainingEvaluator, best_step
from wgan.experiment.observer import Observer
from wgan.runs.writer import RunWriter
from wgan.training import Stream, TrainState, Window, latents, random_numbers, unsynced
from wgan.types import Latents
from wgan.views import picture

POINTS = 1000
"""How many are shown of each kind."""


class Event(NamedTuple):
    """A generator step was done; the rest is what was written after it, at the steps at which something is."""

    step: int
    row: dict[str, Any] | None = None
    """A line of metrics.jsonl."""
    evaluation: Evaluation | None = None
    diverged: str | None = None
    """Which number left every bound; the steps since the last checkpoint are about to be done again to find out why."""
    rolled_back: str | None = None
    """Why the run went back to `step`."""


class Recorder:
    """Has the lines, grids, evaluations and checkpoints of a run written when they are due."""

    def __init__(
        self,
        writer: RunWriter,
        config: RunConfig,
        pack: Pack,
        state: TrainState,
        window: Window,
        observer: Observer,
        evaluator: TrainingEvaluator | None,
    ) -> None:
        self._writer, self._config, self._pack, self._state, self._window = writer, config, pack, state, window
        self._observer, self._evaluator = observer, evaluator

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Within it, lines and grids can be written, from the state's step on."""
        with self._writer.logging(self._state.step):
            if self._state.step == 0:
                self._sample()
            yield

    def before_step(self) -> None:
        """To be called before each step."""
        if self._config.due(self._state.step + 1).line:
            self._observer.before_step()

    def after_step(self, due: Due, means: dict[str, float], seconds: float) -> Event:
        """Write what is due. `means` are those of the window; the state was found to be finite if it is to be saved."""
        step, row, evaluation = self._state.step, None, None
        if due.line:
            row = self._line(means, seconds)
            self._writer.line(row)
        if due.grid:
            self._sample()
        if due.evaluation:
            evaluation = self._evaluate(step)
            self._writer.evaluation(evaluation.to_dict())
        if due.checkpoint or (evaluation and self._best() == step):
            self.checkpoint(seconds)
        return Event(step, row, evaluation)

    def checkpoint(self, seconds: float) -> None:
        """Save."""
        extra = {
            "window": self._window.state_dict(),
            "seconds": seconds,
            "rollbacks": len(self._writer.run.rollbacks()),
        }
        self._writer.checkpoint(self._state, extra, keep=self._config.output.keep_checkpoints, best=self._best())

    def draw(self) -> None:
        """Draw how the run evolved."""
        self._writer.draw()

    def finish(self) -> None:
        """Do what is left to do after the last checkpoint, unless it was done."""
        self._writer.finish(keep=self._config.output.keep_checkpoints, best=self._best())

    def _evaluate(self, step: int) -> Evaluation:
        assert self._evaluator is not None
        try:
            return self._evaluator.evaluate(self._state.ema, step, self._device)
        except TrainingError as error:
            self._writer.failure({"step": step, "what": str(error)})
            raise

    def _best(self) -> int | None:
        return best_step(self._writer.run, self._config.output.best_by)

    def _line(self, means: dict[str, float], seconds: float) -> dict[str, Any]:
        step = self._state.step
        images = step * self._config.training.images_per_step
        with unsynced(self._state.generator, self._state.critic):
            signals = self._observer.line()
        return {
            "step": step,
            "images_seen": images,
            "epoch": round(images / self._train_count, 3),
            "seconds": round(seconds, 3),
            **means,
            **signals,
        }

    @torch.no_grad()
    def _sample(self) -> None:
        samples = self._state.ema(self._latents.to(self._device)).cpu()
        columns = self._config.output.columns
        self._writer.grid(picture(samples, self._pack.spec, columns, self._points), self._state.step)

    @property
    def _device(self) -> torch.device:
        return next(self._state.critic.parameters()).device

    @cached_property
    def _train_count(self) -> int:
        return self._pack.train_count(self._config.data.holdout)

    @cached_property
    def _latents(self) -> Latents:
        """Of every grid, or cloud."""
        output, seed = self._config.output, self._config.training.seed
        count = output.rows * output.columns if self._pack.spec.is_picture else POINTS
        return latents(seed, Stream.GRID, 0, count, self._config.networks.latent_size)

    @cached_property
    def _points(self) -> Array | None:
        """Real points to show behind those of a cloud."""
        if self._pack.spec.is_picture:
            return None
        random = random_numbers(self._config.training.seed, Stream.GRID, 1)
        return self._pack.samples[random.integers(len(self._pack), size=POINTS)]
