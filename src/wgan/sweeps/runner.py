"""Trains runs in processes of their own, one after the other or several at once.

A run's process ends with this one: it holds the other end of the process's input, and whoever is left alone saves its
run and goes. So a crash, a lack of memory or a divergence ends one run, and `kill -9` of the sweep ends all.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch

from wgan.errors import in_short
from wgan.language import language
from wgan.sweeps.plan import Sweep, SweepRun
from wgan.sweeps.progress import Board
from wgan.sweeps.record import LOGS
from wgan.system.files import make_folder
from wgan.system.interruption import Interrupted, listening
from wgan.training import choose_device

PACKAGE = Path(__file__).resolve().parents[1]
LONGEST = 300
"""Characters of what a process printed last that are told."""
POLL = 0.1
"""Seconds between two looks at the processes."""


@dataclass(frozen=True)
class Runner:
    """Trains the runs of a sweep in its folder."""

    sweep: Sweep
    folder: Path
    jobs: int
    board: Board

    def train(self, runs: Sequence[SweepRun]) -> dict[str, str]:
        """Train these runs; returns why those failed that did, by name.

        Raises:
            Interrupted: a signal arrived; all runs are saved.
        """
        waiting, failed = list(runs), dict[str, str]()
        with listening() as interruption, _closing() as running:
            while waiting or running:
                while waiting and len(running) < self.jobs and interruption.signal is None:
                    slot = next(slot for slot in range(self.jobs) if slot not in running)
                    running[slot] = self._start(waiting.pop(0), slot)
                if interruption.signal is not None:
                    waiting.clear()
                    for one in running.values():
                        one.ask_to_end()
                time.sleep(POLL)
                for slot, one in list(running.items()):
                    if one.process.poll() is None:
                        self.board.at(one.run, one.step, one.steps)
                        continue
                    del running[slot]
                    one.finish()
                    if interruption.signal is None:
                        if one.process.returncode:
                            failed[one.run.name] = one.why()
                        self.board.ended(one.run, failed.get(one.run.name))
            if interruption.signal is not None:
                raise Interrupted(number=interruption.signal)
        return failed

    def _start(self, run: SweepRun, slot: int) -> "_Process":
        make_folder(self.folder / LOGS)
        job = {
            "data": self.sweep.data,
            "recipe": self.sweep.recipe,
            "out": str(self.folder / run.name),
            "settings": run.given,
            "language": language(),
        }
        with (self.folder / LOGS / f"{run.name}.txt").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "wgan.sweeps.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **same_program(), **environment(run, slot, self.jobs)},
            )
        self.board.started(run)
        return _Process(run, process, job, Path(log.name))


def same_program() -> dict[str, str]:
    """What has another process import this very package, wherever this one has found it."""
    places = (str(PACKAGE.parent), os.environ.get("PYTHONPATH", ""))
    return {"PYTHONPATH": os.pathsep.join(filter(None, places))}


def environment(run: SweepRun, slot: int, jobs: int) -> dict[str, str]:
    """What a process of a run has beside this one's environment: its threads, or its GPU."""
    device = choose_device(run.config.device).type
    if device != "cuda":
        threads = run.config.threads or 1
        return {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    gpus = named.split(",") if named else [str(place) for place in range(torch.cuda.device_count())]
    threads = max(1, (os.cpu_count() or 1) // jobs)
    return {"CUDA_VISIBLE_DEVICES": gpus[slot % len(gpus)], "OMP_NUM_THREADS": str(threads)}


class _Process:
    """The process of a run, and what it has told."""

    def __init__(self, run: SweepRun, process: subprocess.Popen[bytes], job: Mapping[str, Any], log: Path) -> None:
        self.run, self.process, self.log = run, process, log
        self.step, self.steps, self.error = 0, run.config.training.steps, ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        assert process.stdin is not None
        with suppress(OSError):  # it has ended already: its exit code says so
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
        self._listener.start()

    def _listen(self) -> None:
        """Take in what the process says. Nobody may be left that writes to a pipe which nobody reads."""
        lines: IO[bytes] | None = self.process.stdout
        assert lines is not None
        try:
            for line in lines:
                self._take(line)
        except Exception as error:  # whatever it is, the run has to end, and the sweep to say why
            self.error = f"what its process said cannot be read ({type(error).__name__}: {in_short(error)})"
            self.process.terminate()
            for _ in lines:
                pass

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(told, dict):
            self.step, self.steps = int(told.get("step", self.step)), int(told.get("steps", self.steps))
            self.error = str(told.get("error", self.error))

    def ask_to_end(self) -> None:
        """End its input, upon which it saves its run and ends."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()

    def finish(self) -> None:
        """Read the rest of what it told, and close its pipes."""
        self.ask_to_end()
        self._listener.join(timeout=1)
        if not self._listener.is_alive() and self.process.stdout is not None:
            self.process.stdout.close()

    def why(self) -> str:
        """Why it failed, in a line."""
        code = self.process.returncode
        if self.error:
            return self.error
        if code < 0:
            with suppress(ValueError):
                name = signal.Signals(-code).name
                memory = ", as the system does where memory runs out" if name == "SIGKILL" else ""
                return f"its process was ended by {name}{memory}; {self.log} has what it printed"
        return f"its process ended with code {code}{self._last_words()}; {self.log} has what it printed"

    def _last_words(self) -> str:
        """The last line that it printed."""
        with suppress(OSError):
            lines = self.log.read_bytes()[-LONGEST:].decode(errors="replace").strip().splitlines()
            return f" ({lines[-1].strip()})" if lines else ""
        return ""


@contextmanager
def _closing() -> Iterator[dict[int, _Process]]:
    """The running processes by slot; on leaving, whatever the reason, those that are left are asked to end."""
    running: dict[int, _Process] = {}
    try:
        yield running
    finally:
        for one in running.values():
            one.ask_to_end()
