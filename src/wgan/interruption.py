"""Ctrl-C, a scheduler's SIGTERM and a lost connection, heard between two steps instead of in the middle of one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class Interrupted(KeyboardInterrupt):
    """Somebody asked the run to stop; it did, after saving."""


class Interruption:
    """Whether somebody asked the run to stop."""

    requested: bool = False


@contextmanager
def listening() -> Iterator[Interruption]:
    """Take note of the first signal; a second one acts as it would have without us."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption  # only the main thread may handle signals; elsewhere nothing changes
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, frame: FrameType | None) -> None:
        interruption.requested = True
        restore()

    for number in SIGNALS:
        signal.signal(number, note)
    try:
        yield interruption
    finally:
        restore()
