"""Tuning: which engine does a run's steps. Chosen by measuring where that can pay, and told with the reason."""

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch

from wgan.config import ENGINE, RunConfig
from wgan.data.pack import Pack
from wgan.experiment.engine_trials import EngineTrials
from wgan.runs.run import Run
from wgan.training import Engine, Mode, Unusable
from wgan.training.devices import same_threads
from wgan.training.distributed.world import ALONE, World
from wgan.training.engines.engine import with_memory_format
from wgan.training.state import TrainState
from wgan.training.steps import Game

WORTH_TRYING = 90.0
"""Seconds that a run must have before it, done the plain way, for trying other ways to pay."""
WORTH_COMPILING = 75.0
"""The same at the best speed found so far, for compiling: that takes 10 to 60 seconds where nothing is cached."""
FEW = 100
"""Of fewer steps, not even how long they take is measured."""
GAINS = {"threads": 1.2, "precision": 1.2, "graphs": 1.1, "compile": 1.1}
"""How many times as fast steps must become for each to be chosen; less is within the noise of a short trial."""
ENOUGH = 2.0
"""A way that takes so many times as long as the best is not tried any longer."""
BUSY = 3.0
"""One thread is never so many times as fast as several, but where others have the processor."""


def choose_engine(
    state: TrainState,
    game: Game,
    config: RunConfig,
    pack: Pack,
    world: World = ALONE,
    *,
    trusted: bool = False,
    tell: Callable[[str], None] = lambda what: None,
) -> "EngineChoice":
    """The engine of a run; `trusted` says that the run has had the one that its configuration asks for."""
    with same_threads():
        return fastest_engine(EngineTrials(state, game, config, pack, world, trusted=trusted), config, tell)


class EngineChoice(NamedTuple):
    """An engine, the settings that give it again, and what a person would want to know of how it was chosen."""

    engine: Engine
    settings: dict[str, Any]
    notes: tuple[str, ...]


def fastest_engine(
    trials: EngineTrials, config: RunConfig, tell: Callable[[str], None] = lambda what: None
) -> EngineChoice:
    """The engine that the settings ask for; where they say "auto", the fastest, if the run is long enough to try.

    What cannot be used is replaced by what can, with a note. `tell` hears of each trial before it begins.
    """
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    mode = Mode(
        precision="fp32" if config.precision == "auto" else config.precision,
        compiled=config.compile == "on",
        graphs=config.graphs == "on",
    )
    mode = with_memory_format(mode, trials.device)
    if mode.compiled:
        tell("compiling the steps, which takes a minute or so the first time")
    engine, notes = _nearest(trials, mode)
    is_open = config.threads is None or "auto" in (config.precision, config.compile, config.graphs)
    if is_open and trials.alone and trials.steps_left >= FEW:
        search = _Search(trials, engine, tell)
        search.run(config)
        engine, notes = search.engine, (*notes, *search.notes)
        trials.settle(engine)
    if notes:
        gc.collect()  # what failed may hold a GPU's memory in the circles of a traceback
    settings = {
        "threads": torch.get_num_threads(),
        "precision": engine.mode.precision,
        "compile": "on" if engine.mode.compiled else "off",
        "graphs": "on" if engine.mode.graphs else "off",
    }
    return EngineChoice(engine, settings, notes)


def _nearest(trials: EngineTrials, mode: Mode) -> tuple[Engine, tuple[str, ...]]:
    """The engine of a mode, or of as much of it as can be used, and what is to be told of the rest."""
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
    """What is told of a mode that cannot be used: why, what is done instead, and what that costs."""
    if "CxxCompiler" in why:
        why += " Install a C++ compiler (g++), or name one in the environment variable CXX."
    if wanted.compiled and not mode.compiled and device.type == "cpu":
        cost = ", which take about a third longer than compiled ones (docs/performance.md)"
    elif device.type == "cuda" and (wanted.compiled, wanted.graphs) != (mode.compiled, mode.graphs):
        cost = ", which are slower: `wgan bench` measures by how much"
    else:
        cost = ""
    return f"{why} Steps are done in {mode}{cost}."


