"""Where the time of a step of the plain engine goes: its parts timed by themselves, in turns, beside the whole.

Estimates: a part by itself finds other things in the processor's caches than it does within a step, and on a GPU may
wait for nothing where it would have waited; so they need not add up to the whole, which is told beside their sum.
"""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

import torch

from wgan.bench.case import Case
from wgan.bench.ceiling import synchronize
from wgan.bench.engines import training
from wgan.bench.parts import WITH_PENALTY, Step
from wgan.training import Mode

LASTING = 0.05
"""Seconds that a part is repeated for in each round, or done once."""
PARTS = ("data", "fakes", "critic", "penalty", "generator", "optimizer")


class Split(NamedTuple):
    """Seconds, medians of the rounds."""

    parts: dict[str, float]
    whole: float


def split(case: Case, device: torch.device, rounds: int) -> Split:
    """The seconds of a step and of its parts."""
    steps = training(Mode(), case, device)
    work: dict[str, Callable[[], object]] = {**Step(case, device).parts(), "whole": lambda: next(steps)}
    times = {name: _times(do, device) for name, do in work.items()}
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, do in work.items():
            seconds[name].append(_timed(do, times[name], device))
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    # Two measurements that are nearly equal, without a penalty, may differ either way.
    middle["penalty"] = max(0.0, middle[WITH_PENALTY] - middle["critic"])
    return Split({name: middle[name] for name in PARTS}, middle["whole"])


def _times(do: Callable[[], object], device: torch.device) -> int:
    """How often to do something for it to last long enough; does so, which warms it up."""
    times = 1
    do()
    while _timed(do, times, device) * times < LASTING:
        times *= 2
    return times


def _timed(do: Callable[[], object], times: int, device: torch.device) -> float:
    """The seconds of one of several times."""
    synchronize(device)
    start = time.perf_counter()
    for _ in range(times):
        do()
    synchronize(device)
    return (time.perf_counter() - start) / times
