"""A process that trains with one engine, as many steps at a time as it is asked for: `python -m wgan.bench.trainer`.

Of its own, so that start-up is that of a program which was just started, and peak memory that of one engine. It writes
a line of JSON after its first step, and one for each number of steps that it reads.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PEAK = "VmHWM:"


def main(folder: str, engine: str, parent: str) -> None:
    """Train until no number comes any more."""
    from wgan.system.processes import begin

    begin(int(parent))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what compilers print is no answer

    from wgan.bench.case import read_case
    from wgan.bench.ceiling import synchronize
    from wgan.bench.engines import modes, training
    from wgan.errors import in_short
    from wgan.training import Unusable, choose_device

    def answer(**values: Any) -> None:
        print(json.dumps(values), file=answers, flush=True)

    case = read_case(Path(folder))
    device = choose_device(case.config.device)
    start = time.perf_counter()
    try:
        steps = training(modes(device)[engine], case, device)
        next(steps)
        synchronize(device)
    except Unusable as error:
        answer(unusable=in_short(error))
        return
    answer(seconds=time.perf_counter() - start, **_peaks(device))
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            next(steps)
        synchronize(device)
        answer(seconds=time.perf_counter() - start, **_peaks(device))


def _peaks(device: Any) -> dict[str, int | None]:
    """The most memory this process has had, in bytes: of the machine's, and of a GPU's; None where nobody counts it."""
    import torch

    on_device = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return {"memory": _peak_resident(), "device_memory": on_device}


def _peak_resident() -> int | None:
    # Not getrusage on Linux: there, the peak of the program that started this one counts.
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.partition(PEAK)[2].split()[0])
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    main(*sys.argv[1:])
