"""Tuning: which engine does a run's steps. Chosen by measuring where that can pay, and told with the reason."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch

from wgan.assembly import batches, draws
from wgan.config import RunConfig
from wgan.data import Pack
from wgan.diagnosis import Wiring
from wgan.objectives import axes
from wgan.training import ALONE, Batch, Engine, Mode, TrainState, Unusable, World, build, seconds_per_step
from wgan.types import Objective

WORTH_TRYING = 90.0
"""Seconds that a run must have before it, done the plain way, for trying other ways to pay."""
FEW = 100
"""Of fewer steps, not even how long they take is measured."""
WORTH_COMPILING = 75.0
"""The same at the best speed found so far, for compiling: that takes 10 to 60 seconds where nothing is cached."""
GAINS = {"threads": 1.2, "precision": 1.2, "graphs": 1.1, "compile": 1.1}
"""How many times as fast steps must become for each to be chosen; less is within the noise of a short trial."""
TRIAL_SECONDS = 0.5


class Tuned(NamedTuple):
    """An engine, the settings that give it again, and what a person would want to know of how it was chosen."""

    engine: Engine
    settings: dict[str, Any]
    notes: tuple[str, ...]


class Trials:
    """Builds engines, and tries them on the first batches of a run, whose state stays as it is."""

    def __init__(
        self,
        state: TrainState,
        objective: Objective,
        config: RunConfig,
        pack: Pack,
        *,
        apart: bool = False,
        world: World = ALONE,
    ) -> None:
        """`apart` says that the critic scores each sample by itself."""
        self._state, self._config, self._apart, self._world = state, config, apart, world
        self._objective = config.schedule.objective(objective, state.step)
        self.device = next(state.critic.parameters()).device
        real, drawn = batches(config, pack, self.device, world), draws(config, self.device, world)
        numbers = range(config.training.critic_steps)
        self._batches = [Batch(real(n), drawn.critic_latents(n), drawn.noise(n, pack.shape)) for n in numbers]
        self._z = drawn.generator_latents(0)

    @property
    def alone(self) -> bool:
        """Whether one process trains: several would measure, and choose, each something else."""
        return self._world.size == 1

    @property
    def steps_left(self) -> int:
        """How many steps the run has before it."""
        return self._config.training.steps - self._state.step

    def build(self, mode: Mode) -> Engine:
        """The engine of that mode, after its self-test.

        Raises:
            Unusable: it cannot be used for this run here; says why.
        """
        schedule = self._config.schedule
        if mode.graphs and schedule.changes:
            raise Unusable("a graph repeats the rates that it was recorded with, and the schedule changes them")
        if mode.compiled and schedule.penalty_weight != 1:
            raise Unusable("what is compiled for one penalty weight is compiled anew for another, at each step")
        state, objective = self._state, self._objective
        return build(mode, state, objective, self._batches, self._z, apart=self._apart, world=self._world)

    def seconds(self, engine: Engine) -> float:
        """How long a generator update and the critic updates before it take."""
        fakes, state = self._config.training.evaluation_fakes, self._state
        return seconds_per_step(
            engine, state, self._objective, self._batches, self._z, evaluation_fakes=fakes, budget=TRIAL_SECONDS
        )


def tuned(trials: Trials, config: RunConfig, tell: Callable[[str], None] = lambda what: None) -> Tuned:
    """The engine that the settings ask for; where they say "auto", the fastest, if the run is long enough to try.

    What cannot be used is replaced by what can, with a note. `tell` hears of each trial before it begins.
    """
    if config.threads != "auto":
        torch.set_num_threads(config.threads)
    mode = Mode(
        precision="fp32" if config.precision == "auto" else config.precision,
        compiled=config.compile == "on",
        graphs=config.graphs == "on",
    )
    mode = laid_out(mode, trials.device)
    notes: tuple[str, ...] = ()
    if mode.compiled:
        tell("compiling the steps, which takes a minute or so the first time")
    try:
        engine = trials.build(mode)
    except Unusable as unusable:
        engine = trials.build(Mode())
        notes = (f"{mode} cannot be used here: {unusable}. Steps are done in {engine.mode}.",)
    choices = config.threads, config.precision, config.compile, config.graphs
    if "auto" in choices and trials.alone and trials.steps_left >= FEW:
        search = _Search(trials, engine, tell)
        search.run(config)
        engine, notes = search.engine, (*notes, *search.notes)
    settings = {
        "threads": torch.get_num_threads(),
        "precision": engine.mode.precision,
        "compile": "on" if engine.mode.compiled else "off",
        "graphs": "on" if engine.mode.graphs else "off",
    }
    return Tuned(engine, settings, notes)


def scores_apart(wiring: Wiring, objective: Objective) -> bool:
    """Whether real and fake samples may go through the critic together. A user's objective gets the critic as it is."""
    return not wiring.mixes_samples and axes(objective) is not None


@dataclass
class _Search:
    """From the engine it begins with to the fastest, changing one thing at a time."""

    trials: Trials
    engine: Engine
    tell: Callable[[str], None]
    notes: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    best: float = 0.0

    def run(self, config: RunConfig) -> None:
        """Try what `config` leaves open, and say what was chosen of what."""
        self.best = self.trials.seconds(self.engine)
        if self.best * self.trials.steps_left < WORTH_TRYING:
            return
        self._note_trial(self.engine.mode, self.best)
        cuda = self.trials.device.type == "cuda"
        if config.threads == "auto" and self.trials.device.type == "cpu":
            self._try_one_thread()
        if config.precision == "auto":
            for precision in ("tf32", "bf16") if cuda else ("bf16",):
                self._try("precision", replace(self.engine.mode, precision=precision))
        if config.graphs == "auto" and cuda:
            self._try("graphs", replace(self.engine.mode, graphs=True))
        if config.compile == "auto" and self.best * self.trials.steps_left >= WORTH_COMPILING:
            self._try("compile", replace(self.engine.mode, compiled=True))
        self.notes.append(f"Steps are done in {_named(self.engine.mode)}. Tried: {', '.join(self.tried)}.")

    def _try_one_thread(self) -> None:
        """One is the fastest where steps are small, and where other programs keep the processor busy."""
        threads = torch.get_num_threads()
        if threads == 1:
            return
        torch.set_num_threads(1)
        seconds = self.trials.seconds(self.engine)
        self._note_trial(self.engine.mode, seconds)
        if self.best / seconds >= GAINS["threads"]:
            self.best = seconds
        else:
            torch.set_num_threads(threads)

    def _try(self, what: str, mode: Mode) -> None:
        mode = laid_out(mode, self.trials.device)
        self.tell(f"trying {_named(mode)}")
        try:
            engine = self.trials.build(mode)
        except Unusable as unusable:
            self.notes.append(f"{mode} cannot be used here: {unusable}.")
            return
        seconds = self.trials.seconds(engine)
        self._note_trial(mode, seconds)
        if self.best / seconds >= GAINS[what]:
            self.engine, self.best = engine, seconds

    def _note_trial(self, mode: Mode, seconds: float) -> None:
        self.tried.append(f"{_named(mode)} {1000 * seconds:.1f} ms")


def _named(mode: Mode) -> str:
    threads = torch.get_num_threads()
    return f"{mode}, {threads} thread{'s' if threads > 1 else ''}"


def laid_out(mode: Mode, device: torch.device) -> Mode:
    """With channels last where tensor cores want them; on CPUs that was measured to gain nothing."""
    return replace(mode, channels_last=device.type == "cuda" and mode.precision != "fp32")
