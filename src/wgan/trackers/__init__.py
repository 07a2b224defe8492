"""Trackers: where else the log of a run is shown. One library a file.

TensorBoard's events lie in the run's folder and are a part of the run. The other libraries may send what they are given
to a server, and may fail or hang: each works in a process of its own (`process.py`), which one thread of the run talks
to (`follower.py`). So none of them is ever imported where a run trains.
"""

from collections.abc import Iterable
from importlib.util import find_spec
from typing import NamedTuple

from wgan.errors import InputError, unknown

TENSORBOARD = "tensorboard"
NONE = "none"
"""The word for no tracker."""


class Library(NamedTuple):
    """What has to be installed for a tracker."""

    title: str
    modules: tuple[str, ...]


LIBRARIES = {
    "wandb": Library("Weights & Biases", ("wandb",)),
    "mlflow": Library("MLflow", ("mlflow",)),
    "trackio": Library("Trackio", ("trackio",)),
}
"""Trackers that other programs show. `process.opened` has the class of each."""

TRACKERS = (TENSORBOARD, *LIBRARIES)


def known_tracker(name: str) -> str:
    """The name, if a tracker has it.

    Raises:
        InputError: none has.
    """
    if name not in TRACKERS:
        raise unknown("tracker", name, TRACKERS)
    return name


def tracked_by(texts: Iterable[str]) -> tuple[str, ...]:
    """The trackers that comma-separated names ask for, beside TensorBoard. `none` takes back what was named before it.

    Raises:
        InputError: a name is unknown.
    """
    found = [TENSORBOARD]
    for name in (one.strip() for text in texts for one in text.split(",")):
        if name == NONE:
            found = []
        elif name and name not in TRACKERS:
            raise unknown("tracker", name, (*TRACKERS, NONE))
        elif name:
            found.append(name)
    return tuple(dict.fromkeys(found))


def require_installed(name: str) -> None:
    """Check that a tracker's library is there, without importing it.

    Raises:
        InputError: it is not.
    """
    missing = [module for module in LIBRARIES[name].modules if not _is_there(module)]
    if missing:
        raise InputError(f"--track {name} needs {LIBRARIES[name].title}: pip install 'wgan[{name}]'.")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # a module that was put in place by hand, or taken away
        return False
