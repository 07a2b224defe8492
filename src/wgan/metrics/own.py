"""Metrics of a user's own: a function from two arrays to a number.

A name such as `quality:sharpness` only says where the function is. Reading a name imports nothing; `own_metric` does,
and is called only for what the user named in this command, never for what a file of a run says (docs/trust.md).
"""

import importlib
import math
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any

from wgan.errors import InputError, in_short
from wgan.metrics.metric import Better, Metric
from wgan.metrics.summaries import AllRows

OWN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
"""`module:function`."""
HOW = "Write a function of (samples, reals), two NumPy arrays (n, ...), that returns a number (docs/metrics.md)."

Function = Callable[..., Any]
"""From samples and reals, NumPy arrays (N, ...) and (M, ...) in the units of the data, to a number."""


def is_own(name: str) -> bool:
    """Whether a metric's name says where a function is."""
    return OWN.fullmatch(name) is not None


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
    function = _imported(named) if isinstance(named, str) else named
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


@contextmanager
def _looking_in(folder: str) -> Iterator[None]:
    """Have Python look for modules in this folder too: last, so that a file there stands in for nothing installed.

    And only here: a file of a downloaded folder must not become what the program asks for later (docs/trust.md).
    """
    had = folder in sys.path
    sys.path += [] if had else [folder]
    try:
        yield
    finally:
        if not had:
            with suppress(ValueError):  # the module took it away itself
                sys.path.remove(folder)


def _imported(name: str) -> Any:
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    try:
        with _looking_in(here):
            found = importlib.import_module(module)
    except SystemExit as error:
        raise InputError(
            f"The module {module} of the metric {name} ends the program when it is imported. If it is a script, put "
            'what it does below `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{error.name}."):
            raise InputError(
                f"There is no module {module} for the metric {name}: neither where Python looks nor in {here}."
            ) from error
        raise InputError(
            f"The module {module} of the metric {name} cannot be imported: {type(error).__name__}: {in_short(error)}."
        ) from error
    if not hasattr(found, attribute):
        raise InputError(f"The module {module} ({getattr(found, '__file__', 'built in')}) has no {attribute}. {HOW}")
    return getattr(found, attribute)