@dataclass
class _Search:
    """From the engine it begins with to the fastest, changing one thing at a time."""

    trials: EngineTrials
    engine: Engine
    tell: Callable[[str], None]
    notes: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    best: float = 0.0

    def run(self, config: RunConfig) -> None:
        """Try what `config` leaves open, and say what was chosen of what."""
        cuda = self.trials.device.type == "cuda"
        try:
            self.best = self.trials.seconds(self.engine)
            if self.best * self.trials.steps_left < WORTH_TRYING:
                return
            self._note_trial(self.engine.mode, self.best)
            if config.threads is None and self.trials.device.type == "cpu":
                self._try_one_thread()
        except Unusable:
            return  # the run's own steps will fail too, and say more
        if config.precision == "auto":
            for precision in ("tf32", "bf16") if cuda else ("bf16",):
                self._try("precision", replace(self.engine.mode, precision=precision))
        if config.graphs == "auto" and cuda:
            self._try("graphs", replace(self.engine.mode, graphs=True))
        if config.compile == "auto" and self.best * self.trials.steps_left >= WORTH_COMPILING:
            self._try("compile", replace(self.engine.mode, compiled=True))
        if len(self.tried) > 1:
            self.notes.append(f"Steps are done in {_named(self.engine.mode)}. Tried: {', '.join(self.tried)}.")

    def _try_one_thread(self) -> None:
        """One is the fastest where steps are small, and where other programs keep the processor busy."""
        threads = torch.get_num_threads()
        if threads == 1:
            return
        torch.set_num_threads(1)
        seconds = self.trials.seconds(self.engine, enough=ENOUGH * self.best)
        self._note_trial(self.engine.mode, seconds)
        if self.best / seconds >= BUSY:  # perhaps for a moment alone
            torch.set_num_threads(threads)
            self.best = min(self.best, self.trials.seconds(self.engine))
            self._note_trial(self.engine.mode, self.best)
            torch.set_num_threads(1)
        if self.best / seconds >= BUSY:
            self.notes.append(
                f"{threads} threads wait for each other here: other programs seem to keep the processor busy."
            )
        if self.best / seconds >= GAINS["threads"]:
            self.best = seconds
        else:
            torch.set_num_threads(threads)

    def _try(self, what: str, mode: Mode) -> None:
        mode = with_memory_format(mode, self.trials.device)
        self.tell(f"trying {_named(mode)}")
        try:
            engine = self.trials.build(mode)
            seconds = self.trials.seconds(engine, enough=ENOUGH * self.best)
        except Unusable as unusable:
            why = f"{mode} cannot be used here: {unusable}."
            self.notes.append(_without(why, mode, self.engine.mode, self.trials.device))
            return
        self._note_trial(mode, seconds)
        if self.best / seconds >= GAINS[what]:
            self.engine, self.best = engine, seconds

    def _note_trial(self, mode: Mode, seconds: float) -> None:
        self.tried.append(f"{_named(mode)} {1000 * seconds:.1f} ms")


def _named(mode: Mode) -> str:
    threads = torch.get_num_threads()
    return f"{mode}, {threads} thread{'s' if threads > 1 else ''}"


PLAIN_ENGINE = {"precision": "fp32", "compile": "off", "graphs": "off", "threads": None}


def engine_settings(run: Run, config: RunConfig, processes: int) -> dict[str, Any]:
    """Those that the run in the directory has, if there is one, and `config` leaves open.

    Runs that were begun before there were engines have the plain one. The number of threads is that of a process: other
    numbers of processes find their own, and no process has more than there are processors.
    """
    if not run.config_file.exists():
        return {}
    had = {name: getattr(run.config, name) for name in ENGINE}
    had |= {name: PLAIN_ENGINE[name] for name, value in had.items() if value == "auto"}
    if had["threads"] is not None:
        alike = processes == run.provenance.processes
        had["threads"] = min(had["threads"], os.cpu_count() or 1) if alike else None
    return {name: value for name, value in had.items() if getattr(config, name) in ("auto", None)}
