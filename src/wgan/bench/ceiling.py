"""What this machine can do at most: the rate of its largest matrix products, measured, not looked up."""

import time

import torch

from wgan.training import Precision
from wgan.training.engines.engine import computing

SIZES = {"cpu": (256, 512, 1024, 1536), "mps": (1024, 2048, 4096), "cuda": (2048, 4096, 8192)}
SECONDS = 0.6
"""For each precision, over all sizes."""
TYPES: dict[Precision, torch.dtype] = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}


def ceilings(device: torch.device) -> dict[str, float]:
    """FLOP/s by precision: the best of square products of several sizes, each repeated.

    A multiplication and an addition are two. The best, and not the mean: other programs can only take away.
    """
    precisions: tuple[Precision, ...] = ("fp32", "tf32", "bf16") if device.type == "cuda" else ("fp32", "bf16")
    return {precision: ceiling(device, precision) for precision in precisions}


def ceiling(device: torch.device, precision: Precision) -> float:
    """FLOP/s of matrix products in one precision."""
    sizes = SIZES[device.type]
    best, end = 0.0, time.perf_counter() + SECONDS
    with computing(precision, device):
        for size in sizes:
            if best and time.perf_counter() > end:  # a processor that has no such products takes its time
                break
            best = max(best, _rate(device, TYPES[precision], size, SECONDS / len(sizes)))
    return best


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was asked to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _rate(device: torch.device, dtype: torch.dtype, size: int, seconds: float) -> float:
    """The best rate of products of (size, size) matrices within so many seconds, of one at least."""
    a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    out = torch.empty(size, size, device=device, dtype=dtype)
    torch.mm(a, b, out=out)  # the first one chooses a kernel
    synchronize(device)
    count = 8 if device.type == "cuda" else 1  # asked for together, so that asking takes no time of its own
    best, end = 0.0, time.perf_counter() + seconds
    while not best or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(count):
            torch.mm(a, b, out=out)
        synchronize(device)
        best = max(best, 2 * size**3 * count / (time.perf_counter() - start))
    return best
