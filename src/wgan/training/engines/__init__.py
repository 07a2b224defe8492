"""Engines: ways to do the same steps, from plain PyTorch to compiled graphs.

An engine passes a self-test against plain PyTorch before it is used; `build_engine` raises `Unusable` if it fails.
"""

from wgan.training.engines.build import Unusable as Unusable, arrange as arrange, build_engine as build_engine
from wgan.training.engines.eager import Eager as Eager
from wgan.training.engines.engine import Engine as Engine, Mode as Mode, Stepwise as Stepwise
from wgan.training.engines.timing import seconds_per_step as seconds_per_step
from wgan.training.precision import Precision


def plain_engine(precision: Precision = "fp32", *, apart: bool = False) -> Engine:
    """One operation after the other, in one process; `apart` says that the critic scores each sample by itself."""
    return Stepwise(Mode(precision), Eager(precision, apart))


PLAIN = plain_engine()
