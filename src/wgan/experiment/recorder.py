"""The recorder: what a run leaves behind it on its way. Of several processes, only the first has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from wgan.config import RunConfig, evaluates_at, logs_at, samples_at, saves_at
from wgan.data import Pack
from wgan.errors import TrainingError
from wgan.evaluation import Evaluation, Reviewer, best_step
from wgan.experiment.build import points_behind, shown
from wgan.experiment.observer import Observer
from wgan.runs.evolution import course_is_drawn, draw_course
from wgan.runs.rewind import tidy
from wgan.runs.run import Run
from wgan.runs.writer import Logbook, logbook
from wgan.training import Stream, TrainState, Window, latents, unsynced
from wgan.types import Objective, Progress
from wgan.views import picture


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
    """Lines, grids, evaluations, checkpoints and the course of a run, when they are due."""

    def __init__(
        self,
        run: Run,
        config: RunConfig,
        pack: Pack,
        state: TrainState,
        objective: Objective,
        window: Window,
        progress: Progress,
    ) -> None:
        self._run, self._config, self._state, self._window = run, config, state, window
        self._device = next(state.critic.parameters()).device
        self._train_count = len(pack.split(config.data.holdout)[0])
        self._z = latents(config.training.seed, Stream.GRID, 0, shown(config, pack), config.networks.latent_size)
        self._around = points_behind(pack, config.training.seed)
        self._reviewer = Reviewer(run, config, pack, progress)
        self._observer = Observer(state, objective, config, pack)
        self._book: Logbook | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Within it, lines and grids can be written, from the state's step on."""
        with logbook(self._run, self._state.step) as self._book:
            if self._state.step == 0:
                self._sample(self._book)
            yield
        self._book = None

    def before_step(self) -> None:
        """To be called before each step."""
        if logs_at(self._config, self._state.step + 1):
            self._observer.before_step()

    def after_step(self, means: dict[str, float], seconds: float) -> Event:
        """Write what is due. `means` are those of the window; the state was found to be finite if it is to be saved."""
        assert self._book is not None
        config, step, row, evaluation = self._config, self._state.step, None, None
        if logs_at(config, step):
            row = self._line(means, seconds)
            self._book.line(row)
        if step % config.output.log_every == 0:
            # Not at an end between two lines: a longer run goes on with the window it would have had.
            self._window.clear()
        if samples_at(config, step):
            self._sample(self._book)
        if evaluates_at(config, step):
            evaluation = self._review(step)
            self._book.evaluation(evaluation.to_dict())
        if saves_at(config, step) or (evaluation and self._best() == step):
            self.checkpoint(seconds)
        return Event(step, row, evaluation)

    def checkpoint(self, seconds: float) -> None:
        """Save, after all that was logged before is on the disk: what a checkpoint goes on from is never missing."""
        if self._book is not None:
            self._book.sync()
        extra = {
            "window": self._window.state_dict(),
            "seconds": seconds,
            "rollbacks": len(self._run.rollbacks()),
        }
        self._run.save_checkpoint(self._state, extra, self._config.output.keep_checkpoints, self._best())

    def draw_course(self) -> None:
        """Write the animation, the film and the curves."""
        draw_course(self._run, self._config.output.frame_milliseconds)

    def finish(self) -> None:
        """Do what is left to do after the last checkpoint, unless it was done."""
        tidy(self._run)
        if not course_is_drawn(self._run):
            self._run.shelf.prune(keep=self._config.output.keep_checkpoints, best=self._best())
            self.draw_course()

    def _review(self, step: int) -> Evaluation:
        try:
            return self._reviewer.review(self._state.ema, step, self._device)
        except TrainingError as error:
            self._run.write_failure({"step": step, "what": str(error)})
            raise

    def _best(self) -> int | None:
        return best_step(self._run, self._config.output.best_by)

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
    def _sample(self, book: Logbook) -> None:
        samples = self._state.ema(self._z.to(self._device)).cpu()
        book.grid(picture(samples, self._config.output.columns, self._around), self._state.step)
