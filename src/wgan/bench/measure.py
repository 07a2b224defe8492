"""Engines side by side: each in a process of its own, which trains for a round and waits while the others do.

So what slows the machine down for a while slows all of them, and what is told is the ratio within a round.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from wgan.errors import TrainingError
from wgan.types import Progress

ROUND_SECONDS = 0.7
"""How long an engine trains in each round, or for one step."""
WARM_SECONDS = 0.3
LEAST_WARM = 2
"""Steps after the first one that are not counted: compilers may look at the second again."""


class Spread(NamedTuple):
    """A median of several rounds, and the range of all."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(median(values), min(values), max(values))


class Measured(NamedTuple):
    """One engine. Seconds, and bytes where they are counted; nothing but `unusable` if it cannot be used here."""

    engine: str
    unusable: str | None = None
    rounds: tuple[float, ...] = ()
    """The seconds of a step, in each round."""
    start_up: float = 0.0
    """From the start of the program to the end of its first step."""
    set_up: float = 0.0
    """Of that, building networks and engine, and the first step: compiling, if it does."""
    memory: int | None = None
    device_memory: int | None = None

    @property
    def step(self) -> Spread:
        """The seconds of a step."""
        return Spread.of(self.rounds)

    def faster(self, first: "Measured") -> Spread:
        """How many times as fast as the first engine it is: within each round, not from one round to another."""
        return Spread.of([other / own for own, other in zip(self.rounds, first.rounds, strict=True)])


def measure(folder: Path, engines: Sequence[str], rounds: int, progress: Progress) -> list[Measured]:
    """Measure the case in `folder` with each engine.

    Raises:
        TrainingError: a process ended before it was done.
    """
    with ExitStack() as stack:
        trainers = [
            stack.enter_context(_started(folder, engine))
            for engine in progress(engines, len(engines), "starting each engine anew")
        ]
        usable = [trainer for trainer in trainers if trainer.unusable is None]
        for trainer in usable:
            trainer.warm()
        for _ in progress(range(rounds), rounds, f"rounds of {len(usable)} engines in turns"):
            for trainer in usable:
                trainer.round()
        return [trainer.measured() for trainer in trainers]


class Trainer:
    """The process of one engine, as its parent sees it."""

    def __init__(self, engine: str, process: "subprocess.Popen[bytes]", said: Path) -> None:
        self._engine, self._process, self._said = engine, process, said
        self._rounds: list[float] = []
        self._pace = 0.0
        start = time.perf_counter()
        self._last = self._answer()
        self._start_up = time.perf_counter() - start
        self.unusable: str | None = self._last.get("unusable")
        self._set_up: float = self._last.get("seconds", 0.0)

    def warm(self) -> None:
        """Find out how fast it is, and do so until it is as fast as it gets."""
        steps = 1
        self._steps(LEAST_WARM)
        while (seconds := self._steps(steps)) < WARM_SECONDS:
            steps *= 2
        self._pace = seconds / steps

    def round(self) -> None:
        """Train for about as long as every engine does."""
        steps = max(1, round(ROUND_SECONDS / self._pace))
        self._rounds.append(self._steps(steps) / steps)

    def measured(self) -> Measured:
        """What came of it."""
        if self.unusable is not None:
            return Measured(self._engine, self.unusable)
        peaks = self._last["memory"], self._last["device_memory"]
        return Measured(self._engine, None, tuple(self._rounds), self._start_up, self._set_up, *peaks)

    def _steps(self, number: int) -> float:
        assert self._process.stdin
        with suppress(BrokenPipeError):  # it has ended: reading its answer says how
            self._process.stdin.write(f"{number}\n".encode())
        self._last = self._answer()
        return float(self._last["seconds"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        if line := self._process.stdout.readline():
            answer: dict[str, Any] = json.loads(line)
            return answer
        code, said = self._process.wait(), last_words(self._said)
        raise TrainingError(f"The process that trained with the engine {self._engine} ended with {code}. {said}")


@contextmanager
def _started(folder: Path, engine: str) -> Iterator[Trainer]:
    """A process that has done its first step, and is ended on leaving. What it prints goes into a file."""
    said = folder / f"{re.sub('[^a-z0-9]+', '-', engine)}.log"
    command = [sys.executable, "-m", "wgan.bench.trainer", str(folder), engine, str(os.getpid())]
    environment, pipe = fresh_environment(folder), subprocess.PIPE
    with (
        said.open("w") as errors,
        # Without buffers, in which a number would stay that nobody reads any more.
        subprocess.Popen(command, 0, stdin=pipe, stdout=pipe, stderr=errors, env=environment) as process,
    ):
        try:
            yield Trainer(engine, process, said)
        finally:
            process.kill()


def last_words(said: Path) -> str:
    """The last line that a process wrote into this file."""
    return (said.read_text(errors="replace").strip().splitlines() or ["It said nothing."])[-1]


def fresh_environment(folder: Path) -> dict[str, str]:
    """That of a program that was never started here before: what was packed or compiled earlier is not found."""
    caches = {"WGAN_CACHE": "cache", "TORCHINDUCTOR_CACHE_DIR": "inductor", "TRITON_CACHE_DIR": "triton"}
    return {**os.environ, **{name: str(folder / place) for name, place in caches.items()}}
