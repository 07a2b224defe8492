"""The most the machine can do: its matrix products by precision, and its memory bandwidth."""

import time

import torch

from gpu_parts.cases import device_of
from gpu_parts.works import speaking
from wgan.bench.ceiling import ceilings
from wgan.training.devices import synchronize

COPIED = {"cpu": 1 << 26, "cuda": 1 << 30}
"""Bytes: more than caches hold."""
TIMES = 10


def bandwidth(device: torch.device) -> float:
    """Bytes per second, read and written, of a copy within the device's memory: the best of several."""
    source = torch.zeros(COPIED[device.type], dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(TIMES):
        synchronize(device)
        start = time.perf_counter()
        target.copy_(source)
        synchronize(device)
        best = max(best, 2 * source.numel() / (time.perf_counter() - start))
    return best


def main() -> None:
    with speaking() as (given, say):
        device = device_of(given)
        memory = torch.cuda.get_device_properties(device).total_memory if device.type == "cuda" else None
        say(
            "about",
            device=torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
            torch=torch.__version__,
            cuda=torch.version.cuda,
            memory=memory,
        )
        say("ceilings", **ceilings(device), bandwidth=bandwidth(device))


if __name__ == "__main__":
    main()
