"""Engines, built and timed on the first batches of a run."""

import math
from contextlib import suppress

from wgan.errors import in_short
from wgan.experiment.build import Loop
from wgan.experiment.compiled_before import was_compiled
from wgan.training import Engine, Mode, Unusable, arrange, build_engine, seconds_per_step

TRIAL_SECONDS = 0.5


class EngineTrials:
    """Builds engines and times them on the first batches of a run, without changing its state."""

    compiles_later = False
    """Whether another process can compile the run's steps while it trains: on a CPU, and from what is on the disk."""

    def __init__(self, loop: Loop, *, trusted: bool = False, seconds: float | None = None) -> None:
        """`trusted`: the run has already trained with the engine that its settings name.

        Where the run's length is a time, those `seconds`, a plain step says how many steps that is.
        """
        state = loop.state
        self._schedule, self._world, self._trusted = loop.config.schedule, loop.world, trusted
        self._microbatch = loop.config.training.microbatch
        self._step = state, loop.step(0)
        self.device = state.device
        self._loop = loop
        self.alone = loop.world.size == 1
        """Whether a single process trains. Several would each measure, and choose, something else."""
        self.steps_left = loop.config.training.steps - state.step
        self.compiles_later = self.device.type == "cpu" and not loop.config.custom and seconds is None
        if seconds is not None and self.alone:
            with suppress(Unusable):  # the run's own steps will fail too, with a better message
                self.steps_left = int(seconds / self.seconds(self.build(Mode())))

    def build(self, mode: Mode) -> Engine:
        """The engine of a mode, once it has passed its self-test.

        Raises:
            Unusable: it cannot be used for this run on this machine.
        """
        if mode.graphs and self._schedule.changes_more_than_rates:
            raise Unusable(
                "a graph repeats the penalty weight and the betas that it was recorded with, which the schedule changes"
            )
        return build_engine(mode, *self._step, world=self._world, trusted=self._trusted, microbatch=self._microbatch)

    def was_compiled(self, mode: Mode) -> bool:
        """Whether such steps were compiled before, with a gain, so that building the engine takes seconds."""
        return was_compiled(self._loop, mode)

    def seconds(self, engine: Engine, enough: float = math.inf) -> float:
        """Seconds for a generator update and the critic updates before it. A trial slower than `enough` ends early.

        Raises:
            Unusable: a step fails.
        """
        try:
            return seconds_per_step(engine, *self._step, budget=TRIAL_SECONDS, enough=enough)
        except Exception as error:  # torch raises many kinds; another engine may still work
            raise Unusable(f"a step fails ({type(error).__name__}: {in_short(error)})") from error

    def settle(self, engine: Engine) -> None:
        """Arrange the state for the chosen engine, whatever was tried after it."""
        arrange(self._step[0], engine.mode)
