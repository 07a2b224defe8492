"""Files that are either whole or not there: written under a temporary name, synced, renamed."""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from wgan.errors import InputError
from wgan.limits import FILE_BYTES

try:
    import fcntl
except ImportError:  # Windows has none; there, two processes are not told apart
    fcntl = None  # type: ignore[assignment]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to; on success it takes the place of `path` in one step.

    The suffix is kept, for writers that choose a format by it. If the body fails, what was at `path` stays.

    Raises:
        InputError: `path` is a folder.
    """
    if path.is_dir() or not path.name:
        raise InputError(f"{path} is a folder; the name of a file is needed.")
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        temporary.touch()  # with the user's permissions, whatever the writer would choose
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` in one step."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


LINE_BYTES = 1 << 20
"""No line of a run is longer; longer ones are damage, and would take twenty times as much memory."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines; none if there is no file. Lines that are no objects are left out.

    Raises:
        InputError: the file is larger than the limit on files that are read whole.
    """
    if not path.is_file():
        return []
    FILE_BYTES.check(path.stat().st_size, path)
    rows = []
    for line in path.read_bytes().splitlines():
        try:
            row = json.loads(line.decode(errors="replace")) if len(line) <= LINE_BYTES else None
        except (ValueError, RecursionError):  # not JSON, a number of too many digits, brackets without end
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


STEP = re.compile("[0-9]{1,18}")


def by_step(folder: Path, suffix: str) -> dict[int, Path]:
    """The files of a folder whose names are a step and this suffix, in order."""
    found = [path for path in folder.glob(f"[0-9]*{suffix}") if STEP.fullmatch(path.stem) and path.is_file()]
    return {int(path.stem): path for path in sorted(found)}


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Add a line to a file of JSON lines, never to the end of one that was cut short."""
    with path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row).encode() + b"\n")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put a file of JSON lines at `path` in one step."""
    write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def make_folder(path: Path) -> None:
    """Create a folder and its parents, or say why it cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK)
    except FileExistsError as error:
        raise InputError(f"{path} is a file; a folder is needed there. Name another place.") from error
    except OSError as error:
        raise InputError(f"Cannot create {path}: {error.strerror}. Name a place you can write to.") from error
    if not writable:
        raise InputError(f"No permission to write in {path}. Name another place, or change its permissions.")


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk and not only on the way to it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, waiting: Callable[[Iterable[None]], Iterable[None]]) -> Iterator[None]:
    """Hold the lock file at `path`; the system lets go when the process ends, however it ends.

    If another process holds it, `waiting` is given an iterable of one element, which comes when it is free. It may
    raise, or show what passes, and returns what is to be waited for.
    """
    with path.open("a") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                for _ in waiting(_turn(file)):
                    pass
        if _is_at(path, file):
            yield
            return
    with locked(path, waiting):  # who held it removed it, and others would not see that this one is held
        yield


def _is_at(path: Path, file: IO[str]) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _turn(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    yield
