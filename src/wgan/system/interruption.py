"""Ctrl-C, a scheduler's signals and a lost connection, heard between two steps instead of in the middle of one."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name))
"""What people and schedulers send to have a program stop; SIGUSR1 is what Slurm sends a while before it does."""


class Interrupted(KeyboardInterrupt):
    """Somebody asked the run to stop; it did, after saving what there was to save."""

    def __init__(self, message: str = "", number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.signal = signal.Signals(number)


class Interruption:
    """By which signal somebody asked the run to stop; None while nobody has."""

    signal: int | None = None


@contextmanager
def listening(*, impatient: bool = True) -> Iterator[Interruption]:
    """Take note of the first signal. Ctrl-C after that acts as it would have without us, if `impatient`.

    Other signals do nothing more: a scheduler sends two or three, and must not stop the saving that it asked for. Nor
    must torchrun, which sends its processes the Ctrl-C that the terminal has sent them already.
    """
    interruption = Interruption()

    def note(number: int, frame: FrameType | None) -> None:
        if interruption.signal is None:
            interruption.signal = number
            if impatient:
                signal.signal(signal.SIGINT, before)

    before = signal.getsignal(signal.SIGINT)
    with _handling(note):
        yield interruption


@contextmanager
def raising() -> Iterator[None]:
    """Raise at once: for work that has nothing to save, and tidies up as it would after an error.

    Raises:
        Interrupted: a signal came.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number=number)

    with _handling(stop):
        yield


@contextmanager
def _handling(handler: Handler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals; elsewhere nothing changes
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, earlier in before.items():
        # A lost connection that is ignored is meant to be: by nohup.
        if not (earlier == signal.SIG_IGN and signal.Signals(number).name == "SIGHUP"):
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
