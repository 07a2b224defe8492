"""The memory of a training process."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_LARGE = 1 << 30


def keep_memory() -> bool:
    """Let the C library keep freed memory, up to 1 GiB, instead of giving it back; whether it does.

    By default, glibc asks the system for each large tensor anew, and the system clears each page of it when it is first
    touched: a step of the 64x64 recipes then spends a third of its time there (docs/performance.md). Other C libraries
    are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE) and mallopt(_TRIM_THRESHOLD, _LARGE))
