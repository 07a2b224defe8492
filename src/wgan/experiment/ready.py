"""From a state to its first step: a run on disk, a promise about time, an engine, a length, a cadence."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import torch

from wgan.experiment.alternatives import offered
from wgan.experiment.batch_memory import Fitted
from wgan.experiment.cadence import cadence
from wgan.experiment.engine_choice import FEWEST_STEPS, EngineChoice, choose_engine, first_settings, plain_mode
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.expectation import SLOW, changed, expectations, so_far
from wgan.experiment.minutes import left_of, not_compiling
from wgan.experiment.pace import Pace, is_busy
from wgan.experiment.trainer import Trainer
from wgan.training import Unusable
from wgan.training.devices import same_threads
from wgan.views.terminal import Terminal

LONG = 30.0
"""Seconds. What is known roughly of a step that takes longer is enough."""


def make_ready(trainer: Trainer, batched: Fitted, terminal: Terminal, began: float, *, trusted: bool) -> None:
    """Do what comes before the next step. `batched` says what is known of its memory, and of its time.

    A new run is on disk before anything is timed, and what it will take is said before anything is tried. All processes
    of a run call this; several measure nothing but the steps that fit into minutes. `began` is when the time of those
    began, `trusted` whether the run has trained with the engine of its settings.
    """
    planned, run, state = trainer.planned, trainer.run, trainer.state
    is_new = trainer.world.is_main and not run.config_file.exists()
    minutes = planned.config.training.minutes
    budget = 60 * minutes if planned.is_open and minutes is not None else None
    trials = EngineTrials(trainer.loop(trainer.world), trusted=trusted)
    trials.compiles_later &= budget is None  # how many steps fit into minutes says the engine of all of them
    with same_threads(trainer.config.threads):
        measures = trials.alone and (budget is not None or trials.steps_left >= FEWEST_STEPS)
        busy = measures and trainer.config.threads is None and torch.get_num_threads() > 1 and is_busy(trials.device)
        trainer.exist(first_settings(trainer.config, 1 if busy else torch.get_num_threads()))
        if budget is not None:
            terminal.say("measuring how long a step takes")
        step = so_far(run) if trainer.world.is_main else None
        pace = _pace(trials, trainer, terminal.say, batched.seconds, busy=busy) if measures and step is None else None
        if pace is not None:
            step = pace.step
            trials.steps_left = trials.steps_left if budget is None else int(budget / step)
        if trainer.world.is_main:
            left = planned.config.training.steps - state.step
            others = partial(_offered, trainer) if is_new else None
            for line in expectations(planned, left, None if step is None else left * step, batched.memory, others):
                terminal.say(line)
        wanted = trainer.config if budget is None else not_compiling(trainer.config, budget)
        chosen = choose_engine(trials, wanted, terminal.say, pace)
        if budget is not None:
            known = 0.0 if pace is None else _seconds(trials, chosen, pace)
            with same_threads(chosen.settings["threads"]):
                terminal.say(trainer.fit(chosen.engine, left_of(budget, time.monotonic() - began), known))
        elif pace is not None:
            found = _seconds(trials, chosen, pace)
            trainer.expected = tuple(changed(trainer.config.training.steps - state.step, pace.step, found, chosen))
            if not state.step:
                trainer.choose(cadence(planned.config, found, planned.given))
        trainer.begin(chosen)


def _offered(trainer: Trainer, seconds: float) -> str:
    planned = trainer.planned
    if trainer.state.device.type != "cpu":
        return ""
    return offered(planned.config, planned.pack.spec, planned.objective, trainer.wiring, seconds)


def _pace(
    trials: EngineTrials, trainer: Trainer, tell: Callable[[str], None], roughly: float | None, *, busy: bool
) -> Pace | None:
    """The pace of plain steps; on a busy CPU, with as many threads as are quicker, which are set. None if they fail.

    Where a step takes long, `roughly` so many seconds, none is spent on a trial.
    """
    if roughly is not None and roughly > LONG and not busy:
        return Pace(roughly)
    mode = plain_mode(trainer.config, trials.device)
    with suppress(Unusable):  # the run's own steps will fail too, with a better message
        if busy and (threads := trials.threads_on_busy_cpu(mode)) < torch.get_num_threads():
            trainer.notes += (
                f"{torch.get_num_threads()} threads wait for each other here, since other programs keep the CPU busy: "
                f"1 thread computes the steps (--set threads={torch.get_num_threads()} has all of them).",
            )
            torch.set_num_threads(threads)
        return trials.pace(mode)
    return None


def _seconds(trials: EngineTrials, chosen: EngineChoice, pace: Pace) -> float:
    """Seconds of a step with the chosen engine."""
    if chosen.seconds is not None or not (chosen.engine.mode.compiled or chosen.engine.mode.graphs):
        return chosen.seconds or pace.step
    with suppress(Unusable), same_threads(chosen.settings["threads"]):
        return trials.seconds(chosen.engine, enough=SLOW)
    return pace.step
