"""Limits on what is read of files that anybody may have made. Each has an environment variable that changes it.

The environment, since worker processes inherit it, and since no run should carry limits from machine to machine.
"""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from wgan.errors import InputError


class Limit(NamedTuple):
    """The most of something, unless the environment says otherwise."""

    variable: str
    default: int
    unit: str

    @property
    def value(self) -> int:
        """How many are allowed now.

        Raises:
            InputError: the variable is set to something else than a whole number above zero.
        """
        text = os.environ.get(self.variable, "").replace("_", "").strip()
        if not text:
            return self.default
        if not (text.isascii() and text.isdecimal() and len(text) < 19 and int(text)):
            raise InputError(f"{self.variable} is {text!r}. Set it to a whole number of {self.unit} above 0.")
        return int(text)

    def passed(self, amount: int) -> str | None:
        """Why so many are too many, and what raises the limit; None if they are not."""
        if amount <= self.value:
            return None
        return f"{amount:,} {self.unit}, and no more than {self.value:,} are read (set {self.variable} to change that)"

    def check(self, amount: int, what: object) -> None:
        """Let no more pass than is allowed.

        Raises:
            InputError: there are more; says how to raise the limit.
        """
        if why := self.passed(amount):
            raise InputError(f"{what} has {why}.")


PIXELS = Limit("WGAN_MAX_PIXELS", 1 << 27, "pixels")
"""Of one picture: 11,585 x 11,585. Decoding that many takes up to 1.6 GB for a moment, in each worker."""
FILE_BYTES = Limit("WGAN_MAX_FILE_BYTES", 1 << 28, "bytes")
"""Of one file or member of an archive that is read whole: a picture, a configuration, the lines of a run."""
ARRAY_BYTES = Limit("WGAN_MAX_ARRAY_BYTES", 1 << 32, "bytes")
"""Of arrays that must lie in memory: idx and npz files after unpacking, weights."""
MEMBERS = Limit("WGAN_MAX_MEMBERS", 20_000_000, "members")
"""Of one archive: their names are kept in memory."""

ALL = (PIXELS, FILE_BYTES, ARRAY_BYTES, MEMBERS)


def changed() -> dict[str, str]:
    """The limits that are not the default ones: what was read under them is another thing."""
    return {limit.variable: str(limit.value) for limit in ALL if limit.value != limit.default}


def regular(path: Path) -> os.stat_result:
    """What the system says of a file, if it can be read to its end: pipes and devices would keep a reader for ever.

    Raises:
        OSError: there is none, or it is something else.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(None, "a folder" if stat.S_ISDIR(status.st_mode) else "a device or a pipe, not a file", str(path))
    return status


def read_text(path: Path, limit: Limit = FILE_BYTES) -> str:
    """The text of a file, UTF-8.

    Raises:
        OSError, UnicodeDecodeError: it cannot be read.
        InputError: it is larger than the limit.
    """
    limit.check(regular(path).st_size, path)
    return path.read_text(encoding="utf-8")
