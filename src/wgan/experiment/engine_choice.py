"""Which engine trains a run, and on how many threads. Measured where that can pay off, and explained in a note."""

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch

from wgan.config import ENGINE, RunConfig
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.pace import Pace
from wgan.runs.run import Run
from wgan.training import Changing, Engine, Mode, Unusable, spared, sparing
from wgan.training.devices import same_threads
from wgan.training.engines.engine import with_memory_format

WORTH_TRYING = 90.0
"""A run that needs fewer seconds than this with the plain engine is not worth trials."""
WORTH_BUILDING = 75.0
"""The same for an engine that was compiled before, at the best speed so far: building it takes five to ten seconds."""
WORTH_COMPILING = 900.0
"""The same for compiling. Of `wgan-gp-celeba` at 32x32 on two CPUs it took 260 seconds in another process, in which the
run's steps took twice as long, and that was earned back after 13 minutes."""
WORTH_COMPILING_ON_CUDA = 600.0
"""The same on a GPU. On an H200, half a minute was not enough to compile, and what compiling gained beside a CUDA graph
was nothing that could be measured (docs/performance.md)."""
FEWEST_STEPS = 100
"""A run with fewer steps left is not measured at all."""
GAINS = {"threads": 1.2, "precision": 1.2, "graphs": 0.95, "compile": 1.1}
"""The speed-up that each choice must bring; less is within the noise of a short trial. Graphs need not bring any: where
a GPU computes as long as its launches take, that is what a lower precision then gains by. `wgan-gp-anime` on an H200
took 103 ms in fp32 and 81 in bf16, and 39 in bf16 with graphs."""
WITH_GRAPHS = 1.1
"""What graphs must bring where no lower precision gains with them."""
TOO_SLOW = 2.0
"""A trial ends early once it is this many times as slow as the best."""
A_TRIAL = 3.0
"""A trial takes as long as so many steps at least."""
BUSY = 3.0
"""One thread is this many times as fast as several only where other programs keep the CPU busy."""


class EngineChoice(NamedTuple):
    """An engine, the settings that select it again, and notes on how it was chosen."""

    engine: Engine
    settings: dict[str, Any]
    notes: tuple[str, ...]
    seconds: float | None = None
    """Of a step, where that was measured."""
    later: Mode | None = None
    """The mode that another process is to build while the run trains with this engine."""


@same_threads()
def choose_engine(
    trials: EngineTrials,
    config: RunConfig,
    tell: Callable[[str], None] = lambda what: None,
    pace: Pace | None = None,
) -> EngineChoice:
    """The engine that the settings ask for. For settings that are "auto", the fastest, if the run is long enough.

    A mode that cannot be used is replaced by one that can, with a note. `tell` is called before each trial. `pace` is
    that of plain steps with the configuration's threads, where it was measured. The number of threads is left as it
    was: the choice's settings say how many to use.
    """
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    if config.compile == "auto" and config.compile_from is not None:
        config = config.model_copy(update={"compile": "on"})
    plain = plain_mode(config, trials.device)
    mode = replace(plain, compiled=config.compile == "on", graphs=config.graphs == "on")
    mode = with_memory_format(mode, trials.device)
    if mode.compiled:
        tell("compiling the steps, which takes a minute or so the first time, and longer for large networks")
    engine, notes = _nearest(trials, mode)
    seconds = later = None
    changes_at = config.compile_from
    is_open = config.threads is None or "auto" in (config.precision, config.compile, config.graphs)
    if is_open and trials.alone and trials.steps_left >= FEWEST_STEPS:
        search = _Search(trials, engine, tell, pace if engine.mode == plain else None)
        search.run(config)
        engine, notes, seconds = search.engine, (*notes, *search.notes), search.best or None
        later = search.later
        trials.settle(engine)
    if notes:
        gc.collect()  # the traceback of a failed trial may hold GPU memory in reference cycles
    settings: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "precision": engine.mode.precision,
        "compile": "on" if engine.mode.compiled else "auto" if later else "off",
        "graphs": "on" if engine.mode.graphs else "off",
    }
    if config.compile == "auto" and trials.begun and later is None:  # its steps until now had a thread less
        settings["compile_from"] = changes_at = trials.begun
    if later is not None or changes_at:
        meanwhile = sparing(trials.build(replace(engine.mode, compiled=False)), torch.get_num_threads())
        engine = Changing(meanwhile, engine, changes_at) if changes_at else meanwhile
    return EngineChoice(engine, settings, notes, seconds, later)


