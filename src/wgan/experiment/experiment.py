"""Experiments: consume the training loop, from wherever a run was left to its last step."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

from wgan.config import RunConfig, evaluates_at, reads_at, saves_at
from wgan.data import Pack, plain
from wgan.diagnosis import Setup
from wgan.errors import TrainingError
from wgan.experiment.build import Parts, batches, new_state, records, warm_start
from wgan.experiment.divergence import take_down, write_failure
from wgan.experiment.engine_choice import engine_settings, tuned
from wgan.experiment.engine_trials import Trials
from wgan.experiment.preflight import agree, preflight, scores_apart
from wgan.experiment.recorder import Event, Recorder
from wgan.runs.doctor import setup_of
from wgan.runs.failures import given_up, telling_of_limits
from wgan.runs.ownership import claim, holding, newest_checkpoint, require_newest
from wgan.runs.provenance import provenance
from wgan.runs.rewind import rewind
from wgan.runs.run import Run
from wgan.runs.weights import fitting
from wgan.system.interruption import Interrupted, Interruption, listening
from wgan.training import ALONE, PLAIN, Diverged, StepRecord, Window, World, choose_device, plain_engine
from wgan.training.devices import same_threads
from wgan.types import Progress

ROLLBACKS = 3
"""How often a run goes back to its last checkpoint before it is given up."""
ROLLBACK_FACTOR = 0.5
"""What the learning rates are multiplied by each time."""


class Experiment:
    """A run about to be trained: new, or where its newest checkpoint left it. `config` is resolved.

    Of the processes of a `world`, each has one of these; only the first touches the run directory.
    """

    def __init__(
        self,
        config: RunConfig,
        pack: Pack,
        out: Path,
        parts: Parts,
        *,
        fresh: bool = False,
        progress: Progress = plain,
        world: World = ALONE,
        tell: Callable[[str], None] = lambda what: None,
    ):
        """`tell` hears what takes a while before the first step."""
        self.config, self.pack, self.world = config, pack, world
        self.device = choose_device(config.device)
        self.run = Run(out, parts.generator)
        self.objective = parts.objective or config.objective
        self.state = new_state(config, pack.shape, parts, self.device)
        self.wiring = preflight(self.state, self.objective, pack, config)
        agree(world, config, pack, self.state, self.objective)
        self._train_count = len(pack.split(config.data.holdout)[0])
        self._window = Window(world)
        self.engine = PLAIN
        self._seconds = 0.0
        self.notes: tuple[str, ...] = ()
        """What happened to the run's folder that a person would want to know."""
        self._recorder: Recorder | None = None
        if world.is_main:
            self._recorder = Recorder(self.run, config, pack, self.state, self.objective, self._window, progress)
            if fresh or not self.run.checkpoints():
                warm_start(self.state, config.start)  # before a run of that name, perhaps that one, is set aside
            with telling_of_limits(self.run, self.device):
                aside = claim(self.run, config, pack, fresh=fresh)
            self.notes += () if aside is None else (f"The run that was in {out} is now {aside}.",)
        world.barrier(patiently=True)  # for features of the data, say, which the first process alone computes
        self._load()
        self._choose_engine(tell)
        if world.is_main and not self.complete:
            self._prepare()

    @property
    def complete(self) -> bool:
        """Whether nothing is left to train."""
        return self.state.step >= self.config.training.steps

    @property
    def setup(self) -> Setup:
        """What the rules of a diagnosis know of this run."""
        return setup_of(self.config, self.wiring, self._train_count, self.pack.shape)

    # -- where it starts from ------------------------------------------------------------------------------------

    def _load(self, *, held: bool = False) -> None:
        """Become the newest checkpoint, if there is one: what the first process read, in all of them."""
        saved = self._newest(held=held) if self.world.is_main else {}
        if self.world.size > 1:
            saved = self.world.broadcast(
                saved or {**self.state.state_dict(), "window": {}, "seconds": 0.0, "factor": 1.0}
            )
        if saved:
            self._become(saved)

    def _newest(self, *, held: bool) -> dict[str, Any]:
        """The newest checkpoint, and by what its learning rates are to be multiplied; empty if there is none."""
        if not self.run.checkpoints():
            return {}
        with telling_of_limits(self.run, self.device):
            saved, notes = newest_checkpoint(self.run, held=held)
        self.notes += notes
        since = len(self.run.rollbacks()) - saved.get("rollbacks", 0)
        return {**saved, "factor": ROLLBACK_FACTOR ** max(0, since)}

    def _become(self, saved: dict[str, Any]) -> None:
        with fitting(self.run.path):
            self.state.load_state_dict(saved)
            self._window.load_state_dict(saved["window"], self.state.step, self.device)
            self._seconds = float(saved["seconds"])
        self.state.scale_rates(saved["factor"])

    def _prepare(self) -> None:
        """Put the configuration on disk, and the state that the first step starts from."""
        with telling_of_limits(self.run, self.device), holding(self.run.path):
            require_newest(self.run, self.state.step)  # finding an engine takes a while
            made_with = provenance(self.state, self.pack, self._train_count, self.device, self.world.size)
            self.run.write_config(self.config, made_with, self.wiring)
            rewind(self.run, self.state.step)
            if self._recorder and not self.run.checkpoints():
                self._recorder.checkpoint(self._seconds)

    def _choose_engine(self, tell: Callable[[str], None]) -> None:
        """Go on with the engine that the run has, or find one for it."""
        world, objective = self.world, self.objective
        had = world.broadcast(engine_settings(self.run, self.config, world.size) if world.is_main else {})
        self.config = config = self.config.model_copy(update=had)
        if self.complete:
            return
        apart = scores_apart(self.wiring, objective, config)
        trials = Trials(self.state, objective, config, self.pack, apart=apart, known=bool(had), world=world)
        with same_threads():
            self.engine, chosen, notes = tuned(trials, config, tell)
        self.config, self.notes = config.model_copy(update=chosen), self.notes + notes

    # -- how it goes ---------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Train to the last step; yield after each.

        Raises:
            TrainingError: the numbers left every bound, or a file could not be written. Earlier files are whole.
            Interrupted: a signal asked for it; the run is saved.
        """
        with ExitStack() as stack:
            stack.enter_context(same_threads(self.config.threads))
            stack.enter_context(telling_of_limits(self.run, self.device))
            if self._recorder:
                stack.enter_context(holding(self.run.path))
                require_newest(self.run, self.state.step)
            if not self.complete:
                interruption = stack.enter_context(listening(impatient=self.world.size == 1))
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
        real, steps = batches(self.config, self.pack, self.device, self.world), self.config.training.steps
        return records(self.state, self.objective, real, self.config, until=steps, engine=self.engine, world=self.world)

    def _before_step(self) -> None:
        if self._recorder:
            self._recorder.before_step()

    def _after_step(self, record: StepRecord) -> Event:
        config, step, means = self.config, record.step, {}
        self._window.add(record)
        if reads_at(config, step):
            means = self._window.means()
        if saves_at(config, step) or evaluates_at(config, step):
            self._require_finite()
        if not self._recorder:
            if step % config.output.log_every == 0:
                self._window.clear()
            return Event(step)
        return self._recorder.after_step(means, self._seconds)

    def _require_finite(self) -> None:
        """A state that is no longer finite must not take the place of one that is."""
        if not self.state.is_finite():
            raise Diverged("A weight is no longer finite", self.state.step)

    def _stop(self, number: int) -> None:
        """Save, and end as the signal of this number wants it."""
        self._window.means()
        self._require_finite()
        if self._recorder:
            self._recorder.checkpoint(self._seconds)
            self._recorder.draw_course()
        self.world.barrier()  # a process that ends has the others ended, too
        raise Interrupted(f"Saved at step {self.state.step}; the same command goes on from there.", number)

    # -- when it goes wrong --------------------------------------------------------------------------------------

    def _go_back(self, diverged: Diverged, interruption: Interruption) -> str:
        """Find out why, write it down, and become the last checkpoint with lower learning rates.

        Raises:
            TrainingError: that is not asked for, or was done often enough.
        """
        what, again, rollbacks = str(diverged), False, self.config.on_divergence == "rollback"
        if self._recorder:
            write_failure(self.run, diverged)  # first: what follows may be killed
            self._become(self._newest(held=True))
            real = batches(self.config, self.pack, self.device)
            engine = self.engine if self.world.size == 1 else plain_engine(self.engine.mode.precision)
            what = take_down(self.run, diverged, self.state, self.objective, self.config, real, engine, interruption)
            again = rollbacks and len(self.run.rollbacks()) < ROLLBACKS
        self.world.barrier(patiently=True)  # the others, for as long as that takes
        if not self.world.all_max(again):
            if not self._recorder:
                raise TrainingError(f"{diverged} The first process tells more.")
            raise given_up(self.run, what, rollbacks=len(self.run.rollbacks()) if rollbacks else None)
        if self._recorder:
            kept, rates = max(self.run.checkpoints()), ROLLBACK_FACTOR ** (len(self.run.rollbacks()) + 1)
            self.run.append_rollback({"step": diverged.step, "to": kept, "what": what, "rates": rates})
            rewind(self.run, kept)
        self._load(held=True)
        return what
