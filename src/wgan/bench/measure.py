"""The engines of a case, measured side by side, and the wait for the first picture of `wgan train`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from wgan.bench.case import SAMPLES
from wgan.bench.turns import Contender, by_turns, last_words
from wgan.errors import TrainingError
from wgan.types import Progress

ROUND_SECONDS = 0.7
"""An engine trains for about as long in each round, and for at least one step."""
WARM_SECONDS = 0.3
WARM_STEPS = 2
"""Steps that are not timed: compilers may look at the second step again."""


class Measured(NamedTuple):
    """One engine, in seconds and bytes; only `unusable` if it cannot be used here."""

    engine: str
    unusable: str | None = None
    rounds: tuple[float, ...] = ()
    """The seconds of a step in each round."""
    start_up_seconds: float = 0.0
    """From the start of the program to the end of its first step."""
    set_up_seconds: float = 0.0
    """Of that: building the networks and the engine, compiling, and the first step."""
    peak_bytes: int | None = None
    peak_device_bytes: int | None = None


def measure(folder: Path, engines: Sequence[str], rounds: int, progress: Progress) -> list[Measured]:
    """Measure the case in `folder` with each engine.

    Raises:
        TrainingError: a process ended before it was done.
    """
    with ExitStack() as stack:
        usable: dict[str, Contender] = {}
        found: dict[str, Measured] = {}
        for engine in progress(engines, len(engines), "starting each engine anew"):
            given = {"folder": str(folder), "engine": engine}
            contender = Contender(
                f"engine {engine}", "wgan.bench.contestant", given, environment=fresh_environment(folder)
            )
            stack.callback(contender.end)
            contender.ready()
            found[engine] = Measured(engine, contender.unusable, (), contender.start_up, contender.set_up)
            if contender.unusable is None:
                usable[engine] = contender
        counts: dict[str, int] = {}
        for engine, contender in usable.items():
            contender.steps(WARM_STEPS)
            counts[engine] = max(1, round(ROUND_SECONDS / contender.warm_up(WARM_SECONDS)))
        numbers = progress(range(rounds), rounds, f"rounds of {len(usable)} engines in turns")
        for engine, turns in by_turns(usable, counts, numbers).items():
            seconds = tuple(turn.wall for turn in turns)
            found[engine] = found[engine]._replace(rounds=seconds, **usable[engine].ask("peaks"))
        return list(found.values())


def first_grid(folder: Path, recipe: str, settings: Mapping[str, Any]) -> float:
    """The seconds from `wgan train` on the case in `folder` to the grid before its first step.

    They include packing the samples and choosing an engine.

    Raises:
        TrainingError: it ended without a grid.
    """
    run = folder / "run"
    train = [sys.executable, "-m", "wgan", "train", str(folder / SAMPLES), "--recipe", recipe]
    given = [f"--set={key}={json.dumps(value)}" for key, value in settings.items()]
    command = [*train, "--out", str(run), *given]
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=said, stderr=said, env=fresh_environment(folder)) as process:
            try:
                while True:
                    ended = process.poll() is not None
                    if (run / "samples/000000000.png").exists():
                        return time.perf_counter() - start
                    if ended:
                        raise TrainingError(f"wgan train ended before its first grid. {last_words(said)}")
                    time.sleep(0.005)
            finally:
                process.kill()


def fresh_environment(folder: Path) -> dict[str, str]:
    """The environment of a program that was never started here: its caches are empty."""
    caches = {"WGAN_CACHE": "cache", "TORCHINDUCTOR_CACHE_DIR": "inductor", "TRITON_CACHE_DIR": "triton"}
    return {**os.environ, **{name: str(folder / place) for name, place in caches.items()}}
