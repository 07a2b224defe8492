"""Files that are either whole or not there: written under a temporary name, synced, renamed."""

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from wgan.errors import InputError, TrainingError
from wgan.system.limits import FILE_BYTES
from wgan.system.processes import alive

TEMPORARY = re.compile(r"\..+\.(\d+)\.tmp(\.\w+)?")
"""Names that `replacing` writes under; the number is the process."""


@contextmanager
def naming(path: Path, temporary: Path | None = None) -> Iterator[None]:
    """See that an OSError says which file it is about: `path`, also where it happened to its temporary one."""
    try:
        yield
    except OSError as error:
        if error.filename is None or (temporary and Path(os.fsdecode(error.filename)) == temporary):
            error.filename = str(path)
        raise


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
    with naming(path, temporary):
        try:
            temporary.touch()  # with the user's permissions, whatever the writer would choose
            mode = temporary.stat().st_mode
            yield temporary
            temporary.chmod(mode)
            sync(temporary)
            os.replace(temporary, path)
            sync(path.parent)
        finally:
            with suppress(OSError):  # on a disk that fails, what went wrong first is what has to be told
                temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what processes that are gone have left of files they were writing. Others' are left alone."""
    for path in folder.glob(".*.tmp*"):
        found = TEMPORARY.fullmatch(path.name)
        if found and ((process := int(found[1])) == os.getpid() or not alive(process)):
            with suppress(OSError):  # they are in nobody's way
                path.unlink()


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
    with naming(path), path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row).encode() + b"\n")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put a file of JSON lines at `path` in one step."""
    write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def make_folder(path: Path) -> None:
    """Create a folder and its parents, and see that it can be written in.

    Raises:
        InputError: it cannot be, there.
        TrainingError: its file system is read-only, which failing disks become.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK)
    except FileExistsError as error:
        raise InputError(f"{path} is a file; a folder is needed there. Name another place.") from error
    except OSError as error:
        raise InputError(f"Cannot create {path}: {error.strerror}. Name a place you can write to.") from error
    if not writable and hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY:
        raise TrainingError(f"Cannot write {path}: {os.strerror(errno.EROFS)}. Name another place, or mend the disk.")
    if not writable:
        raise InputError(f"No permission to write in {path}. Name another place, or change its permissions.")


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk and not only on the way to it."""
    with naming(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
