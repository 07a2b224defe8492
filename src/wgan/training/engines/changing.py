"""Engines made of others: one that changes at a step that is known before, one on fewer threads."""

from dataclasses import dataclass

from wgan.training.devices import same_threads
from wgan.training.engines.engine import Engine, Mode
from wgan.training.state import TrainState
from wgan.training.steps import Step
from wgan.types import Terms


@dataclass(frozen=True)
class Changing:
    """Does the steps before number `at` with one engine, and all from it on with another.

    Which one does a step follows from its number alone, so a run that goes back, or is repeated from a checkpoint, does
    each step as before. Both need the same memory format.
    """

    first: Engine
    then: Engine
    at: int

    @property
    def mode(self) -> Mode:
        return self.then.mode

    def __call__(self, state: TrainState, step: Step, /) -> Terms:
        return (self.first if state.step < self.at else self.then)(state, step)


@dataclass(frozen=True)
class OnThreads:
    """Does the steps of another engine on so many threads."""

    engine: Engine
    threads: int

    @property
    def mode(self) -> Mode:
        return self.engine.mode

    def __call__(self, state: TrainState, step: Step, /) -> Terms:
        with same_threads(self.threads):
            return self.engine(state, step)


def spared(threads: int) -> int:
    """How many of so many threads steps have while another process compiles."""
    return max(1, threads - 1)


def sparing(engine: Engine, threads: int) -> OnThreads:
    """The engine on one thread less than so many, if there are several, which leaves a CPU to another process.

    Threads wait for each other several hundred times a step, so one that has to share its CPU slows all: with two
    threads on two CPUs, a step of `wgan-gp-mnist` took 3 s instead of 0.085 while another process compiled, and 0.11
    with one.
    """
    return OnThreads(engine, spared(threads))
