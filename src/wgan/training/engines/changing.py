"""An engine that changes at a step that is known before."""

from dataclasses import dataclass

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
