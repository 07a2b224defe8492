"""Metrics of a user's own: a function from two arrays to a number.

A name such as `quality:sharpness` only says where the function is. Reading a name imports nothing; `own_metric` does,
and is called only for what the user named in this command, never for what a file of a run says (docs/trust.md).
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from wgan.errors import InputError, in_short
from wgan.metrics.metric import Better, Metric
from wgan.metrics.summaries import AllRows
from wgan.system.own_code import imported

HOW = "Write a function of (samples, reals), two NumPy arrays (n, ...), that returns a number (docs/metrics.md)."

Function = Callable[..., Any]
"""From samples and reals, NumPy arrays (N, ...) and (M, ...) in the units of the data, to a number."""


@dataclass(frozen=True)
class OwnMetric(Metric[AllRows]):
    """What a function of the user's says of samples and reals in the units of the data."""

    name: str
    function: Function
    better: Better = "lower"
    extractor: str = "units"
    summary = AllRows
    bounds = (-math.inf, math.inf)

    def compare(self, real: AllRows, fake: AllRows) -> float:
        """The function's value, of copies that it may change.

        Raises:
            InputError: it raises something, or returns no number.
        """
        try:
            value = self.function(fake.rows.numpy().copy(), real.rows.numpy().copy())
        except Exception as error:  # the user's code: whatever it is, its name and its text help most
            raise InputError(
                f"The metric {self.name} raised {type(error).__name__}: {in_short(error)}. It was called with "
                f"{fake.count:,} samples and {real.count:,} reals of shape {tuple(real.rows.shape[1:])}."
            ) from error
        try:
            number: Any = None if isinstance(value, bool) else value
            return float(number if isinstance(number, Real) else number.item())  # of an array or tensor of one
        except (AttributeError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(f"The metric {self.name} returned {type(value).__name__}, no number. {HOW}") from error


def own_metric(named: str | Function) -> OwnMetric:
    """The metric of a function, or of the one that a name `module:function` says, which is imported.

    The module is looked for where Python looks, and then in the current folder. An attribute `better = "higher"` of the
    function says that higher values are better.

    Raises:
        InputError: there is no such module or function, importing fails, or `better` is another word.
    """
    function = imported(named, "metric", HOW) if isinstance(named, str) else named
    name = named if isinstance(named, str) else getattr(named, "__name__", type(named).__name__)
    if not callable(function):
        raise InputError(f"{name} is no function. {HOW}")
    better: Any = getattr(function, "better", "lower")
    if better not in ("lower", "higher"):
        raise InputError(f'{name}.better is {better!r}. Say "lower" or "higher": which values are better.')
    return OwnMetric(name, function, better)


def name_of(function: Function) -> str:
    """The name `module:function` by which a configuration can say which function this is.

    Raises:
        InputError: no module has it under its name.
    """
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", type(function).__name__)
    if getattr(sys.modules.get(module), name, None) is not function:
        raise InputError(
            f"A run says which metrics it measures by their names, and no module has {name} under its name. Define the "
            "function at the top level of a module or of the script."
        )
    return f"{module}:{name}"
