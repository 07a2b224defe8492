"""The cache of packs, surveys and statistics, all of which can be computed again from the data."""

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


def cache_folder() -> Path:
    """$WGAN_CACHE, or `wgan` in the user's cache folder."""
    if place := os.environ.get("WGAN_CACHE"):
        return Path(place)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wgan"


def cache_subfolder(name: str) -> Path:
    """A folder of the cache, created if it is missing."""
    place = cache_folder() / name
    make_folder(place)
    return place


def key_of(*parts: object) -> str:
    """A short hash of these parts, usable as a file name."""
    text = "\n".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


@contextmanager
def writing(what: str, place: Path) -> Iterator[None]:
    """Turn an OSError in the body into a TrainingError that names `what` and `place`."""
    try:
        yield
    except OSError as error:
        raise TrainingError(
            f"Cannot write {what} in {place}: {error.strerror or error}. "
            "Free some space, or set WGAN_CACHE to another folder."
        ) from error


def sweep(folder: Path) -> None:
    """Remove unfinished packs (`.making-*`) and locks (`.lock-*`) that have not changed for a week."""
    old = time.time() - 7 * 24 * 3600
    entries = [*folder.glob(".making-*"), *folder.glob(".lock-*")]
    for key in {entry.name.partition("-")[2].removesuffix(".owner") for entry in entries}:
        making, lock = folder / f".making-{key}", folder / f".lock-{key}"
        try:
            files = [path for path in (making, lock, *making.glob("*")) if path.exists()]
            if all(path.stat().st_mtime < old for path in files):
                with locked(lock, _skip):
                    shutil.rmtree(making, ignore_errors=True)
                    lock.unlink(missing_ok=True)
        except OSError:  # another process works there, or sweeps too
            continue


def _skip(turn: Iterable[None]) -> Iterable[None]:
    raise BlockingIOError


VERSION = 2
"""Increased when the same samples would give other statistics."""


def cached(compute: Callable[[], Arrays], *parts: object) -> Arrays:
    """The result of `compute`, cached under these parts. Reading it executes nothing."""
    folder = cache_subfolder("statistics")
    path = folder / f"{key_of(VERSION, *parts)}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return dict(content)
    except FileNotFoundError:
        pass
    except Exception:  # NumPy raises many kinds for truncated files
        path.unlink()
    arrays = compute()
    with writing("statistics", folder), replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    return arrays
