"""The most this machine can do: the rate of large matrix products, measured."""

import time

import torch

from wgan.training import Precision
from wgan.training.devices import synchronize
from wgan.training.engines.engine import computing

SIZES = {"cpu": (256, 512, 1024, 1536), "mps": (1024, 2048, 4096), "cuda": (2048, 4096, 8192)}
SECONDS = 0.6
"""For each precision, over all sizes."""
TYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}


def ceilings(device: torch.device) -> dict[str, float]:
    """FLOP/s by precision: the best of square products of several sizes, each repeated.

    A multiplication and an addition are two. The best and not the mean, since other programs can only slow it down.
    """
    precisions: tuple[Precision, ...] = ("fp32", "tf32", "bf16") if device.type == "cuda" else ("fp32", "bf16")
    sizes, found = SIZES[device.type], dict[str, float]()
    for precision in precisions:
        end = time.perf_counter() + SECONDS
        with computing(precision, device):
            for size in sizes:
                if precision in found and time.perf_counter() > end:  # emulated products are slow
                    break
                rate = _rate(device, TYPES[precision], size, SECONDS / len(sizes))
                found[precision] = max(found.get(precision, 0.0), rate)
    return found


def _rate(device: torch.device, dtype: torch.dtype, size: int, seconds: float) -> float:
    """The best rate of products of (size, size) matrices within `seconds`, of at least one."""
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    out = torch.empty(size, size, device=device, dtype=dtype)
    torch.mm(a, b, out=out)  # chooses a kernel
    synchronize(device)
    count = 8 if device.type == "cuda" else 1  # launched together, so that launching takes no time
    best, end = 0.0, time.perf_counter() + seconds
    while not best or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(count):
            torch.mm(a, b, out=out)
        synchronize(device)
        best = max(best, 2 * size**3 * count / (time.perf_counter() - start))
    return best
