"""Handle Ctrl-C, a scheduler's signals and a lost connection between two steps instead of within one."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name))
"""The signals that ask a program to stop. Slurm sends SIGUSR1 a while before it stops a job."""


class Interrupted(KeyboardInterrupt):
    """The run stopped because of a signal, after saving its state."""

    def __init__(self, message: str = "", number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.signal = signal.Signals(number)


class Interruption:
    """The signal that asked the run to stop, or None."""

    signal: int | None = None


@contextmanager
def listening(*, impatient: bool = True) -> Iterator[Interruption]:
    """Record the first signal. If `impatient`, a Ctrl-C after it gets the handler that was there before.

    Later signals have no effect: a scheduler sends two or three, which must not interrupt the saving it asked for.
    `impatient` is for processes not under torchrun, which repeats a Ctrl-C that the terminal has already sent.
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
    """Raise Interrupted at once on a signal, for work that has nothing to save."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number=number)

    with _handling(stop):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, earlier in before.items():
        # nohup ignores SIGHUP on purpose.
        if not (earlier == signal.SIG_IGN and signal.Signals(number).name == "SIGHUP"):
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
