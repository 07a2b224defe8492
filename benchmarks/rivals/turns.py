"""Contestants in processes of their own, who work by turns: while one does, the others wait and take no time.

So none meets another's allocator or caches, and all meet the same machine: one that is shared is faster in one minute
than in the next. What is told are ratios within a round, their median and their extremes.
"""

import json
import math
import os
import select
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

BENCHMARKS = Path(__file__).parents[1]


class Lost(Exception):
    """A contestant's process ended before it was told to."""


class Contender:
    """A process that waits for orders."""

    def __init__(self, module: str, given: Mapping[str, Any], python: str = sys.executable) -> None:
        self.name = module
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed in `end`
        places = os.pathsep.join(part for part in (str(BENCHMARKS), os.environ.get("PYTHONPATH")) if part)
        self._process = subprocess.Popen(
            [python, "-m", f"rivals.{module}", json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            env=os.environ | {"PYTHONPATH": places},
        )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def answer(self) -> Any:
        """What it says next.

        Raises:
            Lost: it has ended; with what it said last.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._complaints.seek(0)
            last = self._complaints.read().strip().splitlines()[-1:]
            raise Lost(f"{self.name}: {' '.join(last) or self._process.returncode}")
        return json.loads(line)

    def is_ready(self, seconds: float) -> bool:
        """Whether it answers what it was asked last, or ends, within so many seconds."""
        return bool(select.select([self._process.stdout], [], [], max(seconds, 0.0))[0])

    def order(self, do: str, count: int) -> None:
        """Have it do something; `answer` waits for it."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, "count": count}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # `answer` will say why

    def ask(self, do: str, count: int, *, seconds: float | None = None) -> Any:
        """Have it done, and wait, for so many seconds if they are given.

        Raises:
            Lost: it has ended, or does not answer in time.
        """
        self.order(do, count)
        if seconds is not None and not self.is_ready(seconds):
            raise Lost(f"{self.name}: no answer within {seconds:.0f} s")
        return self.answer()

    def end(self, *, at_once: bool = False) -> None:
        """Let it go; `at_once`, without waiting for what it does."""
        if at_once:
            self._process.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._complaints.close()
        if self._process.stdout is not None:
            self._process.stdout.close()


class Turn(NamedTuple):
    """Seconds of one step, on the wall and of the processor."""

    wall: float
    cpu: float


def by_turns(contenders: Mapping[str, Contender], count: int, rounds: int) -> dict[str, list[Turn]]:
    """What a step of each took in each round of `count`; who begins changes."""
    found: dict[str, list[Turn]] = {name: [] for name in contenders}
    names = list(contenders)
    for i in range(rounds):
        for name in names[i % len(names) :] + names[: i % len(names)]:
            found[name].append(Turn(*contenders[name].ask("steps", count)))
    return found


class Ratio(NamedTuple):
    """How many times as long one took as the other, over the rounds."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(slower: Sequence[float], faster: Sequence[float]) -> Ratio:
    """Round by round."""
    ratios = sorted(a / b for a, b in zip(slower, faster, strict=True))
    return Ratio(ratios[0], statistics.median(ratios), ratios[-1])


def plain(value: Any) -> Any:
    """For JSON: what has names, by name; nothing for what is no number."""
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
