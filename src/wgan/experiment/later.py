"""Compiled steps without waiting: another process compiles them while the run trains, and the run changes over.

`compiling.py` is what that process does. It fills torch's cache on the disk, from which the run builds the engine
within seconds.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from wgan.errors import in_short
from wgan.experiment.build import Loop
from wgan.experiment.compiled_before import remember
from wgan.experiment.engine_choice import GAINS, with_help
from wgan.experiment.engine_trials import EngineTrials
from wgan.training import Changing, Engine, Mode, OnThreads, Unusable

CODE = "import sys; sys.path[:] = sys.argv.pop().split('\\n'); from wgan.experiment.compiling import main; main()"
LONGEST = 1800.0
"""Seconds of compiling after which it is given up: until then, steps have a thread less than they could have."""
GRACE = 2.0
"""Seconds in which compilers that are told to end may remove what they have half written."""
WORTH_CHANGING = 10.0
"""Seconds that a change has to save: about what building the engine from the cache takes."""
STAY = "Steps stay plain (--compile on tries again)."
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has none


class Report(NamedTuple):
    """What became of compiling: seconds of a plain and of a compiled step, by turns; or why there is none."""

    plain: float = 0.0
    compiled: float = 0.0
    why: str = ""
    cache: str = ""
    """The folder in which torch keeps what it compiled."""

    @property
    def gain(self) -> float:
        """How many times as fast compiled steps are; 0 if there are none."""
        return self.plain / self.compiled if self.compiled else 0.0


class Decided(NamedTuple):
    """The engine of a run from its next step on, the settings that select it, and what to say about it."""

    engine: Engine
    settings: dict[str, Any]
    told: str


class Later:
    """Compiles the steps of a run in another process while the run trains.

    The process has a group of its own, so the terminal's Ctrl-C passes it by. It ends when it is done, with `end`, or
    when this process is gone.
    """

    def __init__(self, run: Path, mode: Mode, clock: Callable[[], float] = time.monotonic) -> None:
        self._run, self._mode, self._clock, self._began = run, mode, clock, 0.0
        self._process: subprocess.Popen[str] | None = None
        self.report: Report | None = None
        """What the process found; None while it works."""

    def begin(self) -> None:
        """Start the process. The run's configuration has to be on the disk."""
        path = "\n".join(place for place in sys.path if isinstance(place, str) and place)  # never the current folder
        asked = {"run": str(self._run), "precision": self._mode.precision, "parent": os.getpid()}
        self._began = self._clock()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", CODE, json.dumps(asked), path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                env={"TORCHINDUCTOR_COMPILE_THREADS": "1", **os.environ},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # no memory or no place for another process: the run goes on without
            self.report = Report(why=f"no process could be started to compile it ({in_short(error)})")

    def look(self, step: int, last: int) -> str:
        """See whether the process is done, after a step of a run that ends at step `last`; says what comes of it."""
        if self._process is None or self.report is not None:
            return ""
        if self._process.poll() is None:
            if self._clock() - self._began > LONGEST:
                self.end()
                self.report = Report(why=f"it was not compiled after {LONGEST / 60:.0f} minutes")
            return ""
        assert self._process.stdout is not None
        try:
            self.report = Report(**json.loads(self._process.stdout.readline()))
        except (OSError, ValueError, TypeError):
            self._send(KILL)  # at once, while the number of its group is its own
            number = self._process.returncode
            lack = ", most likely for lack of memory" if number == -KILL else ""
            self.report = Report(why=f"the process that compiled it was ended ({number}{lack})")
        if not pays(self.report, last - step):
            return ""
        return f"Compiled steps are ready: changing to them after step {step:,} takes some seconds."

    def end(self) -> None:
        """End the process, with the compilers that it runs."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._send(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
            self._send(KILL)  # compilers outlive the process that began them
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def _send(self, number: int) -> None:
        assert self._process is not None
        with suppress(OSError):  # it has ended
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)

    def decided(self, loop: Loop) -> Decided:
        """What the report means for the next step of a loop, whose state stays as it is, to the bit.

        The settings have to be written before that step is done.
        """
        assert self.report is not None
        assert isinstance(loop.engine, OnThreads)
        step, report = loop.state.step, self.report
        stays = Changing(loop.engine, loop.engine.engine, step), {"compile": "off", "compile_from": step}
        if report.why:
            return Decided(*stays, f"{self._mode} cannot be used here: {with_help(report.why)}. {STAY}")
        if report.gain < GAINS["compile"]:
            told = f"Plain steps take {report.gain:.2f} times the processor time of compiled ones, which is too little"
            return Decided(*stays, f"{told} to change. {STAY}")
        if not pays(report, loop.config.training.steps - step):
            return Decided(loop.engine, {}, "")  # a longer run may ask again
        try:
            compiled = EngineTrials(loop, trusted=True).build(self._mode)
        except Unusable as unusable:
            return Decided(*stays, f"{self._mode} cannot be used here: {with_help(str(unusable))}. {STAY}")
        remember(loop, self._mode, report.gain, report.cache)
        told = f"Steps after step {step:,} are compiled."
        return Decided(Changing(loop.engine, compiled, step), {"compile": "on", "compile_from": step}, told)


def pays(report: Report, left: int) -> bool:
    """Whether so many steps more are worth a change to compiled ones."""
    return report.gain >= GAINS["compile"] and left * (report.plain - report.compiled) >= WORTH_CHANGING
