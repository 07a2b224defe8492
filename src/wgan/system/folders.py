"""Write folders whole: under a temporary name beside their place, synced, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wgan.errors import InputError
from wgan.system.files import TEMPORARY, make_folder, naming, sync
from wgan.system.processes import alive

OLD = "old"


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path` to write in, and rename it to `path` if the body succeeds.

    A folder that is there is set aside for the moment between two renames, and then removed. A process that is killed
    in that moment leaves it under a hidden name; the next call puts it back.

    Raises:
        InputError: the folder above cannot be made or written, or `path` is the current folder or above it, which would
            be renamed away.
    """
    path = path.resolve()
    if (here := Path.cwd().resolve()) == path or path in here.parents:
        raise InputError(
            f"{path} cannot be replaced while you are in it. Change to another folder first, or name another one."
        )
    make_folder(path.parent)
    _sweep(path)
    making = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    aside = path.with_name(f".{path.name}.{OLD}.{os.getpid()}.tmp")
    with naming(path, making):
        try:
            making.mkdir()
            yield making
            for file in making.iterdir():
                sync(file)
            sync(making)
            if path.exists():
                path.rename(aside)
            making.rename(path)
            sync(path.parent)
        finally:
            if aside.exists() and not path.exists():
                aside.rename(path)
            for left in (making, aside):
                shutil.rmtree(left, ignore_errors=True)


def _sweep(path: Path) -> None:
    """Put back, or remove, what killed processes left of this folder."""
    for left in path.parent.glob(".*.tmp"):
        found = TEMPORARY.fullmatch(left.name)
        of = left.name.removeprefix(f".{path.name}.").removesuffix(".tmp")
        if found is None or of not in (found[1], f"{OLD}.{found[1]}") or alive(int(found[1])):
            continue
        with suppress(OSError):
            if of != found[1] and not path.exists():
                left.rename(path)
        shutil.rmtree(left, ignore_errors=True)
