"""The process of a contestant: `python served.py MODULE GIVEN PARENT`.

It calls `MODULE.begin(GIVEN)` and then does what it is asked to, between the turns of others. Orders and answers are
lines of JSON. Runs in any Python: it needs only the standard library and the contestant's module.
"""

import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any


def main(module: str, given: str, parent: str) -> None:
    """Begin, then answer orders until the parent ends.

    `begin` returns an object whose methods can be ordered, among them `steps(count)`, or a string that says why it
    cannot take part.
    """
    follow(int(parent), lambda: os._exit(1))
    answers = own_output()
    settings = json.loads(given)
    pin(settings.get("threads"))
    sys.path.pop(0)  # the folder of this file, whose modules are not top-level ones
    begin = importlib.import_module(module).begin
    contestant, seconds = timed(begin, settings)
    if isinstance(contestant, str):
        seconds["unusable"] = contestant
    print(json.dumps(seconds), file=answers, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        value, seconds = timed(getattr(contestant, order["do"]), *order["arguments"])
        print(json.dumps({**seconds, "value": value}), file=answers, flush=True)


def timed(do: Callable[..., Any], *arguments: Any) -> tuple[Any, dict[str, Any]]:
    """The result of a call, and its seconds on the clock and of the processor."""
    started, used = time.perf_counter(), time.process_time()
    value = do(*arguments)
    return value, {"wall": time.perf_counter() - started, "cpu": time.process_time() - used}


def follow(parent: int, end: Callable[[], Any]) -> None:
    """Call `end` when the process `parent` is gone, and leave interrupts to it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        end()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, daemon=True).start()


def own_output() -> IO[str]:
    """A file for standard output that nothing else writes to: what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def pin(threads: int | None) -> None:
    """Keep to that many cores, if given; to be called before NumPy, torch or JAX is imported, which count them."""
    if threads is None:
        return
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[-threads:])


if __name__ == "__main__":
    main(*sys.argv[1:])
