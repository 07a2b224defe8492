"""Where a run will be tracked, found out before it is begun."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from wgan.errors import InputError
from wgan.runs import Run
from wgan.trackers import LIBRARIES, require_installed
from wgan.trackers.conversation import Failed, asked_once
from wgan.trackers.sent import Sent

SLOWEST = 60.0
"""Seconds for a library to be imported and to say where a run would go."""


def destinations(names: Iterable[str], out: Path) -> dict[str, str]:
    """Where each tracker but TensorBoard would put a run of this folder, in words. No server is asked.

    Raises:
        InputError: a library is missing, or is not set up.
    """
    found = {}
    wanted = [name for name in names if name in LIBRARIES]
    for name in wanted:
        require_installed(name)
    for name in wanted:
        try:
            found[name] = asked_once(name, SLOWEST, do="check", folder=str(out.resolve()))["where"]
        except Failed as error:
            if error.unready:
                raise InputError(str(error)) from error
            raise InputError(
                f"--track {name}: {LIBRARIES[name].title} does not start ({error}). Try `python -c 'import {name}'`, "
                "or leave it out."
            ) from error
    return found


def no_longer(names: Iterable[str], run: Run) -> Iterator[str]:
    """The trackers that know a run and are not asked for."""
    with suppress(OSError):
        yield from (name for name in Sent(run.trackers_file).names() if name not in names)
