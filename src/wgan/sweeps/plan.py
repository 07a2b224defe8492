"""What a sweep would train: pure, nothing is written."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from wgan.config import RunConfig
from wgan.data import no_progress
from wgan.errors import InputError
from wgan.experiment.plan import Plan, plan
from wgan.networks import count_parameters
from wgan.runs import Run
from wgan.sweeps.axes import Axis, Choice, written
from wgan.training import choose_device
from wgan.types import Progress

Way = Literal["grid", "random", "optuna"]
At = Literal["last", "best"]
LONGEST = 100
"""Characters of a folder's name."""
SEED = "training.seed"


@dataclass(frozen=True)
class Sweep:
    """What is asked for."""

    data: str | None
    recipe: str | None
    given: Mapping[str, Axis]
    """Settings by dotted key, in the order in which they were given: what is fixed, and what is varied."""
    seeds: tuple[int, ...] = (0,)
    way: Way = "grid"
    count: int = 0
    """Of the combinations that are drawn or suggested."""
    draw_seed: int = 0
    metric: str | None = None
    """What runs are ranked by; None takes what suits the kind of samples, from the comparisons of each run."""
    at: At = "last"

    @property
    def axes(self) -> dict[str, Axis]:
        return {key: axis for key, axis in self.given.items() if not axis.is_fixed}

    @property
    def fixed(self) -> dict[str, Any]:
        return {key: axis.values[0] for key, axis in self.given.items() if isinstance(axis, Choice) and axis.is_fixed}

    def settings(self, varied: Mapping[str, Any]) -> dict[str, Any]:
        """All settings of a run, in the order in which they were given: a part's name counts for what follows it."""
        return {key: varied[key] if key in varied else self.fixed[key] for key in self.given}


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep: its folder's name, its settings, and what they come to."""

    name: str
    settings: Mapping[str, Any]
    """All that were given, by dotted key, but for the seed."""
    seed: int
    config: RunConfig
    trial: int | None = None
    """Which of Optuna's trials it belongs to."""

    @property
    def given(self) -> dict[str, Any]:
        """The settings with which `wgan train` trains it."""
        return {**self.settings, SEED: self.seed}


@dataclass
class Planner:
    """Makes configurations of settings as `wgan train` does, each once."""

    sweep: Sweep
    progress: Progress = no_progress
    first: Plan | None = None
    """What came of the first settings: it has the data."""
    kept: list[SweepRun] = field(default_factory=list)
    """Runs of earlier commands that keep a name which this command would not give them."""
    _known: dict[str, RunConfig] = field(default_factory=dict)
    _built: set[str] = field(default_factory=set)

    def config(self, settings: Mapping[str, Any]) -> RunConfig:
        """The configuration of a run with these settings and seed 0.

        Raises:
            InputError: a key or a value will not do, or the networks cannot be built; it says for which settings.
        """
        key = json.dumps(list(settings.items()))
        if key not in self._known:
            try:
                planned = plan(self.sweep.data, recipe=self.sweep.recipe, settings=settings, progress=self.progress)
                self._build(planned)
            except InputError as error:
                varied = [f"{name}={written(settings[name])}" for name in self.sweep.axes if name in settings]
                blamed = varied and not self._fails_anyway(settings, str(error))
                raise InputError(f"With {' '.join(varied)}: {error}" if blamed else str(error)) from error
            self.first = self.first or planned
            self._known[key] = planned.config
        return self._known[key]

    def runs(
        self, combinations: Sequence[Mapping[str, Any]], known: Sequence[SweepRun] = (), trial: int | None = None
    ) -> list[SweepRun]:
        """A run for each combination and seed. One that is the same as a `known` one, whatever its name, is that."""
        taken, wanted = {run.name: run for run in known}, list[SweepRun]()
        for varied in combinations:
            settings = self.sweep.settings(varied)
            config = self.config(settings)
            for seed in self.sweep.seeds:
                seeded = with_seed(config, seed)
                run = next((one for one in taken.values() if one.config == seeded and one.trial == trial), None)
                if run is None:
                    run = SweepRun(_free_name(varied, seed, taken), settings, seed, seeded, trial)
                    taken[run.name] = run
                elif run in known and run.name not in names_of(varied, seed) and run not in self.kept:
                    self.kept.append(run)
                if run not in wanted:  # two draws may be alike
                    wanted.append(run)
        return wanted

    def _fails_anyway(self, settings: Mapping[str, Any], told: str) -> bool:
        """Whether the data, or what is fixed, fail with the same words."""
        fixed = {key: value for key, value in settings.items() if key not in self.sweep.axes}
        try:
            plan(self.sweep.data, recipe=self.sweep.recipe, settings=fixed, progress=self.progress)
        except InputError as error:
            return str(error) == told
        return False

    def _build(self, planned: Plan) -> None:
        networks, spec = planned.config.networks, planned.pack.spec
        key = f"{networks!r} {spec!r}"
        if key not in self._built:
            count_parameters(networks.generator(spec))
            count_parameters(networks.critic(spec))
            self._built.add(key)