def plain_mode(config: RunConfig, device: torch.device) -> Mode:
    """What steps are done with where nothing was tried: one operation after the other, in fp32 or as the user says."""
    return with_memory_format(Mode("fp32" if config.precision == "auto" else config.precision), device)


def _nearest(trials: EngineTrials, mode: Mode) -> tuple[Engine, tuple[str, ...]]:
    """The engine of a mode, or of as much of it as can be used, with a note on the rest."""
    less = replace(mode, graphs=False), replace(mode, graphs=False, compiled=False)
    why = ""
    for wanted in dict.fromkeys((mode, *less)):
        try:
            engine = trials.build(wanted)
        except Unusable as unusable:
            why = why or f"{mode} cannot be used here: {unusable}."
        else:
            return engine, (_without(why, mode, wanted, trials.device),) if why else ()
    return trials.build(Mode()), (_without(why, mode, Mode(), trials.device),)


def _without(why: str, wanted: Mode, mode: Mode, device: torch.device) -> str:
    """The note on a mode that cannot be used: why, what is used instead, and what that costs."""
    why = with_help(why)
    if wanted.compiled and not mode.compiled and device.type == "cpu":
        cost = ", whose steps take about a third longer than compiled ones (docs/performance.md)"
    elif device.type == "cuda" and (wanted.compiled, wanted.graphs) != (mode.compiled, mode.graphs):
        cost = ", which is slower: `wgan bench` measures by how much"
    else:
        cost = ""
    return f"{why} Training uses {mode}{cost}."


def with_help(why: str) -> str:
    """Why something cannot be used, with what to do about it where that is known."""
    if "CxxCompiler" not in why:
        return why
    return f"{why.rstrip('.')}. Install a C++ compiler (g++), or name one in the environment variable CXX."


