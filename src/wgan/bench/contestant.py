"""One engine of a bench, which trains in a process of its own: see `wgan.bench.served`.

So its start-up is that of a program that was just started, and its peak memory is that of one engine.
"""

import sys
from pathlib import Path
from typing import Any

import torch

from wgan.bench.case import modes, read_case, training
from wgan.errors import in_short
from wgan.training import Unusable, choose_device
from wgan.training.devices import synchronize


class Contestant:
    """Trains the case in a folder with the engine of that name; the first step is done."""

    def __init__(self, folder: str, engine: str) -> None:
        case = read_case(Path(folder))
        self._device = choose_device(case.config.device)
        self._records = training(modes(self._device)[engine], case, self._device)
        self.steps(1)

    def steps(self, count: int) -> None:
        for _ in range(count):
            next(self._records)
        synchronize(self._device)

    def peaks(self) -> dict[str, int | None]:
        """The most memory it has had, in bytes: of the machine, and of a GPU; None where that is not counted."""
        on_device = torch.cuda.max_memory_allocated(self._device) if self._device.type == "cuda" else None
        return {"peak_bytes": _peak_resident(), "peak_device_bytes": on_device}


def begin(given: dict[str, Any]) -> Contestant | str:
    """The contestant, or why its engine cannot be used here."""
    try:
        return Contestant(**given)
    except Unusable as error:
        return in_short(error)


def _peak_resident() -> int | None:
    # Not getrusage on Linux: there, the peak of the program that started this one counts.
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
