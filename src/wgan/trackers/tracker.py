"""What a tracker's library is asked to do. All of it happens in the library's own process."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from PIL import Image

PROJECT = "wgan"
"""Where runs are collected unless the library's own variable says otherwise."""
PICTURES = "samples"
"""What grids of generated samples are called."""
PATIENCE = 30
"""Seconds that a library may take to send what it holds back, at the end."""

State = Literal["finished", "failed", "stopped"]
"""How a run ended: at its end, by an error, or by a signal, in which case it may go on."""


class About(NamedTuple):
    """A run, as it introduces itself to a tracker."""

    name: str
    """Of its folder."""
    folder: str
    """The run's folder, for what a library keeps on this machine. Its path is not sent."""
    id: str | None
    """By which the tracker knows the run, if it has seen it before."""
    config: dict[str, Any]
    """Every setting that is sent, by dotted key."""


class Unready(Exception):
    """A tracker cannot be used as things are. The message says what to do."""


def forgotten(title: str) -> Unready:
    """The error for a run that the tracker has no longer, or has elsewhere."""
    return Unready(f"{title} does not know this run: to send it anew, delete trackers.json in the run's folder")


class Tracker(Protocol):
    """A run in a library: a new one, or the one that goes on."""

    def __init__(self, about: About) -> None:
        """Open it."""

    @property
    def id(self) -> str:
        """By which the run can be found again: letters, digits, `_`, `-` and `.`."""

    @property
    def where(self) -> str:
        """Where the run is to be seen: an address, or words."""

    @classmethod
    def check(cls, folder: str) -> str:
        """Where a run in this folder would go, in words. Asks no server.

        Raises:
            Unready: it cannot go there.
        """

    def row(self, values: Mapping[str, float], step: int) -> None:
        """Keep values, by name, of a step."""

    def picture(self, image: Image.Image, step: int) -> None:
        """Keep a grid of generated samples."""

    def end(self, verdict: Mapping[str, str], state: State) -> None:
        """Keep what a diagnosis said, and send all that is held back. Nothing is asked of the tracker afterwards.

        Raises:
            Unready: not all could be sent. The message says how to send it later.
        """
