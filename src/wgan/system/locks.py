"""Locks that end with the process that holds them, and say who that is."""

import errno
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path

from wgan.errors import InputError
from wgan.system.processes import alive, begun
from wgan.system.validation import checked

try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None  # type: ignore[assignment]

UNSUPPORTED = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
"""What a file system says that has no locks: some network drives."""
LOOK_SECONDS = 0.5
JUDGING_SECONDS = 10.0
"""Deciding whether an owner is gone takes far less; what is older was left by a process that was killed meanwhile."""


@dataclass(frozen=True)
class Owner:
    """Who holds a lock."""

    process: int
    host: str
    since: str
    """ISO 8601, with the offset from UTC."""
    command: str
    begun: str | None = None

    def __str__(self) -> str:
        with suppress(ValueError):
            at = datetime.fromisoformat(self.since).astimezone()
            today = at.date() == datetime.now().astimezone().date()
            since = f"{at:%H:%M}" if today else f"{at:%Y-%m-%d %H:%M}"
            return f"process {self.process} on {self.host}, since {since}: {self.command}"
        return f"process {self.process} on {self.host}: {self.command}"

    @property
    def here(self) -> bool:
        """Whether it is, or was, a process of this machine."""
        return self.host == socket.gethostname()

    @property
    def runs(self) -> bool:
        """Whether it is still there, as far as this machine can tell: a process of another one is taken to be."""
        if not self.here:
            return True
        known = self.begun is not None and begun(self.process) is not None
        return alive(self.process) and not (known and begun(self.process) != self.begun)


def this_process() -> Owner:
    """The owner of the locks that are taken here."""
    program = Path(sys.argv[0]).name.replace("__main__.py", "wgan")  # python -m wgan
    command = " ".join([program, *sys.argv[1:]])
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return Owner(os.getpid(), socket.gethostname(), since, command[:200], begun(os.getpid()))


def owner_of(path: Path) -> Owner | None:
    """Who last wrote their name in a lock file; None if nobody did, or they let go."""
    try:
        return checked(Owner, json.loads(path.read_text(encoding="utf-8")), "")
    except (OSError, ValueError, RecursionError, InputError):
        return None


@contextmanager
def locked(path: Path, waiting: Callable[[Iterable[None]], Iterable[None]]) -> Iterator[None]:
    """Hold the lock file at `path`; the system lets go when the process ends, however it ends.

    If another process holds it, `waiting` is given an iterable of one element, which comes when it is free. It may
    raise, or show what passes, and returns what is to be waited for. Where the system or the file system has no locks,
    the name in the file is what counts: its process must be gone.
    """
    with path.open("ab", buffering=0) as file:  # nothing is left to be written, and to fail, when it is closed
        if not _take(file, waiting):
            with _by_name(path, waiting):
                yield
            return
        if _is_at(path, file):
            with suppress(OSError):  # the lock is held; on a full disk, without a name in it
                _sign(file, json.dumps(asdict(this_process())))
            try:
                yield
            finally:
                with suppress(OSError):
                    _sign(file, "")
            return
    with locked(path, waiting):  # who held it removed it, and others would not see that this one is held
        yield


def _take(file: FileIO, waiting: Callable[[Iterable[None]], Iterable[None]]) -> bool:
    """Lock an open file; False where there are no locks."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        for _ in waiting(_turn(file)):
            pass
    except OSError as error:
        if error.errno in UNSUPPORTED:
            return False
        raise
    return True


def _turn(file: FileIO) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    yield


def _is_at(path: Path, file: FileIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _sign(file: FileIO, text: str) -> None:
    file.truncate(0)
    file.write(text.encode())


# -- without locks of the system ----------------------------------------------------------------------------------


@contextmanager
def _by_name(path: Path, waiting: Callable[[Iterable[None]], Iterable[None]]) -> Iterator[None]:
    mine = this_process()
    if not _signed(path, mine):
        for _ in waiting(_turn_by_name(path, mine)):
            pass
    try:
        yield
    finally:
        with suppress(OSError):
            if owner_of(path) == mine:
                os.truncate(path, 0)


def _turn_by_name(path: Path, mine: Owner) -> Iterator[None]:
    while not _signed(path, mine):
        time.sleep(LOOK_SECONDS)
    yield


def _signed(path: Path, mine: Owner) -> bool:
    """Put one's name in a lock file unless its owner runs. One process at a time may judge that."""
    judging = path.with_name(f"{path.name}.judging")
    try:
        judging.open("x").close()
    except FileExistsError:
        with suppress(FileNotFoundError):
            if time.time() - judging.stat().st_mtime > JUDGING_SECONDS:
                judging.unlink()
        return False
    try:
        if (owner := owner_of(path)) and owner.runs:
            return False
        path.write_text(json.dumps(asdict(mine)), encoding="utf-8")
        return True
    finally:
        judging.unlink(missing_ok=True)
