"""A process that trains one run of a sweep: `python -m wgan.sweeps.child`.

Its first line of input is what to train, as JSON. The input then stays open for as long as the sweep runs; where it
ends, the run is saved and the process ends too. Lines of output are JSON: the steps, and what went wrong. What a
person reads goes to the error stream, which the sweep keeps in a file.
"""

import json
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

Send = Callable[[Mapping[str, Any]], None]
APART = 0.2
"""Seconds between two steps that are told."""


def main() -> int:
    """Train the run; returns the exit code, as that of `wgan train`."""
    job = json.loads(sys.stdin.readline())
    send = _sender()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from wgan.errors import InputError, WganError, in_short
    from wgan.language import using
    from wgan.system.interruption import raising

    warnings.formatwarning = lambda message, *_, **__: f"note: {message}\n"
    try:
        with raising(), using(job["language"]):
            _train(job, send)
    except WganError as error:
        print(f"error: {error}", file=sys.stderr)
        send({"error": in_short(error)})
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt as interrupt:
        print(f"Interrupted. {interrupt}".rstrip(), file=sys.stderr)
        return 130
    return 0


def _end_with_parent() -> None:
    """Wait for the end of the input, and ask this process to save its run and end."""
    with suppress(OSError):  # not by sys.stdin, whose lock a thread must not hold when the program ends
        while os.read(0, 1):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def _sender() -> Send:
    """What sends a line to the sweep. Whatever else is printed, also by the user's own code, goes to the log."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(message: Mapping[str, Any]) -> None:
        with suppress(OSError):  # nobody listens any more: the input has ended too
            lines.write(json.dumps(message) + "\n")
            lines.flush()

    return send


def _train(job: Mapping[str, Any], send: Send) -> None:
    from rich.console import Console

    from wgan.experiment.plan import plan
    from wgan.experiment.train import carry_out
    from wgan.views.terminal import Terminal, TrainingDisplay

    class Ticking(TrainingDisplay):
        """Tells the sweep the steps that are done, a few times a second, besides what it shows."""

        told = 0.0

        def tick(self, step: int) -> None:
            super().tick(step)
            if time.monotonic() - self.told >= APART:
                self.told = time.monotonic()
                send({"step": step})

    class Reporting(Terminal):
        def training(self, step: int, steps: int, images_per_step: int, epochs: float) -> TrainingDisplay:
            send({"step": step, "steps": steps})
            return Ticking(self.console, step, steps, images_per_step, epochs)

    terminal = Reporting(Console(file=sys.stderr))
    planned = plan(
        job["data"], recipe=job["recipe"], out=job["out"], settings=job["settings"], progress=terminal.counted
    )
    _wait_for(planned.out, terminal.say)
    carry_out(planned, terminal)


def _wait_for(folder: Path, tell: Callable[[str], None]) -> None:
    """Wait until nobody trains in the folder: a process of a sweep that was killed may still be saving its run."""
    from wgan.runs.ownership import LOCK
    from wgan.system.locks import locked, owner_of

    def waiting(turn: Iterable[None]) -> Iterable[None]:
        tell(f"waiting for {owner_of(folder / LOCK) or 'another process'}, which is training in {folder}")
        return turn

    if folder.is_dir():
        with locked(folder / LOCK, waiting):
            pass


if __name__ == "__main__":
    sys.exit(main())
