"""Works: processes that report rows of tables, run side by side until they are done or time is up."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from wgan.bench.served import follow, own_output
from wgan.bench.turns import last_words

BENCHMARKS = Path(__file__).parents[1]
GRACE_SECONDS = 3.0
"""Seconds between asking a process to end and killing it."""
DONE = "done"
NOT_BEGUN, CUT_OFF = "not begun: no time was left", "cut off: its time was up"

Row = dict[str, Any]


class Findings(Protocol):
    """Receives rows, and saves them when there is time."""

    def hear(self, row: Row) -> None:
        """Take a row of the table that it names."""
        ...

    def settle(self) -> None:
        """Save; no more rows are waiting."""
        ...


class Work(NamedTuple):
    """A module of `gpu_parts` to run, its input, and its name in messages."""

    name: str
    module: str
    given: Mapping[str, Any]


class Running(NamedTuple):
    """A work's process, the thread that reads its rows, and its standard error."""

    work: Work
    process: "subprocess.Popen[str]"
    reader: threading.Thread
    complaints: IO[str]
    done: threading.Event
    """Set once it has reported everything."""

    def end(self) -> None:
        """End it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join(GRACE_SECONDS)  # it has a last line or two

    def close(self) -> None:
        """Close its files."""
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.complaints.close()


def carry_out(
    works: Sequence[Work],
    *,
    at_once: int,
    deadline: float,
    findings: Findings,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run the works in order, `at_once` side by side, until `deadline`, and pass on their rows as they come.

    A work that fails, is cut off or is never begun is a row too, of the table "problems".
    """
    waiting, running, said = list(works), list[Running](), queue.Queue[Row]()
    try:
        while waiting or running:
            left = deadline - time.monotonic()
            while waiting and left > 0 and len(running) < at_once:
                running.append(_begun(waiting.pop(0), said, environment))
            with suppress(queue.Empty):
                while True:
                    findings.hear(said.get(timeout=0.1))
            findings.settle()
            for one in [one for one in running if left <= 0 or one.process.poll() is not None]:
                running.remove(one)
                _conclude(one, said, cut_off=one.process.poll() is None, findings=findings)
            if left <= 0:
                for work in waiting:
                    findings.hear({"table": "problems", "work": work.name, "what": NOT_BEGUN})
                return
    finally:
        for one in running:
            one.end()
            one.close()


def _begun(work: Work, said: "queue.Queue[Row]", environment: Mapping[str, str] | None) -> Running:
    complaints = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115  # closed when it is concluded
    known = (str(BENCHMARKS), str(BENCHMARKS.parent / "src"), os.environ.get("PYTHONPATH"))
    places = os.pathsep.join(part for part in known if part)
    process = subprocess.Popen(
        [sys.executable, "-m", f"gpu_parts.{work.module}", json.dumps(work.given)],
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        start_new_session=True,  # so that it can be ended with all that it starts
        env={**os.environ, **(environment or {}), "PYTHONPATH": places, "WGAN_GPU_PARENT": str(os.getpid())},
    )
    done = threading.Event()
    reader = threading.Thread(target=_read, args=(process, work, said, done), daemon=True)
    reader.start()
    return Running(work, process, reader, complaints, done)


def _read(process: "subprocess.Popen[str]", work: Work, said: "queue.Queue[Row]", done: threading.Event) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == DONE:
            done.set()
            continue
        try:
            said.put(json.loads(line))
        except ValueError:
            said.put({"table": "problems", "work": work.name, "what": f"said what is no row: {line.strip()[:200]}"})


def _conclude(one: Running, said: "queue.Queue[Row]", *, cut_off: bool, findings: Findings) -> None:
    one.end()
    while not said.empty():
        findings.hear(said.get())
    if one.done.is_set():
        pass  # though it took its time to end
    elif cut_off:
        findings.hear({"table": "problems", "work": one.work.name, "what": CUT_OFF})
    elif one.process.returncode:
        findings.hear(
            {"table": "problems", "work": one.work.name, "what": f"failed: {last_words(one.complaints)[-300:]}"}
        )
    one.close()


@contextmanager
def speaking() -> Iterator[tuple[Row, Callable[..., None]]]:
    """In a work's own process: its input, and a function that reports a row. What libraries print is no row."""
    # What a work starts would train on for ever, if the program that measures were killed.
    follow(int(os.environ["WGAN_GPU_PARENT"]), lambda: os.killpg(os.getpgrp(), signal.SIGKILL))
    answers = own_output()

    def say(table: str, **row: Any) -> None:
        print(json.dumps({"table": table, **row}), file=answers, flush=True)

    yield json.loads(sys.argv[1]), say
    answers.write(f"{DONE}\n")
    answers.flush()
