"""Which device a run computes on."""

import os

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
            place = 0  # each process was given one of its own to see
        if place >= count:
            raise InputError(f"{count} GPUs here are too few for {place + 1} processes: lower --nproc-per-node.")
        torch.cuda.set_device(place)
        return torch.device(name, place)
    return torch.device(name)
