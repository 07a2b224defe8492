"""The launches and the memory of a step of PyTorch on a GPU."""

from collections.abc import Callable
from typing import Any

LAUNCHES = ("cudaLaunchKernel", "cuLaunchKernel", "cudaGraphLaunch", "cudaMemcpyAsync", "cudaMemsetAsync")
"""Prefixes of CUDA calls that cost the host some microseconds each."""


def counted(step: Callable[[], object], device: Any) -> dict[str, int]:
    """Count for one step; empty without a GPU. Call it last: a profiled process may stay slower."""
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
