"""The device a run computes on, and how the process uses the machine.

How many threads a run uses is chosen in `experiment/engine_choice.py`.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from wgan.errors import InputError


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is a GPU if there is one. Under torchrun, each process of a node has its own GPU.

    Raises:
        InputError: torch sees no such device here.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in available.items() if there)
    if not available[name]:
        there = " and ".join(kind for kind, yes in available.items() if yes)
        raise InputError(f"No {name} device here: this torch ({torch.__version__}) sees {there}. Use --device auto.")
    if name == "cuda" and "LOCAL_RANK" in os.environ:
        place, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if count == 1 and "CUDA_VISIBLE_DEVICES" in os.environ:
            place = 0  # each process sees only its own GPU
        if place >= count:
            raise InputError(f"{count} GPUs here are too few for {place + 1} processes: lower --nproc-per-node.")
        torch.cuda.set_device(place)
        return torch.device(name, place)
    return torch.device(name)


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was asked to."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_LARGE = 1 << 30


def keep_memory() -> bool:
    """Let the C library keep up to 1 GiB of freed memory; returns whether it does.

    By default, glibc asks the system for each large tensor anew, and the system clears each page on its first use. That
    takes a third of a step of the 64x64 recipes (docs/performance.md). Other C libraries are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE) and mallopt(_TRIM_THRESHOLD, _LARGE))


@contextmanager
def same_threads(number: int | None = None) -> Iterator[None]:
    """Compute with `number` threads, if given, and restore the number of threads on leaving."""
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