def with_seed(config: RunConfig, seed: int) -> RunConfig:
    """The same run with other random numbers."""
    return config.model_copy(update={"training": config.training.model_copy(update={"seed": seed})})


def prepared(sweep: Sweep) -> Sweep:
    """The same sweep with all that makes its numbers comparable: one engine, and the metric measured.

    On a CPU the number of threads changes the last bits of a run, so all have one, or what was given. What is
    otherwise chosen by measuring (precision, compiling) is not, since timings differ from run to run.

    Raises:
        InputError: a setting cannot be given to a sweep.
    """
    if not {SEED, "seed"}.isdisjoint(sweep.given):
        raise InputError("The seeds of a sweep are --seeds: 3 for 0, 1 and 2, or 0,5,7. Leave training.seed out.")
    fixed, added = sweep.fixed, dict[str, Any]()
    device = fixed.get("device") or "auto"
    pins: dict[str, Any] = {"precision": "fp32", "compile": "off"}
    if isinstance(device, str) and device in ("auto", "cpu", "cuda", "mps") and choose_device(device).type == "cpu":
        pins["threads"] = 1
    added |= {key: value for key, value in pins.items() if key not in sweep.given or fixed.get(key) == "auto"}
    if sweep.metric is not None:
        if "output.metrics" in sweep.axes:
            raise InputError("output.metrics cannot be varied: it says what is measured, in all runs.")
        had = fixed.get("output.metrics", [])
        measured = [had] if isinstance(had, str) else list(had)
        added["output.metrics"] = measured + [sweep.metric] * (sweep.metric not in measured)
        if sweep.at == "best" and "output.best_by" not in sweep.given:
            added["output.best_by"] = sweep.metric
    given = {key: axis for key, axis in sweep.given.items() if key not in added}
    return replace(sweep, given={**given, **{key: Choice((value,)) for key, value in added.items()}})


def default_folder(planned: Plan) -> Path:
    """The folder of a sweep with such runs: the same for the same command."""
    return planned.out.with_name(f"sweep-{planned.out.name}")


def is_finished(run: Run) -> bool:
    """Whether nothing is left to train of a run, if there is one."""
    if not run.config_file.is_file():
        return False
    if ended_by_itself(run):
        return True
    last = max(run.checkpoints(), default=-1)
    ended = last >= run.config.training.steps or run.stopped() is not None
    return ended and run.report_file.exists()  # which is the last that is written


def ended_by_itself(run: Run) -> bool:
    """Whether a run diverged, and would again."""
    return run.config.on_divergence == "stop" and run.failure() is not None


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """The last word of each dotted key, or all of it where two keys end alike."""
    last = [key.rpartition(".")[2] for key in keys]
    return {key: word if last.count(word) == 1 else key for key, word in zip(keys, last, strict=True)}


def _free_name(varied: Mapping[str, Any], seed: int, taken: Mapping[str, object]) -> str:
    """A name that says what is special about a run, and is not taken."""
    names = names_of(varied, seed)
    numbered = (f"{names[1]}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (*names, *numbered) if name not in taken)


def names_of(varied: Mapping[str, Any], seed: int) -> list[str]:
    """Names that say what is special about a run: a short one, and the whole."""
    short = short_names([*varied])
    return [_name({short[key]: value for key, value in varied.items()}, seed), _name(varied, seed)]


def _name(varied: Mapping[str, Any], seed: int) -> str:
    words = ((key, re.sub(r"[^\w.+-]+", "-", written(value)).strip("-")) for key, value in varied.items())
    whole = "-".join(f"{key}={word}" for key, word in words)
    if len(whole) > LONGEST:
        whole = f"{whole[:LONGEST]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
    return f"{whole}-seed{seed}".lstrip("-")
