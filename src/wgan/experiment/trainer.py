"""The trainer: runs the training loop from where a run was left to its last step."""

import signal
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from typing import Any
from weakref import ref

import torch

from wgan.config import ENGINE, RunConfig
from wgan.diagnosis import Setup, Wiring
from wgan.errors import TrainingError
from wgan.experiment.build import Loop, batches
from wgan.experiment.divergence import take_down, write_failure
from wgan.experiment.engine_choice import EngineChoice
from wgan.experiment.later import Later
from wgan.experiment.minutes import Costs, fitted, seconds_of_a_step
from wgan.experiment.plan import Plan
from wgan.experiment.preflight import game_of
from wgan.experiment.recorder import Event, Recorder
from wgan.experiment.stopping import ends_again
from wgan.runs import Run
from wgan.runs.doctor import setup_of
from wgan.runs.provenance import Provenance, provenance
from wgan.runs.weights import fitting
from wgan.system.interruption import Interrupted, Interruption, listening
from wgan.training import (
    ALONE,
    PLAIN,
    Diverged,
    Engine,
    StepRecord,
    TrainState,
    Window,
    World,
    plain_engine,
    same_threads,
)
from wgan.views import short

ROLLBACKS = 3
"""How often a run goes back to a checkpoint before it gives up."""
ROLLBACK_FACTOR = 0.5
"""The learning rates are multiplied by this each time."""


