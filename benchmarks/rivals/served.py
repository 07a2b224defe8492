"""How a step is asked for: orders and answers as lines of JSON, so that a rival may live in a Python of its own.

Only the standard library, since nothing else is sure to be in both.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol


class Contestant(Protocol):
    """One way to train; its process does nothing else."""

    def losses(self, steps: int) -> list[list[float]]:
        """Of so many steps from where it is: the last critic loss and the generator's, for each."""
        ...

    def steps(self, count: int) -> None:
        """Train on, and wait until the device has done it."""
        ...

    def facts(self) -> dict[str, int]:
        """What a step needs, where it can be counted: `launches`, and the peak of the device's memory, `bytes`."""
        ...


def pin(threads: int) -> None:
    """Keep to so many processor cores: BLAS, torch and XLA then start as many threads. Before any of them is loaded."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[-threads:])


def serve(begin: Callable[[dict[str, Any]], Contestant]) -> None:
    """Begin with what the command line says, then answer orders until there are no more."""
    given = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    pin(given["threads"])
    contestant = begin(given)
    say(answers, "ready")
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "losses":
            say(answers, contestant.losses(order["count"]))
        elif order["do"] == "facts":
            say(answers, contestant.facts())
        else:
            started, used = time.perf_counter(), time.process_time()
            contestant.steps(order["count"])
            figures = time.perf_counter() - started, time.process_time() - used
            say(answers, [figure / order["count"] for figure in figures])


def say(answers: Any, value: object) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()
