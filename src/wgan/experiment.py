"""Experiments: consume the training loop, and decide when to log, to sample and to checkpoint."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from wgan.assembly import Parts, new_state, points_behind, shown, warm_start
from wgan.checkpoints import fitting
from wgan.claim import claim, holding
from wgan.config import RunConfig, StartSettings
from wgan.course import course_is_drawn, draw_course
from wgan.data import Pack, plain
from wgan.diagnosis import Setup
from wgan.doctor import setup_of
from wgan.errors import TrainingError
from wgan.evaluation import Evaluation, Reviewer, best_step
from wgan.files import write_text
from wgan.interruption import Interrupted, listening
from wgan.logbook import Logbook, logbook
from wgan.observation import Observer
from wgan.preflight import preflight
from wgan.provenance import provenance
from wgan.rundir import Run
from wgan.training import Batches, Draws, StepRecord, Stream, Window, choose_device, latents, train
from wgan.types import Progress
from wgan.views import picture


class Event(NamedTuple):
    """A generator step was done; the rest is what was written after it, at the steps at which something is."""

    step: int
    row: dict[str, Any] | None = None
    """A line of metrics.jsonl."""
    evaluation: Evaluation | None = None


class Experiment:
    """A run about to be trained: new, or where its newest checkpoint left it. `config` is resolved."""

    def __init__(
        self, config: RunConfig, pack: Pack, out: Path, parts: Parts, *, fresh: bool = False, progress: Progress = plain
    ):
        self.device = choose_device(config.device)
        self.pack = pack
        self.config = config
        self.run = Run(out, parts.generator)
        self.objective = parts.objective or config.objective
        self.state = new_state(config, pack, parts, self.device)
        self.wiring = preflight(self.state, self.objective, pack, config)
        self.train_indices, _ = pack.split(config.data.holdout)
        latent_size, seed = config.networks.latent_size, config.training.seed
        self._z = latents(seed, Stream.GRID, 0, shown(config, pack), latent_size)
        self._around = points_behind(pack, seed)
        self._window = Window()
        self._reviewer = Reviewer(self.run, config, pack, progress)
        self._observer = Observer(self.state, self.objective, config, pack)
        self._seconds = 0.0
        if fresh or not self.run.checkpoints():
            warm_start(self.state, config.start)  # before a run of that name, perhaps the one it names, is set aside
        claim(self.run, config, pack, fresh=fresh)
        self._resume()

    @property
    def complete(self) -> bool:
        """Whether nothing is left to train."""
        return self.state.step >= self.config.training.steps

    @property
    def setup(self) -> Setup:
        """What the rules of a diagnosis know of this run."""
        return setup_of(self.config, self.wiring, len(self.train_indices), self.pack.shape)

    @property
    def images_per_step(self) -> int:
        """Real samples that the critic sees for each generator step."""
        return self.config.training.batch_size * self.config.training.critic_steps

    def _resume(self) -> None:
        """Become the newest checkpoint, if there is one, and put the configuration on disk."""
        if self.run.checkpoints():
            saved = self.run.load_checkpoint()
            with fitting(self.run.path):
                self.state.load_state_dict(saved)
                self._window.load_state_dict(saved["window"], self.state.step, self.device)
                self._seconds = float(saved["seconds"])
        if not self.complete:
            with self._telling_of_limits(), holding(self.run.path):
                made_with = provenance(self.state, self.pack, len(self.train_indices), self.device)
                self.run.write_config(self.config, made_with, self.wiring)
                self.run.rewind(self.state.step)
                if self.config.start != StartSettings() and not self.run.checkpoints():
                    self._checkpoint()  # those weights may be others by the time this run is gone on with

    def events(self) -> Iterator[Event]:
        """Train to the last step; yield after each.

        Raises:
            TrainingError: a term was not finite, or a file could not be written. Earlier files are whole.
            Interrupted: a signal asked for it; the run is saved.
        """
        if self.complete:
            self._finish()
            return
        started = time.monotonic() - self._seconds
        with (
            holding(self.run.path),
            listening() as interruption,
            self._telling_of_limits(),
            logbook(self.run, self.state.step) as book,
        ):
            if self.state.step == 0:
                self._sample(book)
            self._before_step()
            for record in self._records():
                self._seconds = time.monotonic() - started
                yield self._once_in_a_while(record, book)
                self._before_step()
                if interruption.requested and not self.complete:
                    self._checkpoint()
                    self._draw_course()
                    raise Interrupted(f"Saved at step {record.step}; the same command goes on from there.")
            self._draw_course()

    def _records(self) -> Iterator[StepRecord]:
        """The training loop, on this run's data and draws."""
        settings = self.config.training
        batches = Batches(
            self.pack.samples,
            self.train_indices,
            batch_size=settings.batch_size,
            seed=settings.seed,
            flip=self.config.data.flip,
            device=self.device,
        )
        draws = Draws(settings.seed, settings.batch_size, self.config.networks.latent_size, self.device)
        return train(
            self.state,
            self.objective,
            batches,
            draws,
            critic_steps=settings.critic_steps,
            until=settings.steps,
            schedule=self.config.schedule,
            evaluation_fakes=settings.evaluation_fakes,
        )

    def _before_step(self) -> None:
        if self._logs_at(self.state.step + 1):
            self._observer.before_step()

    def _logs_at(self, step: int) -> bool:
        return step % self.config.output.log_every == 0 or step == self.config.training.steps

    def _once_in_a_while(self, record: StepRecord, book: Logbook) -> Event:
        """Whatever is due after this step; at the last one, everything is."""
        output, step, row, evaluation = self.config.output, record.step, None, None
        self._window.add(record)
        if self._logs_at(step):
            row = self._line(step)
            book.line(row)
        if step % output.log_every == 0:
            # Not at an end between two lines: a longer run goes on with the window it would have had.
            self._window.clear()
        if step % output.sample_every == 0 or self.complete:
            self._sample(book)
        if self._reviewer.due(step):
            evaluation = self._review(step)
            book.evaluation(evaluation)
        if step % output.checkpoint_every == 0 or self.complete or (evaluation and self._best() == step):
            self._checkpoint()
        return Event(step, row, evaluation)

    def _review(self, step: int) -> Evaluation:
        try:
            return self._reviewer.review(self.state.ema, step, self.device)
        except TrainingError as error:
            raise self._failed(str(error)) from error

    def _line(self, step: int) -> dict[str, Any]:
        return {
            "step": step,
            "images_seen": step * self.images_per_step,
            "epoch": round(step * self.images_per_step / len(self.train_indices), 3),
            "seconds": round(self._seconds, 3),
            **self._means(),
            **self._observer.line(),
        }

    def _means(self) -> dict[str, float]:
        try:
            return self._window.means()
        except TrainingError as error:
            raise self._failed(str(error)) from error

    def _failed(self, what: str) -> TrainingError:
        """Take down what ended the run, for the doctor."""
        write_text(self.run.failure_file, json.dumps({"step": self.state.step, "what": what}))
        return TrainingError(
            f"{what} The run cannot go on{self._last_good()}. `wgan doctor {self.run.path}` tells what may be the "
            "cause; lower values of generator_optimizer.learning_rate and critic_optimizer.learning_rate often help. "
            "Start anew with --fresh."
        )

    @torch.no_grad()
    def _sample(self, book: Logbook) -> None:
        samples = self.state.ema(self._z.to(self.device)).cpu()
        book.grid(picture(samples, self.config.output.columns, self._around), self.state.step)

    def _checkpoint(self) -> None:
        self._means()  # a state that is no longer finite must not take the place of one that is
        if not self.state.is_finite():
            raise self._failed(f"A weight is no longer finite at step {self.state.step}.")
        extra = {"window": self._window.state_dict(), "seconds": self._seconds}
        self.run.save_checkpoint(self.state, extra, self.config.output.keep_checkpoints, self._best())

    def _best(self) -> int | None:
        return best_step(self.run, self.config.output.best_by)

    def _finish(self) -> None:
        """Do what a process that was killed after its last checkpoint left undone."""
        if not course_is_drawn(self.run):
            with holding(self.run.path), self._telling_of_limits():
                self._draw_course()

    def _draw_course(self) -> None:
        draw_course(self.run, self.config.output.frame_milliseconds)

    @contextmanager
    def _telling_of_limits(self) -> Iterator[None]:
        try:
            yield
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"The {self.device.type} has too little memory for this: lower training.batch_size or data.size."
            ) from error
        except OSError as error:
            raise TrainingError(
                f"Cannot write {error.filename or self.run.path}: {error.strerror or error}. Make room or mend "
                f"the permissions, then give the same command again{self._last_good()}."
            ) from error

    def _last_good(self) -> str:
        kept = max(self.run.checkpoints(), default=None)
        return "; nothing was saved yet" if kept is None else f"; the last good checkpoint is that of step {kept}"