class Trainer(ExitStack):
    """A run while it trains. Each of several processes has one; only the first has a recorder, and holds the run.

    Close it, or use it in a `with` statement: until then no other process can write in the run's directory.
    """

    def __init__(
        self, planned: Plan, state: TrainState, wiring: Wiring, world: World, window: Window, recorder: Recorder | None
    ) -> None:
        super().__init__()
        self.planned, self.state, self.wiring, self.world = planned, state, wiring, world
        self.config, self.pack, self.run, self.engine = planned.config, planned.pack, planned.run, PLAIN
        self._window, self._recorder, self._seconds = window, recorder, 0.0
        self._open = [True]
        self.callback(self._open.clear)
        self.notes: tuple[str, ...] = recorder.writer.notes if recorder else ()
        """What the user should know about the run's directory and engine."""
        self.expected: tuple[str, ...] = ()
        """What it takes and gives, in words."""
        self.stopped: dict[str, Any] | None = None
        """What ended the run before its last step, as `Run.stopped` gives it."""
        self._later: Later | None = None
        self._told: list[str] = []

    @property
    def complete(self) -> bool:
        """Whether nothing is left to train."""
        return self.stopped is not None or self.state.step >= self.config.training.steps

    @property
    def setup(self) -> Setup:
        """What the rules of a diagnosis know about this run."""
        return setup_of(self.config, self.wiring, self.planned.train_count, self.pack.spec)

    def news(self) -> Iterator[str]:
        """What the run and its trackers have to say, once."""
        told, self._told = self._told, []
        yield from told
        if self._recorder:
            yield from self._recorder.writer.tracking.news()

    def loop(self, world: World) -> Loop:
        """The training loop, for this process of a `world`."""
        real = batches(self.config, self.pack, self.state.device, world)
        game = game_of(self.planned.objective, self.config, self.wiring)
        return Loop(self.state, game, self.config, real, world, self.engine, real.conditions)

    def resume(self) -> None:
        """Load the newest checkpoint, if there is one. The first process reads it, and all load the same."""
        saved = self._newest()
        if self.world.size > 1:
            new = {**self.state.state_dict(), "window": {}, "seconds": 0.0, "factor": 1.0}
            saved = self.world.broadcast(saved or new)
        if saved:
            self._become(saved)
        self.stopped = self.world.broadcast(self._stopped_before())

    def _stopped_before(self) -> dict[str, Any] | None:
        """What ended the run at the step of its newest checkpoint, if that would end it again."""
        found = self.run.stopped() if self._recorder else None
        return found if found and ends_again(found, self.config, self.state.step) else None

    def fit(self, engine: Engine, seconds: float, known: float = 0.0) -> str:
        """Make the run as long as so many seconds are with this engine, measured on its first steps; says how long.

        `known` are the seconds of a step, where one was timed before. All processes have to call it, and the first
        one's time counts: each has spent another before. `begin` writes what is chosen, so that it is chosen once.
        """
        seconds = self.world.broadcast(seconds)
        step = seconds_of_a_step(self.loop(self.world)._replace(engine=engine), seconds, known)
        found = {"step": step, **(self._recorder.seconds() if self._recorder else {})}
        costs = Costs(**self.world.broadcast(found))
        usual, config = self.config.training.steps, fitted(self.planned.config, costs, seconds, self.planned.given)
        training = config.training
        self._become_planned(config)
        self.state.ema_decay = training.ema_decay
        told = f"{training.minutes:g} minute{'s' * (training.minutes != 1)}: {training.steps:,} steps"
        return f"{told} at {short(costs.step)} s a step (here, now); the recipe has {usual:,}"

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take settings that a run chooses (`config.CHOSEN`), by dotted key. `begin` writes them."""
        self._become_planned(self.planned.config.choosing(values))

    def _become_planned(self, config: RunConfig) -> None:
        """Go on with another configuration than was planned, and with the engine settings of until now."""
        self.planned = replace(self.planned, config=config)
        self.config = config.model_copy(update={name: getattr(self.config, name) for name in ENGINE})
        if self._recorder:
            self._recorder = replace(self._recorder, planned=self.planned)

    def exist(self, settings: Mapping[str, Any]) -> None:
        """Write a new run as it is before engines are tried: with these engine settings, at step 0.

        So whatever ends this process from now on leaves a run, which the same command goes on with.
        """
        if self._recorder is None or self.run.config_file.exists():
            return
        self._write(self.config.model_copy(update=dict(settings)))
        self._recorder.checkpoint(self._seconds)

    def begin(self, chosen: EngineChoice) -> None:
        """Take this engine; write the configuration that selects it, and the state that the first step starts from."""
        self.engine, self.config = chosen.engine, self.config.model_copy(update=chosen.settings)
        self._later = Later(self.run.path, chosen.later) if chosen.later else None
        self.notes += chosen.notes
        if self._recorder is None:
            return
        if not self.state.step:
            self.notes += self.pack.notes
        self._write(self.config)
        self._recorder.writer.rewind(self.state.step)
        if not self.run.checkpoints():
            self._recorder.checkpoint(self._seconds)

    def _write(self, config: RunConfig, made_with: Provenance | None = None) -> None:
        assert self._recorder is not None
        made_with = made_with or provenance(self.state, self.pack, self.planned.train_count, self.world.size)
        self._recorder.writer.config(config, self.pack.spec, made_with, self.wiring)

    @contextmanager
    def left_when_interrupted(self) -> Iterator[None]:
        """Say what a signal before the first step leaves.

        Raises:
            Interrupted: a signal arrived; the run is as it was saved last.
        """
        try:
            yield
        except KeyboardInterrupt as interrupt:
            number = interrupt.signal if isinstance(interrupt, Interrupted) else signal.SIGINT
            saved = self.run.checkpoints() if self.world.is_main else {}
            raise Interrupted(_saved_at(self.state.step) if saved else "", number) from interrupt

    def _newest(self) -> dict[str, Any]:
        """The newest checkpoint, and the `factor` of its learning rates; empty if there is none."""
        if self._recorder is None or not self.run.checkpoints():
            return {}
        saved, notes = self._recorder.writer.newest_checkpoint()
        self.notes += notes
        since = len(self.run.rollbacks()) - saved.get("rollbacks", 0)
        return {**saved, "factor": ROLLBACK_FACTOR ** max(0, since)}

    def _become(self, saved: dict[str, Any]) -> None:
        with fitting(self.run.path):
            self.state.load_state_dict(saved)
            self._window.load_state_dict(saved["window"], self.state.step, self.state.device)
            self._seconds = float(saved["seconds"])
        self.state.scale_rates(saved["factor"])

    def events(self) -> Iterator[Event]:
        """Train to the last step; yield after each. Closing the trainer ends this too.

        Raises:
            TrainingError: training diverged, or a file could not be written. Earlier files are whole.
            Interrupted: a signal arrived; the run is saved.
        """
        if not self._open:
            raise RuntimeError("This trainer is closed: another process may write in the run's directory.")
        events = self._events()
        self.callback(_close, ref(events))  # before the lock is released; by reference, or both would live on
        return events

    def _events(self) -> Generator[Event, None, None]:
        with same_threads(self.config.threads), explaining_errors(self.run, self.state.device):
            try:
                if not self.complete:
                    if self._later is not None:
                        self._later.begin()
                    with listening(impatient=self.world.size == 1) as interruption:
                        yield from self._attempts(interruption)
                if self._recorder:
                    self._recorder.finish()  # also after a process was killed between its last checkpoint and this
                self.world.barrier()
            except Exception:  # a signal is none: it stops the run
                if self._recorder:
                    self._recorder.writer.tracking.failed()
                raise
            finally:
                if self._later is not None:
                    self._later.end()
                if self._recorder:
                    self._recorder.writer.tracking.end()

    def _attempts(self, interruption: Interruption) -> Iterator[Event]:
        """Train, and start again from the last checkpoint as often as training may diverge."""
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
        while not self.complete:
            for record in self.loop(self.world).records(self.config.training.steps):
                self._seconds = time.monotonic() - started
                event = self._after_step(record)
                if self._later and (told := self._later.look(self.state.step, self.config.training.steps)):
                    self._told.append(told)
                yield event
                if self.stopped is not None:
                    return
                if (number := self.world.all_max(interruption.signal or 0)) and not self.complete:
                    self._stop(number)
                if self._change():
                    break  # a loop has one engine

    def _change(self) -> bool:
        """Once another process has compiled the steps, change to them if they pay, or stay; whether that is decided.

        What is decided is on the disk before the next step.
        """
        if self._later is None or self._later.report is None:
            return False
        decided = self._later.decided(self.loop(self.world))
        self._later.end()
        self._later, self.config = None, self.config.model_copy(update=decided.settings)
        self._told += [decided.told] if decided.told else []
        if self._recorder:
            self._write(self.config, self.run.provenance)
        self.engine = decided.engine
        return True

    def _after_step(self, record: StepRecord) -> Event:
        due, may_stop, means = self.config.due(record.step), self.config.may_stop(record.step), {}
        self._window.add(record)
        if due.line or due.evaluation or due.checkpoint or may_stop:
            means = self._window.means()
        if due.evaluation or due.checkpoint or may_stop:
            self._require_finite()
        if self.config.due(record.step, last=False).line:
            # Not at an end between two lines: a longer run continues with the window it would have had.
            self._window.clear()
        event = Event(record.step)
        if self._recorder:
            event = self._recorder.after_step(due, means, self._seconds)
        if self.config.augmentation.adapts and due.line:
            self.state.augmented = self.world.broadcast(self.state.augmented)
        if may_stop:
            self.stopped = self.world.broadcast(event.stopped)
        return event

    def _require_finite(self) -> None:
        """Never let a state that is not finite replace one that is."""
        if not self.state.is_finite():
            raise Diverged("A weight is no longer finite", self.state.step)

    def _stop(self, number: int) -> None:
        """Save the run, and raise for the signal of this number."""
        self._window.means()
        self._require_finite()
        if self._recorder:
            self._recorder.checkpoint(self._seconds)
            self._recorder.writer.draw()
        self.world.barrier()  # torchrun ends the others when one process ends
        raise Interrupted(_saved_at(self.state.step), number)

    def _go_back(self, diverged: Diverged, interruption: Interruption) -> str:
        """Find out why, write it down, and load the last checkpoint with lower learning rates.

        Raises:
            TrainingError: the configuration does not ask for that, or it was done often enough.
        """
        what, again, rollbacks = str(diverged), False, self.config.on_divergence == "rollback"
        if self._recorder:
            write_failure(self._recorder.writer, diverged, what)  # first: what follows may be killed
            self._become(self._newest())
            loop = self.loop(ALONE)
            if self.world.size > 1:
                plain = plain_engine(self.engine.mode.precision, self.config.training.microbatch)
                loop = loop._replace(engine=plain)
            what = take_down(self._recorder.writer, diverged, loop, interruption)
            again = rollbacks and len(self.run.rollbacks()) < ROLLBACKS
        self.world.barrier(patiently=True)  # the others wait for as long as that takes
        if not self.world.all_max(again):
            if not self._recorder:
                raise TrainingError(f"{diverged} The first process tells more.")
            raise _given_up(self.run, what, rollbacks=len(self.run.rollbacks()) if rollbacks else None)
        if self._recorder:
            kept, rates = max(self.run.checkpoints()), ROLLBACK_FACTOR ** (len(self.run.rollbacks()) + 1)
            self._recorder.writer.rollback({"step": diverged.step, "to": kept, "what": what, "rates": rates})
            self._recorder.writer.rewind(kept)
        self.resume()
        return what


def _saved_at(step: int) -> str:
    return f"Saved at step {step}; the same command continues from there."


def _close(events: "ref[Generator[Event, None, None]]") -> None:
    if (running := events()) is not None:
        running.close()


@contextmanager
def explaining_errors(run: Run, device: torch.device) -> Iterator[None]:
    """Turn the errors of a full or failing disk, or of too little memory, into a `TrainingError`.

    Raises:
        TrainingError: in place of an OSError or OutOfMemoryError. What was saved before is whole.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"The {device.type} has too little memory for this: compute batches in parts, or in smaller ones "
            "(--set training.microbatch=8, or fewer), or lower training.batch_size or data.size."
        ) from error
    except OSError as error:
        raise TrainingError(
            f"Cannot write {error.filename or run.path}: {error.strerror or error}. Free some space or change "
            f"the permissions, then run the same command again{_last_good(run)}."
        ) from error


def _given_up(run: Run, what: str, *, rollbacks: int | None) -> TrainingError:
    """The error for a run that diverged after this many rollbacks; None if it makes no rollbacks."""
    often = f" after {rollbacks} rollbacks" if rollbacks else ""
    again = "; or run the same command with --on-divergence rollback, which halves them" if rollbacks is None else ""
    return TrainingError(
        f"{what} The run cannot continue{often}{_last_good(run)}. `wgan doctor {run.path}` says what may be the cause; "
        "lower values of generator_optimizer.learning_rate and critic_optimizer.learning_rate often help: start anew "
        f"with --fresh{again}."
    )


def _last_good(run: Run) -> str:
    """What a run can continue from, as the end of a sentence."""
    kept = max(run.checkpoints(), default=None)
    return "; nothing was saved yet" if kept is None else f"; the last good checkpoint is that of step {kept}"
