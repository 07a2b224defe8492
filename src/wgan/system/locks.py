"""File locks that end with the process that holds them, and name that process."""

import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from wgan.errors import InputError
from wgan.system.limits import read_text
from wgan.system.validation import checked

UNSUPPORTED = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""The errors of file systems without locks, such as some network drives."""


@dataclass(frozen=True)
class Owner:
    """The process that holds a lock."""

    process: int
    host: str
    since: str
    """ISO 8601, with the offset from UTC."""
    command: str

    def __str__(self) -> str:
        with suppress(ValueError):
            at = datetime.fromisoformat(self.since).astimezone()
            today = at.date() == datetime.now().astimezone().date()
            since = f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}"
            return f"process {self.process} on {self.host}, since {since}: {self.command}"
        return f"process {self.process} on {self.host}: {self.command}"

    @property
    def here(self) -> bool:
        return self.host == socket.gethostname()


def this_process() -> Owner:
    """The owner of the locks that this process takes."""
    program = Path(sys.argv[0]).name.replace("__main__.py", "wgan")  # python -m wgan
    command = " ".join([program, *sys.argv[1:]])
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return Owner(os.getpid(), socket.gethostname(), since, command[:200])


def owner_of(path: Path) -> Owner | None:
    """The owner of a lock that is held, or None if it is unknown."""
    try:
        return checked(Owner, json.loads(read_text(_owner_file(path))), "")
    except (OSError, ValueError, RecursionError):
        return None


@contextmanager
def locked(path: Path, waiting: Callable[[Iterable[None]], Iterable[None]]) -> Iterator[None]:
    """Hold the lock file at `path`. The operating system releases it when the process ends, even if it is killed.

    If another process holds the lock, `waiting` gets an iterable that yields once, when the lock is free. It can
    raise an error, or return the iterable to wait for, wrapped in a progress bar for instance.

    Raises:
        InputError: The file system has no locks.
    """
    # A lock without the system's help would outlive a killed process, so there is no fallback.
    lock, mine = _lock(path), this_process()
    try:
        while True:
            try:
                lock.acquire(blocking=False)
            except Timeout:
                for _ in waiting(_turn(lock)):
                    pass
            if _is_at(path):
                break
            lock.release()
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        raise InputError(
            f"The file system of {path.parent} does not support file locks. "
            "Use a folder on another disk: --out for a run, WGAN_CACHE for the cache."
        ) from error
    try:
        with suppress(OSError):  # on a full disk, the lock holds without a name
            _owner_file(path).write_text(json.dumps(asdict(mine)), encoding="utf-8")
        yield
    finally:
        if owner_of(path) == mine:  # after the folder was renamed, the file may be another's
            with suppress(OSError):
                _owner_file(path).unlink()
        lock.release()


def _lock(path: Path) -> FileLock:
    return FileLock(path, thread_local=False, fallback_to_soft=False)


def _is_at(path: Path) -> bool:
    """Whether the lock that this process holds is the file at `path`, which may have been removed or renamed."""
    try:
        with _lock(path).acquire(blocking=False):
            return False
    except Timeout:
        return True


def _turn(lock: FileLock) -> Iterator[None]:
    lock.acquire()
    yield


def _owner_file(path: Path) -> Path:
    # A separate file: Windows refuses to read a locked one.
    return path.with_name(f"{path.name}.owner")
