"""Limits on reading untrusted files. An environment variable changes each.

Worker processes inherit the environment, and runs do not carry it from machine to machine.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from wgan.errors import InputError


class Limit(NamedTuple):
    """A limit with a default and the environment variable that changes it."""

    variable: str
    default: int
    unit: str

    @property
    def value(self) -> int:
        """The limit in the current environment. An InputError says if the variable is not a whole number above 0."""
        text = os.environ.get(self.variable, "").replace("_", "").strip()
        if not text:
            return self.default
        if not (text.isascii() and text.isdecimal() and len(text) < 19 and int(text)):
            raise InputError(f"{self.variable} is {text!r}. Set it to a whole number of {self.unit} above 0.")
        return int(text)

    def passed(self, amount: int) -> str | None:
        """Why `amount` is above the limit and how to raise it, in a few words; None if it is not."""
        if amount <= self.value:
            return None
        return f"{amount:,} {self.unit}, more than the limit of {self.value:,} (set {self.variable} to change it)"

    def check(self, amount: int, what: object) -> None:
        """Raise an InputError if `amount` is above the limit."""
        if why := self.passed(amount):
            raise InputError(f"{what} has {why}.")


PIXELS = Limit("WGAN_MAX_PIXELS", 1 << 27, "pixels")
"""Of one picture: 11,585 x 11,585. Decoding it takes up to 1.6 GB in each worker."""
FILE_BYTES = Limit("WGAN_MAX_FILE_BYTES", 1 << 28, "bytes")
"""Of one file or archive member that is read whole: a picture, a configuration, the log of a run."""
ARRAY_BYTES = Limit("WGAN_MAX_ARRAY_BYTES", 1 << 32, "bytes")
"""Of arrays that are read into memory: unpacked idx and npz files, weights."""
MEMBERS = Limit("WGAN_MAX_MEMBERS", 20_000_000, "members")
"""Of one archive, whose names are all kept in memory."""

ALL = (PIXELS, FILE_BYTES, ARRAY_BYTES, MEMBERS)


def changed() -> dict[str, str]:
    """The limits that differ from the defaults. They are part of the key of everything in the cache."""
    return {limit.variable: str(limit.value) for limit in ALL if limit.value != limit.default}


def regular(path: Path) -> os.stat_result:
    """The status of a regular file. Reading a pipe or a device might never end.

    Raises:
        OSError: It does not exist or is not a regular file.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(None, "a folder" if stat.S_ISDIR(status.st_mode) else "a device or a pipe, not a file", str(path))
    return status


def read_text(path: Path, limit: Limit = FILE_BYTES) -> str:
    """The UTF-8 text of a file.

    Raises:
        OSError, UnicodeDecodeError: It cannot be read.
        InputError: It is larger than the limit.
    """
    limit.check(regular(path).st_size, path)
    return path.read_text(encoding="utf-8")
