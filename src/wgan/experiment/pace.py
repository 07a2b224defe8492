"""How fast plain steps are here and now, and how much of the CPU other programs leave: what a promise rests on."""

import time
from collections.abc import Callable
from typing import NamedTuple

import torch

PACE_SECONDS = 1.0
"""No further step is timed that would end later than this."""
BUSY = 0.75
"""A thread that has less of a CPU than this while it computes shares it with other programs."""
PROBE_SECONDS = 0.2
PROBED = 256
"""The side of the matrices that are multiplied to see how busy the CPU is: all threads have a part of each."""

Clock = Callable[[], float]


class Pace(NamedTuple):
    """Of plain steps, here and now."""

    step: float
    """Seconds of a step."""
    share: float = 1.0
    """How much of a CPU the thread that computes had meanwhile: 1 where no other program wants it."""

    @property
    def is_cold(self) -> bool:
        """Whether a step takes so long that no more than the first was timed, in which memory is taken."""
        return self.step > PACE_SECONDS / 2

    @property
    def is_busy(self) -> bool:
        """Whether other programs keep the CPU busy: what is timed now says little about later."""
        return self.share < BUSY

    def in_words(self) -> str:
        """That the CPU is busy, as the beginning of a sentence."""
        return f"Other programs keep the CPU busy (our thread had {self.share:.0%} of a CPU)"


def paced(
    work: Callable[[], float],
    device: torch.device,
    clock: Clock = time.perf_counter,
    cpu: Clock = time.thread_time,
) -> Pace:
    """The pace at which `work` is done, which returns the seconds of a step.

    What counts is the main thread's own time. It takes part in every operation of several threads, and sleeps only
    where it waits for one that has no CPU; the others also sleep where there is too little for them to do, and would
    make a calm machine look busy. On a GPU the thread waits for the device, and nothing is said of the CPU.
    """
    started, had = clock(), cpu()
    step = work()
    wall = clock() - started
    return Pace(step, min(1.0, (cpu() - had) / wall) if device.type == "cpu" and wall > 0 else 1.0)


def is_busy(device: torch.device, clock: Clock = time.perf_counter, cpu: Clock = time.thread_time) -> bool:
    """Whether other programs keep the CPU busy: a look of a fraction of a second, before anything that takes longer."""
    if device.type != "cpu":
        return False
    one = torch.ones(PROBED, PROBED)

    def multiply() -> float:
        until = clock() + PROBE_SECONDS
        while clock() < until:
            torch.mm(one, one)
        return 0.0

    return paced(multiply, device, clock, cpu).is_busy
