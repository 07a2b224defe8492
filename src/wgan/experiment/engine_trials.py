"""Engines, built and timed on the first batches of a run."""

import math
import time
from collections.abc import Callable

import torch

from wgan.errors import in_short
from wgan.experiment.build import Loop
from wgan.experiment.compiled_before import was_compiled
from wgan.experiment.pace import PACE_SECONDS, Pace, paced
from wgan.training import (
    Engine,
    Mode,
    Step,
    TrainState,
    Unusable,
    arrange,
    build_engine,
    same_threads,
    seconds_per_step,
)

TRIAL_SECONDS = 0.5
"""Steps are timed for so long, and three of them at least."""
SHARE, LONGEST = 0.02, 60.0
"""All trials together take this share of the run, and so many seconds at most."""
ON_CUDA = 5.0
"""Seconds that trials may take on a GPU however short the run is: recording a graph takes one or two."""


class EngineTrials:
    """Builds engines and times them on the first batches of a run, without changing its state."""

    compiles_later = False
    """Whether another process can compile the run's steps while it trains: on a CPU, and from what is on the disk."""

    def __init__(self, loop: Loop, *, trusted: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        """`trusted`: the run has already trained with the engine that its settings name."""
        state = loop.state
        self._schedule, self._world, self._trusted = loop.config.schedule, loop.world, trusted
        self._microbatch = loop.config.training.microbatch
        self._step = state, loop.step(0)
        self.device = state.device
        self._loop = loop
        self.alone = loop.world.size == 1
        """Whether a single process trains. Several would each measure, and choose, something else."""
        self.begun = state.step
        """How many steps the run has done."""
        self.steps_left = loop.config.training.steps - state.step
        self.compiles_later = self.device.type == "cpu" and not loop.config.custom
        self.clock, self.deadline = clock, math.inf

    def pace(self, mode: Mode) -> Pace:
        """How fast the steps of a mode are with the threads that are set now.

        Raises:
            Unusable: a step fails.
        """
        engine = self.build(mode)
        return paced(lambda: self._timed(engine, self._step, math.inf, PACE_SECONDS), self.device)

    def threads_on_busy_cpu(self, mode: Mode) -> int:
        """The threads that do a part of a step sooner: those that are set now, or one. Sets as many as before.

        Several that share the CPU with other programs wait for each other, and a step takes many times as long.

        Raises:
            Unusable: a step fails.
        """
        state, step = self._step
        part, engine = step._replace(batches=step.batches[:1]), self.build(mode)
        with same_threads(1):
            alone = self._timed(engine, (state, part), math.inf, 0.0)
        together = self._timed(engine, (state, part), math.inf, 0.0)
        return 1 if alone < together else torch.get_num_threads()

    def begin(self, expected: float) -> None:
        """The trials of a run that takes about so many seconds begin now, and have a share of them."""
        least = ON_CUDA if self.device.type == "cuda" else 0.0
        self.deadline = self.clock() + min(LONGEST, max(SHARE * expected, least))

    def unbounded(self) -> None:
        """What is tried from now on may take as long as it takes."""
        self.deadline = math.inf

    @property
    def left(self) -> float:
        """The seconds that are left for trials."""
        return self.deadline - self.clock()

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
        return self.device.type == "cpu" and not self._loop.config.custom and was_compiled(self._loop, mode)

    def seconds(self, engine: Engine, enough: float = math.inf) -> float:
        """Seconds for a generator update and the critic updates before it. A slow trial ends early.

        That is one slower than `enough`, or one for which no time is left.

        Raises:
            Unusable: a step fails.
        """
        return self._timed(engine, self._step, enough, self.left)

    def _timed(self, engine: Engine, step: tuple[TrainState, Step], enough: float, most: float) -> float:
        try:
            return seconds_per_step(engine, *step, budget=TRIAL_SECONDS, enough=enough, most=most)
        except Exception as error:  # torch raises many kinds; another engine may still work
            raise Unusable(f"a step fails ({type(error).__name__}: {in_short(error)})") from error

    def settle(self, engine: Engine) -> None:
        """Arrange the state for the chosen engine, whatever was tried after it."""
        arrange(self._step[0], engine.mode)
