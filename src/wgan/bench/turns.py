"""Contestants in processes of their own, which take turns: while one trains, the others wait.

None shares an allocator or caches with another, and whatever slows the machine down for a while slows all of them. So
compare times within a round, not between rounds.
"""

import json
import math
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import IO, Any, NamedTuple

from wgan.errors import TrainingError


class Lost(TrainingError):
    """A contestant's process ended, or did not answer in time."""


class Turn(NamedTuple):
    """Seconds of one step: on the clock, and of the processor."""

    wall: float
    cpu: float


class Spread(NamedTuple):
    """The median of several values, and their range."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """At least one value."""
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f} to {self.most:.2f})"


def ratio(slower: Sequence[float], faster: Sequence[float]) -> Spread:
    """How many times as long one took as the other, round by round."""
    return Spread.of([a / b for a, b in zip(slower, faster, strict=True)])


class Contender:
    """The process of a contestant, as its parent sees it: see `wgan.bench.served`.

    What waits for it raises `Lost` if it ended or did not answer in time.
    """

    def __init__(
        self,
        name: str,
        module: str,
        given: Mapping[str, Any],
        *,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.until = math.inf
        """The time of `time.monotonic` by which it must answer."""
        self._started = time.perf_counter()
        self._complaints = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115  # closed in `end`
        self.process = subprocess.Popen(
            [python, str(Path(__file__).with_name("served.py")), module, json.dumps(given), str(os.getpid())],
            bufsize=0,  # an order that nobody reads must not stay in a buffer
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, **(environment or {})},
        )

    def ready(self) -> None:
        """Wait until it can be ordered to do something."""
        answer = self._answer()
        self.start_up = time.perf_counter() - self._started
        """Seconds from the start of the program until it was ready."""
        self.unusable: str | None = answer.get("unusable")
        self.set_up: float = answer["wall"]
        """Seconds of that which its `begin` took."""

    def ask(self, do: str, *arguments: Any) -> Any:
        """Call a method of the contestant, and wait for its result."""
        return self._order(do, *arguments)["value"]

    def steps(self, count: int) -> Turn:
        """Train for `count` steps; the time of one."""
        answer = self._order("steps", count)
        return Turn(answer["wall"] / count, answer["cpu"] / count)

    def warm_up(self, seconds: float) -> float:
        """Train until a turn lasts that many seconds; the seconds of a step in the last turn."""
        count = 1
        while (turn := self.steps(count)).wall * count < seconds:
            count *= 2
        return turn.wall

    def end(self) -> None:
        """Kill it, whatever it is doing."""
        self.process.kill()
        self.process.__exit__(None, None, None)
        self._complaints.close()

    def _order(self, do: str, *arguments: Any) -> dict[str, Any]:
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it has ended, and `_answer` says how
            self.process.stdin.write(json.dumps({"do": do, "arguments": arguments}).encode() + b"\n")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        if self.until < math.inf:
            left = max(self.until - time.monotonic(), 0.0)
            if not select.select([self.process.stdout], [], [], left)[0]:
                raise Lost(f"The process of {self.name} did not answer in time.")
        if line := self.process.stdout.readline():
            answer: dict[str, Any] = json.loads(line)
            return answer
        raise Lost(f"The process of {self.name} ended with {self.process.wait()}. {last_words(self._complaints)}")


def by_turns(
    contenders: Mapping[str, Contender], counts: Mapping[str, int], rounds: Iterable[int]
) -> dict[str, list[Turn]]:
    """The time of a step of each contender in each round; a contender trains for its `counts` in a round."""
    found: dict[str, list[Turn]] = {name: [] for name in contenders}
    for number in rounds:
        for name in rotated(list(contenders), number):
            found[name].append(contenders[name].steps(counts[name]))
    return found


def rotated(names: Sequence[str], number: int) -> Sequence[str]:
    """The order of turns in a round: each round begins with another name."""
    start = number % max(len(names), 1)
    return [*names[start:], *names[:start]]


def last_words(said: IO[str]) -> str:
    """The last line that a process wrote into this file."""
    said.seek(0)
    return (said.read().strip().splitlines() or ["It said nothing."])[-1]