@dataclass
class _Search:
    """Changes one thing at a time, and keeps what is faster."""

    trials: EngineTrials
    engine: Engine
    tell: Callable[[str], None]
    pace: Pace | None = None
    notes: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """For which no time was left."""
    best: float = 0.0
    later: Mode | None = None
    """A mode worth compiling while the run trains."""

    def run(self, config: RunConfig) -> None:
        """Try what `config` leaves open."""
        cuda = self.trials.device.type == "cuda"
        started = self.trials.clock()
        try:
            self.best = self.pace.step if self.pace else self.trials.seconds(self.engine)
            if self.best * self.trials.steps_left < WORTH_TRYING:
                return
            if self.pace is not None and self.pace.is_busy:
                self.notes.append(f"{self.pace.in_words()}: no other engine was tried (--compile on does without).")
                return
            self.trials.begin(self.best * self.trials.steps_left)
            if self.pace and self.pace.is_cold and self.trials.left >= A_TRIAL * self.best:
                self.best = self.trials.seconds(self.engine)  # else what is tried has an advantage: it is timed warm
            self._note_trial(self.engine.mode, self.best)
            if config.threads is None and self.trials.device.type == "cpu":
                self._try_one_thread()
        except Unusable:
            return  # the run's own steps will fail too, with a better message
        without, launched = self.engine, self.best
        if config.graphs == "auto" and cuda:  # first: without, a GPU waits for launches, in whatever precision
            self._try("graphs", replace(self.engine.mode, graphs=True))
        if config.precision == "auto":
            for precision in ("tf32", "bf16") if cuda else ("bf16",):
                self._try("precision", replace(self.engine.mode, precision=precision))
        if self.engine.mode == replace(without.mode, graphs=True) and launched / self.best < WITH_GRAPHS:
            self.engine, self.best = without, launched  # nothing gained by them after all, and they keep memory
        if config.compile == "auto":
            self._compile(
                replace(self.engine.mode, compiled=True), WORTH_COMPILING_ON_CUDA if cuda else WORTH_COMPILING
            )
        if len(self.tried) > 1 or self.skipped:
            took = f" in {max(1, round(self.trials.clock() - started))} s" if len(self.tried) > 1 else ""
            missed = f"; no time for {' and '.join(self.skipped)}" if self.skipped else ""
            tried = f"Tried{took}: {', '.join(self.tried)}{missed}."
            self.notes.append(f"Training uses {_named(self.engine.mode)}. {tried}")

    def _compile(self, mode: Mode, worth: float) -> None:
        """Now, where that cannot be done later, or was done before and takes seconds."""
        left = self.best * self.trials.steps_left
        before = left >= WORTH_BUILDING and self.trials.was_compiled(mode)
        if left < worth and not before:
            return
        if before or not self.trials.compiles_later:
            self.trials.unbounded()
            self._try("compile", mode)
        else:
            self.later = mode
            until = _named(self.engine.mode, spared(torch.get_num_threads()))
            self.notes.append(f"Another process compiles the steps meanwhile; {until} until then.")

    def _try_one_thread(self) -> None:
        """One thread is fastest if steps are small, or if other programs keep the CPU busy."""
        threads = torch.get_num_threads()
        if threads == 1 or not self._has_time("1 thread"):
            return
        torch.set_num_threads(1)
        self.tell(f"trying {_named(self.engine.mode)}")
        seconds = self.trials.seconds(self.engine, enough=TOO_SLOW * self.best)
        self._note_trial(self.engine.mode, seconds)
        if self.best / seconds >= BUSY:  # perhaps only for a moment
            torch.set_num_threads(threads)
            self.best = min(self.best, self.trials.seconds(self.engine))
            self._note_trial(self.engine.mode, self.best)
            torch.set_num_threads(1)
        if self.best / seconds >= BUSY:
            self.notes.append(f"{threads} threads wait for each other here: other programs keep the CPU busy.")
        if self.best / seconds >= GAINS["threads"]:
            self.best = seconds
        else:
            torch.set_num_threads(threads)

    def _try(self, what: str, mode: Mode) -> None:
        mode = with_memory_format(mode, self.trials.device)
        if not self._has_time(str(mode)):
            return
        self.tell(f"trying {_named(mode)}")
        try:
            engine = self.trials.build(mode)
            seconds = self.trials.seconds(engine, enough=TOO_SLOW * self.best)
        except Unusable as unusable:
            why = f"{mode} cannot be used here: {unusable}."
            self.notes.append(_without(why, mode, self.engine.mode, self.trials.device))
            return
        self._note_trial(mode, seconds)
        if self.best / seconds >= GAINS[what]:
            self.engine, self.best = engine, seconds

    def _has_time(self, what: str) -> bool:
        """Whether there is time to try something: for its self-test and two steps."""
        if self.trials.left >= A_TRIAL * self.best:
            return True
        self.skipped.append(what)
        return False

    def _note_trial(self, mode: Mode, seconds: float) -> None:
        self.tried.append(f"{_named(mode)} {1000 * seconds:.1f} ms")


def _named(mode: Mode, threads: int | None = None) -> str:
    threads = threads or torch.get_num_threads()
    return f"{mode}, {threads} thread{'s' if threads > 1 else ''}"


def first_settings(config: RunConfig, threads: int) -> dict[str, Any]:
    """The engine settings of a run of which no engine was tried yet: what the user gave, and else the plain ones."""
    found = {name: getattr(config, name) for name in ENGINE}
    found |= {name: PLAIN_ENGINE[name] for name, value in found.items() if value == "auto"}
    if config.compile == "auto" and config.compile_from is not None:
        found["compile"] = "on"
    return found | {"threads": config.threads or threads}


PLAIN_ENGINE = {"precision": "fp32", "compile": "off", "graphs": "off", "threads": None}


def engine_settings(run: Run, config: RunConfig, processes: int) -> dict[str, Any]:
    """The engine settings of the run in the directory, if there is one, as far as `config` leaves them open.

    Runs of versions without engines have the plain one. Where it had yet to be found out whether compiling pays, that
    is still open. The number of threads is kept only for the same number of processes, and never exceeds the number of
    CPUs.
    """
    if not run.config_file.exists():
        return {}
    had = {name: getattr(run.config, name) for name in ENGINE}
    if (had.pop("compile_from") is not None) and config.compile in ("auto", run.config.compile):
        had["compile_from"] = run.config.compile_from
    if had["precision"] == "auto":  # of a version without engines
        had |= {name: PLAIN_ENGINE[name] for name, value in had.items() if value == "auto"}
    if had["threads"] is not None:
        alike = processes == run.provenance.processes
        had["threads"] = min(had["threads"], os.cpu_count() or 1) if alike else None
    return {name: value for name, value in had.items() if getattr(config, name) in ("auto", None)}
