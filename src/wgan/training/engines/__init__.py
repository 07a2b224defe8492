"""Engines: ways to do the same steps, from plain PyTorch to compiled graphs.

An engine passes a self-test against plain PyTorch before it is used; `build_engine` raises `Unusable` if it fails.
"""

from wgan.training.engines.build import Unusable, arrange, build_engine
from wgan.training.engines.eager import Eager
from wgan.training.engines.engine import Engine, Mode, Stepwise
from wgan.training.engines.timing import seconds_per_step
from wgan.training.precision import Precision


def plain_engine(precision: Precision = "fp32") -> Engine:
    """One operation after the other, in one process."""
    return Stepwise(Mode(precision), Eager(precision))


PLAIN = plain_engine()
