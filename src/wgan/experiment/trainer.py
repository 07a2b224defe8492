"""The trainer: consumes the training loop, from wherever a run was left to its last step."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from typing import Any

from wgan.diagnosis import Setup, Wiring
from wgan.errors import TrainingError
from wgan.experiment.build import Built, batches, records
from wgan.experiment.divergence import take_down, write_failure
from wgan.experiment.engine_choice import EngineChoice
from wgan.experiment.plan import Plan
from wgan.experiment.preflight import game_of
from wgan.experiment.recorder import Event, Recorder
from wgan.runs import Run
from wgan.runs.doctor import setup_of
from wgan.runs.failures import explaining_errors, given_up
from wgan.runs.provenance import provenance
from wgan.runs.weights import fitting
from wgan.runs.writer import RunWriter
from wgan.system.interruption import Interrupted, Interruption, listening
from wgan.training import PLAIN, Diverged, Game, StepRecord, Window, World, plain_engine, same_threads

ROLLBACKS = 3
"""How often a run goes back to its last checkpoint before it is given up."""
ROLLBACK_FACTOR = 0.5
"""What the learning rates are multiplied by each time."""


class Trainer:
    """A run while it is trained. Of several processes, each has one; only the first has a writer and a recorder.

    Close it, or use it in a `with` statement: until then, no other process may write in the run's directory.
    """

    def __init__(
        self,
        planned: Plan,
        built: Built,
        wiring: Wiring,
        run: Run,
        world: World,
        window: Window,
        writer: RunWriter | None,
        recorder: Recorder | None,
    ) -> None:
        self.config, self.pack, self.run, self.world, self.wiring = planned.config, planned.pack, run, world, wiring
        self.state, self.objective, self.device = built
        self.engine = PLAIN
        self.notes: tuple[str, ...] = () if writer is None else writer.notes
        """What happened to the run's directory that a person would want to know."""
        self.opened = ExitStack()
        self._window, self._writer, self._recorder = window, writer, recorder
        self._seconds = 0.0

    def __enter__(self) -> "Trainer":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write in the run's directory."""
        self.opened.close()

    @property
    def complete(self) -> bool:
        """Whether nothing is left to train."""
        return self.state.step >= self.config.training.steps

    @property
    def setup(self) -> Setup:
        """What the rules of a diagnosis know of this run."""
        return setup_of(self.config, self.wiring, self.pack.train_count(self.config.data.holdout), self.pack.spec)

    # -- where it starts from ------------------------------------------------------------------------------------

    def resume(self) -> None:
        """Become the newest checkpoint, if there is one: what the first process read, in all of them."""
        saved = self._newest()
        if self.world.size > 1:
            saved = self.world.broadcast(
                saved or {**self.state.state_dict(), "window": {}, "seconds": 0.0, "factor": 1.0}
            )
        if saved:
            self._become(saved)

    def use(self, chosen: EngineChoice) -> None:
        """Train with an engine, and keep the settings that give it again."""
        self.engine, self.config = chosen.engine, self.config.model_copy(update=chosen.settings)
        self.notes += chosen.notes

    def begin(self) -> None:
        """Put the configuration on disk, and the state that the first step starts from."""
        if self._writer is None or self._recorder is None:
            return
        train_count = self.pack.train_count(self.config.data.holdout)
        made_with = provenance(self.state, self.pack, train_count, self.device, self.world.size)
        self._writer.config(self.config, self.pack.spec, made_with, self.wiring)
        self._writer.rewind(self.state.step)
        if not self.run.checkpoints():
            self._recorder.checkpoint(self._seconds)

    def _newest(self) -> dict[str, Any]:
        """The newest checkpoint, and by what its learning rates are to be multiplied; empty if there is none."""
        if self._writer is None or not self.run.checkpoints():
            return {}
        saved, notes = self._writer.newest_checkpoint()
        self.notes += notes
        since = len(self.run.rollbacks()) - saved.get("rollbacks", 0)
        return {**saved, "factor": ROLLBACK_FACTOR ** max(0, since)}

    def _become(self, saved: dict[str, Any]) -> None:
        with fitting(self.run.path):
            self.state.load_state_dict(saved)
            self._window.load_state_dict(saved["window"], self.state.step, self.device)
            self._seconds = float(saved["seconds"])
        self.state.scale_rates(saved["factor"])

    # -- how it goes ---------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Train to the last step; yield after each.

        Raises:
            TrainingError: the numbers left every bound, or a file could not be written. Earlier files are whole.
            Interrupted: a signal asked for it; the run is saved.
        """
        with same_threads(self.config.threads), explaining_errors(self.run, self.device):
            if not self.complete:
                with listening(impatient=self.world.size == 1) as interruption:
                    yield from self._attempts(interruption)
            if self._recorder:
                self._recorder.finish()  # also if a process was killed between its last checkpoint and this
            self.world.barrier()

    def _attempts(self, interruption: Interruption) -> Iterator[Event]:
        """Training, again from the last checkpoint for as often as its numbers may leave every bound."""
        while not self.complete:
            with self._recorder.opened() if self._recorder else nullcontext():
                try:
                    yield from self._attempt(interruption)
                    continue
                except Diverged as error:
                    diverged = error
            yield Event(self.state.step, diverged=str(diverged))
            why = self._go_back(diverged, interruption)
            yield Event(self.state.step, rolled_back=why)

    def _attempt(self, interruption: Interruption) -> Iterator[Event]:
        started = time.monotonic() - self._seconds
        self._before_step()
        for record in self._records():
            self._seconds = time.monotonic() - started
            yield self._after_step(record)
            self._before_step()
            if (number := self.world.all_max(interruption.signal or 0)) and not self.complete:
                self._stop(number)

    def _records(self) -> Iterator[StepRecord]:
        real, game = batches(self.config, self.pack, self.device, self.world), self._game
        steps = self.config.training.steps
        return records(self.state, game, real, self.config, until=steps, engine=self.engine, world=self.world)

    @property
    def _game(self) -> Game:
        return game_of(self.objective, self.config, self.wiring)

    def _before_step(self) -> None:
        if self._recorder:
            self._recorder.before_step()

    def _after_step(self, record: StepRecord) -> Event:
        due, means = self.config.due(record.step), {}
        self._window.add(record)
        if due.line or due.evaluation or due.checkpoint:
            means = self._window.means()
        if due.evaluation or due.checkpoint:
            self._require_finite()
        if self.config.due(record.step, last=False).line:
            # Not at an end between two lines: a longer run goes on with the window it would have had.
            self._window.clear()
        return self._recorder.after_step(due, means, self._seconds) if self._recorder else Event(record.step)

    def _require_finite(self) -> None:
        """A state that is no longer finite must not take the place of one that is."""
        if not self.state.is_finite():
            raise Diverged("A weight is no longer finite", self.state.step)

    def _stop(self, number: int) -> None:
        """Save, and end as the signal of this number asks."""
        self._window.means()
        self._require_finite()
        if self._recorder:
            self._recorder.checkpoint(self._seconds)
            self._recorder.draw()
        self.world.barrier()  # a process that ends has the others ended, too
        raise Interrupted(f"Saved at step {self.state.step}; the same command goes on from there.", number)

    # -- when it goes wrong --------------------------------------------------------------------------------------

    def _go_back(self, diverged: Diverged, interruption: Interruption) -> str:
        """Find out why, write it down, and become the last checkpoint with lower learning rates.

        Raises:
            TrainingError: that is not asked for, or was done often enough.
        """
        what, again, rollbacks = str(diverged), False, self.config.on_divergence == "rollback"
        if self._writer:
            write_failure(self._writer, diverged)  # first: what follows may be killed
            self._become(self._newest())
            real = batches(self.config, self.pack, self.device)
            engine = self.engine if self.world.size == 1 else plain_engine(self.engine.mode.precision)
            what = take_down(self._writer, diverged, self.state, self._game, self.config, real, engine, interruption)
            again = rollbacks and len(self.run.rollbacks()) < ROLLBACKS
        self.world.barrier(patiently=True)  # the others, for as long as that takes
        if not self.world.all_max(again):
            if not self._writer:
                raise TrainingError(f"{diverged} The first process tells more.")
            raise given_up(self.run, what, rollbacks=len(self.run.rollbacks()) if rollbacks else None)
        if self._writer:
            kept, rates = max(self.run.checkpoints()), ROLLBACK_FACTOR ** (len(self.run.rollbacks()) + 1)
            self._writer.rollback({"step": diverged.step, "to": kept, "what": what, "rates": rates})
            self._writer.rewind(kept)
        self.resume()
        return what
