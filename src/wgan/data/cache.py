"""The cache: what can be made again from the data, and is kept so that it need not be."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wgan.errors import TrainingError
from wgan.system.files import make_folder, replacing
from wgan.system.locks import locked

Arrays = dict[str, NDArray[Any]]

WEEK_SECONDS = 7 * 24 * 3600.0


def cache_folder() -> Path:
    """Where packs and surveys are kept: $WGAN_CACHE, or `wgan` in the user's cache folder."""
    if place := os.environ.get("WGAN_CACHE"):
        return Path(place)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wgan"


def cache_subfolder(name: str) -> Path:
    """A folder of the cache, made if need be."""
    place = cache_folder() / name
    make_folder(place)
    return place


def key_of(*parts: object) -> str:
    """A name for whatever these parts decide, short and fit for a file."""
    text = "\n".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@contextmanager
def writing(what: str, place: Path) -> Iterator[None]:
    """Says what could not be written in the cache, and what to do.

    Raises:
        TrainingError: the system refused.
    """
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"Cannot write {what} in {place}: {error.strerror or error}. "
            "Free some space, or set WGAN_CACHE to another folder."
        ) from error


def sweep(folder: Path) -> None:
    """Remove what was begun in a folder (`.making-*`, with its `.lock-*`) and nobody has gone on with for a week."""
    old = time.time() - WEEK_SECONDS
    for key in {entry.name.partition("-")[2] for kind in ("making", "lock") for entry in folder.glob(f".{kind}-*")}:
        making, lock = folder / f".making-{key}", folder / f".lock-{key}"
        try:
            files = [path for path in (making, lock, *making.glob("*")) if path.exists()]
            if all(path.stat().st_mtime < old for path in files):
                with locked(lock, _leave_it):
                    shutil.rmtree(making, ignore_errors=True)
                    lock.unlink(missing_ok=True)
        except OSError:  # somebody is at work there, or sweeps too
            continue


def _leave_it(turn: Iterable[None]) -> Iterable[None]:
    raise BlockingIOError


VERSION = 1
"""Raised when the same reals would give other numbers."""


def cached(compute: Callable[[], Arrays], *parts: object) -> Arrays:
    """What `compute` gives, read from the cache if these parts were asked for before. Arrays only: nothing is run."""
    folder = cache_subfolder("statistics")
    path = folder / f"{key_of(VERSION, *parts)}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return dict(content)
    except FileNotFoundError:
        pass
    except Exception:  # NumPy raises many kinds for files that are cut short: it is made again
        path.unlink()
    arrays = compute()
    with writing("statistics", folder), replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    return arrays
