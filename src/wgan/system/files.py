"""Write files atomically: under a temporary name, synced, then renamed."""

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wgan.errors import InputError, TrainingError
from wgan.system.limits import FILE_BYTES
from wgan.system.processes import alive
from wgan.system.text import printable

SEARCHED = 20_000
"""Names that are compared with a misspelt one: some tenths of a second."""
TEMPORARY = re.compile(r"\..+\.(\d+)\.tmp(\.\w+)?")
"""The temporary names that `replacing` uses, with the number of the process."""


@contextmanager
def naming(path: Path, temporary: Path | None = None) -> Iterator[None]:
    """Make an OSError name `path` if it names no file, or names the `temporary` one."""
    try:
        yield
    except OSError as error:
        if error.filename is None or (temporary and Path(os.fsdecode(error.filename)) == temporary):
            error.filename = str(path)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to, and rename it to `path` if the body succeeds.

    The temporary path has the same suffix, for writers that choose a format by it.

    Raises:
        InputError: `path` is a folder.
    """
    if path.is_dir() or not path.name:
        raise InputError(f"{path} is a folder. Give the name of a file.")
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    with naming(path, temporary):
        try:
            temporary.touch()  # with the user's default permissions, which the writer may change
            mode = temporary.stat().st_mode
            yield temporary
            temporary.chmod(mode)
            sync(temporary)
            os.replace(temporary, path)
            sync(path.parent)
        finally:
            with suppress(OSError):  # on a failing disk, the first error is the one to report
                temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove the temporary files of this process and of those that no longer run."""
    for path in folder.glob(".*.tmp*"):
        found = TEMPORARY.fullmatch(path.name)
        if found and ((process := int(found[1])) == os.getpid() or not alive(process)):
            with suppress(OSError):
                path.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


LINE_BYTES = 1 << 20
"""No line of a run is longer. Parsing a damaged one could take twenty times its length in memory."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects in a file of JSON lines; none if there is no file. Damaged lines are skipped.

    Raises:
        InputError: The file is larger than `FILE_BYTES`.
    """
    if not path.is_file():
        return []
    FILE_BYTES.check(path.stat().st_size, path)
    rows = []
    for line in path.read_bytes().splitlines():
        try:
            row = json.loads(line.decode(errors="replace")) if len(line) <= LINE_BYTES else None
        except (ValueError, RecursionError):  # not JSON, a number with too many digits, brackets nested too deeply
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


STEP = re.compile("[0-9]{1,18}")


def by_step(folder: Path, suffix: str) -> dict[int, Path]:
    """The files in a folder that are named by a step and this suffix, in order."""
    found = [path for path in folder.glob(f"[0-9]*{suffix}") if STEP.fullmatch(path.stem) and path.is_file()]
    return {int(path.stem): path for path in sorted(found)}


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Add a line to a file of JSON lines. An incomplete last line is ended first."""
    with naming(path), path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(json.dumps(row).encode() + b"\n")


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of JSON lines atomically."""
    write_text(path, "".join(json.dumps(row) + "\n" for row in rows))


def make_folder(path: Path) -> None:
    """Create a folder and its parents, and check that it is writable.

    Raises:
        InputError: It cannot be created, or its permissions forbid writing.
        TrainingError: Its file system is read-only, as a failing disk becomes.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK)
    except FileExistsError as error:
        raise InputError(f"{path} is a file. Choose another folder.") from error
    except OSError as error:
        raise InputError(f"Cannot create {path}: {error.strerror}. Choose another folder.") from error
    if not writable and hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY:
        raise TrainingError(
            f"Cannot write {path}: {os.strerror(errno.EROFS)}. Choose another folder, or repair the disk."
        )
    if not writable:
        raise InputError(f"No permission to write in {path}. Choose another folder, or change its permissions.")


def similar(path: Path, *others: Path, having: str = "") -> str:
    """A question after a path that is not there: the nearest name in its folder or the others; or nothing.

    Of a folder of tens of thousands, some names are compared. With `having`, only folders that hold such a file count.
    """
    beside: dict[str, Path] = {}
    for folder in (path.parent, *others):
        with suppress(OSError):  # is not there, or not for us to see
            names = os.listdir(folder)
            beside = {name: folder / name for name in names[:SEARCHED]} | beside
    near = get_close_matches(path.name, beside, n=3, cutoff=0.7)
    meant = next((beside[name] for name in near if not having or (beside[name] / having).is_file()), None)
    return "" if meant is None else f" Did you mean {printable(str(meant))}?"


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk."""
    with naming(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
