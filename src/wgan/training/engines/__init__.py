"""Engines: ways to do the same steps, from plain PyTorch to compiled graphs.

An engine passes a self-test against plain PyTorch before it is used: `build` raises `Unusable` where it does not.
"""

from wgan.training.engines.building import Unusable, arrange, build
from wgan.training.engines.eager import Eager
from wgan.training.engines.engine import Engine, Mode, Stepwise
from wgan.training.engines.trial import seconds_per_step
from wgan.training.players import Precision


def plain_engine(precision: Precision = "fp32", *, apart: bool = False) -> Engine:
    """One operation after the other, in one process; `apart` says that the critic scores each sample by itself."""
    return Stepwise(Mode(precision), Eager(precision, apart))


PLAIN = plain_engine()

__all__ = [
    "PLAIN",
    "Eager",
    "Engine",
    "Mode",
    "Stepwise",
    "Unusable",
    "arrange",
    "build",
    "plain_engine",
    "seconds_per_step",
]
