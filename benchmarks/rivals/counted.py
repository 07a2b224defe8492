"""What a step of PyTorch needs of a GPU: how many launches, and how much memory."""

from collections.abc import Callable
from typing import Any

LAUNCHES = ("cudaLaunchKernel", "cuLaunchKernel", "cudaGraphLaunch", "cudaMemcpyAsync", "cudaMemsetAsync")
"""Calls of CUDA, each of which costs the host some microseconds; their names may go on (ExC, Ex)."""


def counted(step: Callable[[], object], device: Any) -> dict[str, int]:
    """Of one step; nothing where there is no GPU. To be asked for last: who was profiled may stay slower."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    if device.type != "cuda":
        return {}
    torch.cuda.empty_cache()  # what a graph holds stays; what trials left behind goes
    torch.cuda.reset_peak_memory_stats(device)
    step()
    torch.cuda.synchronize()
    peak = torch.cuda.max_memory_reserved(device)
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        step()
        torch.cuda.synchronize()
    launches = sum(event.count for event in seen.key_averages() if event.key.startswith(LAUNCHES))
    return {"launches": launches, "bytes": peak}
