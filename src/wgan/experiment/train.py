"""A run from its first line to its last: plan, build, preflight, choose an engine, train.

Read from top to bottom, this file is the story of a run. Each step is a module beside it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from torch import nn

from wgan.data import columns_from
from wgan.diagnosis import Log, examine, verdict_word
from wgan.errors import InputError, TrainingError, WganError
from wgan.evaluation import evaluation_line, training_evaluator
from wgan.experiment.affordable import affordable_plan
from wgan.experiment.batch_memory import Fitted, fitted_to_memory
from wgan.experiment.build import build_state, warm_start
from wgan.experiment.comparing import comparisons_of
from wgan.experiment.engine_choice import engine_settings
from wgan.experiment.minutes import refuse_minutes
from wgan.experiment.observer import observer_of
from wgan.experiment.plan import Parts, Plan
from wgan.experiment.preflight import agree, preflight
from wgan.experiment.ready import make_ready
from wgan.experiment.recorder import Event, Recorder
from wgan.experiment.trainer import Trainer, explaining_errors
from wgan.metrics import Function, name_of
from wgan.networks import count_parameters
from wgan.report import write_report
from wgan.runs import Run
from wgan.runs.doctor import diagnose
from wgan.runs.writer import writing
from wgan.system.interruption import Interrupted
from wgan.trackers import tracked_by
from wgan.training import ALONE, CONVERGED, Window, World, choose_device, is_follower, joined, restarted
from wgan.types import Objective
from wgan.views.notebook import terminal_on
from wgan.views.terminal import Terminal

MANY = 10_000_000
"""Weights of both networks. Before the first step, so many are tried on the CPU for more than some seconds."""


def train(
    data: Any = None,
    *,
    recipe: str | None = None,
    generator: nn.Module | None = None,
    critic: nn.Module | None = None,
    objective: Objective | None = None,
    condition: Any = None,
    latent_size: int | None = None,
    steps: int | None = None,
    epochs: float | None = None,
    minutes: float | None = None,
    metrics: Sequence[str | Function] = (),
    stop: str | None = None,
    track: str | Sequence[str] | None = None,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    fresh: bool = False,
    progress: bool = True,
) -> Run:
    """Train a generator and return its run. The same call again resumes it, or finds it done.

    `data` is a name, a path, an array, a tensor (N, C, H, W) or a torch `Dataset`; None is the recipe's own. With no
    recipe, one that suits the data is chosen. `generator` takes (B, latent size), `critic` returns one score per
    sample; each stands in place of the recipe's. `condition` is what the generator is asked for: names of what comes
    with the data ("label,energy", or ["label", "energy"]), or a value for each sample (an array, a tensor, a list, or a
    dict or DataFrame of columns). Own networks then take it as their second input, (B, condition size). `epochs` are
    passes of the critic over the training data, in place of `steps`; `minutes` are a budget of time, which steps,
    schedules and the average are made to fit. `metrics` are measured while training: names, or functions of (samples,
    reals) at the top level of a module. `stop` ends the run early: "converged", or a metric that no longer improves,
    whose best checkpoint is kept. `track` names trackers that are sent the log while it is written ("wandb", "mlflow",
    "trackio"; docs/trackers.md). `settings` replaces values by dotted key, as `--set` does.

    Raises:
        InputError: something given cannot be used.
        TrainingError: the run failed; what was saved is whole.
    """
    terminal = terminal_on(Console(quiet=not progress or is_follower()))
    given = {
        "networks.latent_size": latent_size,
        "training.steps": steps,
        "training.epochs": epochs,
        "training.minutes": minutes,
        "output.metrics": tuple(one if isinstance(one, str) else name_of(one) for one in metrics) or None,
        "stop.by": stop,
        "output.track": None if track is None else tracked_by([track] if isinstance(track, str) else track),
    }
    settings = {**(settings or {}), **{key: value for key, value in given.items() if value is not None}}
    names = _names(data, condition)
    beside = () if names or condition is None else columns_from(condition)
    if names:
        settings["data.condition"] = names
    parts = Parts(generator, critic, objective)
    fresh = fresh and not restarted()
    planned = affordable_plan(
        data,
        recipe=recipe,
        parts=parts,
        out=out,
        settings=settings,
        beside=beside,
        fresh=fresh,
        progress=terminal.counted,
    )
    run = carry_out(planned, terminal, fresh=fresh)
    terminal.show(ending(run))
    return run


def _names(data: Any, condition: Any) -> tuple[str, ...]:
    """The columns of the data that a condition names: a text, or a list of texts that are not one for each sample."""
    if isinstance(condition, str):
        return tuple(name.strip() for name in condition.split(",") if name.strip()) or (condition,)
    texts = isinstance(condition, list | tuple) and condition and all(isinstance(one, str) for one in condition)
    samples = None if isinstance(data, str | Path) or not hasattr(data, "__len__") else len(data)
    return tuple(condition) if texts and len(condition) != samples else ()


def ending(run: Run) -> Iterator[object]:
    """What is seen of a run that is done: the newest grid, and the verdict."""
    yield run.grid()
    yield diagnose(run)


def carry_out(
    planned: Plan,
    terminal: Terminal,
    *,
    fresh: bool = False,
    on_start: Callable[[Trainer], None] = lambda trainer: None,
) -> Run:
    """Train what is planned; `on_start` is called before the first step. Of several processes, the first shows it."""
    config = planned.config
    with (
        joined(choose_device(config.device), config.training.batch_size, config.rank_timeout) as world,
        start(planned, world, fresh=fresh and not restarted(), terminal=terminal) as trainer,
    ):
        if world.is_main:
            on_start(trainer)
            watch(trainer, terminal)
        else:
            for _ in trainer.events():
                pass
    return trainer.run


def start(planned: Plan, world: World = ALONE, *, fresh: bool = False, terminal: Terminal) -> Trainer:
    """A trainer that is ready for its next step: the first, or the one after the run's newest checkpoint.

    The first process holds the run's directory until the trainer is closed. With `fresh`, a run that is there is
    renamed first.

    Raises:
        InputError: a part does not work, or the directory holds something else or is in use.
        TrainingError: what the run left cannot be read or written.
    """
    began = time.monotonic()
    if world.is_main:
        planned.refuse_place(fresh=fresh)
    planned = planned.keeping(world.broadcast(dict(planned.kept)))
    pack, device, window, recorder = planned.pack, choose_device(planned.config.device), Window(world), None
    state = build_state(planned.config, pack.spec, planned.parts, device)
    if count_parameters(state.generator) + count_parameters(state.critic) > MANY:
        terminal.say("trying the networks on a few samples, which takes a while with so many weights")
    wiring = preflight(planned, state)
    agree(world, planned, state)
    batched = Fitted(planned)
    if world.size == 1 and (fresh or not planned.run.config_file.exists()):  # one that is there stays as it is
        with explaining_errors(planned.run, device):
            batched = fitted_to_memory(planned, state, wiring)
        refuse_minutes(planned, batched.seconds)
    planned = batched.planned
    config, run = planned.config, planned.run
    with ExitStack() as opened:
        notes: list[str] = []
        if world.is_main:
            observer = observer_of(planned, state)
            comparisons = comparisons_of(planned)
            evaluator = training_evaluator(config, pack, terminal.counted, terminal.counted_again)
            if config.stop.by == CONVERGED and (comparisons is None or not comparisons.held_out):
                raise InputError(
                    "The verdict is never converged: there are too few held-out samples to compare with. Get more, "
                    "hold out more (data.holdout), or leave stop.by out."
                )
            if fresh or not run.checkpoints():  # before a run there is set aside: the weights may be its own
                notes = warm_start(state, config.start)
            if config.stop.by == CONVERGED and comparisons is not None and comparisons.rough:
                notes.append(
                    f"Only {len(comparisons.comparer.reference)} samples are held out. That is too few to call a run "
                    "converged while its critic knows the training samples by heart: such a run goes on to its last "
                    "step."
                )
            with explaining_errors(run, device):
                writer = opened.enter_context(writing(run, config, pack, fresh=fresh))
            recorder = Recorder(writer, planned, state, window, observer, comparisons, evaluator)
        world.barrier(patiently=True)  # only the first process computes features of the data
        trainer = Trainer(planned, state, wiring, world, window, recorder)
        trainer.notes += (*notes, *batched.notes)
        with explaining_errors(run, device):
            trainer.resume()
        had = world.broadcast(engine_settings(run, config, world.size) if world.is_main else {})
        trainer.config = config.model_copy(update=had)
        if not trainer.complete:
            with explaining_errors(run, device), trainer.left_when_interrupted():
                make_ready(trainer, batched, terminal, began, trusted=bool(had))
        trainer.enter_context(opened.pop_all())
    return trainer


def watch(trainer: Trainer, terminal: Terminal) -> None:
    """Train to the end, show progress, and write the report. A run that fails has one too, which says why."""
    for note in trainer.notes:
        terminal.say(f"note: {note}")
    try:
        try:
            _follow(trainer, terminal)
        finally:
            for told in trainer.news():
                terminal.say(told)
    except TrainingError:
        with suppress(OSError, WganError, Interrupted):  # the error that ended the run matters more
            write_report([trainer.run], trainer.run.report_file)
        raise
    with explaining_errors(trainer.run, trainer.state.device):
        write_report([trainer.run], trainer.run.report_file)


def _follow(trainer: Trainer, terminal: Terminal) -> None:
    state, training, told = trainer.state, trainer.config.training, len(trainer.notes)
    setup, log = trainer.setup, None
    epochs = trainer.planned.epochs
    with terminal.training(state.step, training.steps, training.images_per_step, epochs) as display:
        for event in trainer.events():
            display.tick(event.step)
            for text in trainer.news():
                terminal.say(text)
            log = trainer.run.log() if log is None else _extended(log, event)  # first: step 0 is in no event
            if event.row is not None:
                display.log(event.row, verdict_word(examine(setup, log).verdict))
            if event.diverged is not None:
                terminal.say(f"{event.diverged} Repeating the steps since the last checkpoint to find out why.")
            if event.rolled_back is not None:
                display.restart(event.step)
                log = None
                for note in trainer.notes[told:]:
                    terminal.say(f"note: {note}")
                told = len(trainer.notes)
                terminal.say(f"{event.rolled_back} Went back to step {event.step}, with lower learning rates.")
            if event.evaluation is not None:
                terminal.say(evaluation_line(event.evaluation))


def _extended(log: Log, event: Event) -> Log:
    """The log with what an event adds."""
    log.rows.extend([event.row] if event.row is not None else [])
    log.comparisons.extend([event.comparison] if event.comparison is not None else [])
    log.evaluations.extend([event.evaluation.to_dict()] if event.evaluation is not None else [])
    return log
