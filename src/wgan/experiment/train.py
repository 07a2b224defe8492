"""Training in one call, as the command line and Python programs do it."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from torch import nn

from wgan.diagnosis import examine
from wgan.errors import TrainingError, WganError
from wgan.evaluation import evaluation_line
from wgan.experiment.build import Parts
from wgan.experiment.experiment import Experiment
from wgan.experiment.plan import plan
from wgan.report import write_report
from wgan.runs.failures import telling_of_limits
from wgan.runs.run import Run
from wgan.system.interruption import Interrupted
from wgan.training import is_follower
from wgan.types import Objective
from wgan.views.terminal import Terminal


def train(
    data: Any = None,
    *,
    recipe: str | None = None,
    generator: nn.Module | None = None,
    critic: nn.Module | None = None,
    objective: Objective | None = None,
    latent_size: int | None = None,
    steps: int | None = None,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    fresh: bool = False,
    progress: bool = True,
) -> Run:
    """Train a generator and return its run. The same call again resumes it, or finds it done.

    `data` is a name, a path, an array, a tensor (N, C, H, W) or a torch `Dataset`; None is the recipe's own. With no
    recipe, one that suits the data is chosen. `generator` takes (B, latent size), `critic` returns one score per
    sample; each stands in place of the recipe's. `settings` replaces values by dotted key, as `--set` does.

    Raises:
        InputError: something given cannot be used.
        TrainingError: the run failed; what was saved is whole.
    """
    terminal = Terminal(Console(quiet=not progress or is_follower()))
    given = {"networks.latent_size": latent_size, "training.steps": steps}
    settings = {**(settings or {}), **{key: value for key, value in given.items() if value is not None}}
    parts = Parts(generator, critic, objective)
    planned = plan(data, recipe=recipe, parts=parts, out=out, settings=settings, terminal=terminal)
    with planned.joined() as world:
        experiment = planned.experiment(fresh=fresh, terminal=terminal, world=world)
        watch(experiment, terminal)
    return experiment.run


def watch(experiment: Experiment, terminal: Terminal) -> None:
    """Train to the end, show how it goes, and leave the report; a run that fails leaves one too, which says why.

    Of several processes, the first does so, and the others only train.
    """
    if not experiment.world.is_main:
        for _ in experiment.events():
            pass
        return
    for note in experiment.notes:
        terminal.say(f"note: {note}")
    try:
        _follow(experiment, terminal)
    except TrainingError:
        with suppress(OSError, WganError, Interrupted):  # what ended the run is what has to be told
            write_report([experiment.run], experiment.run.report_file)
        raise
    with telling_of_limits(experiment.run, experiment.device):
        write_report([experiment.run], experiment.run.report_file)


def _follow(experiment: Experiment, terminal: Terminal) -> None:
    state, training, told = experiment.state, experiment.config.training, len(experiment.notes)
    setup, rows, rollbacks = experiment.setup, experiment.run.metrics(), experiment.run.rollbacks()
    with terminal.training(state.step, training.steps, training.images_per_step) as display:
        for event in experiment.events():
            display.tick(event.step)
            if event.row is not None:
                rows.append(event.row)
                display.log(event.row, examine(setup, rows, rollbacks=rollbacks).verdict.value)
            if event.diverged is not None:
                terminal.say(f"{event.diverged} Doing the steps since the last checkpoint again, to find out why.")
            if event.rolled_back is not None:
                display.restart(event.step)
                rows, rollbacks = experiment.run.metrics(), experiment.run.rollbacks()
                for note in experiment.notes[told:]:
                    terminal.say(f"note: {note}")
                told = len(experiment.notes)
                terminal.say(f"{event.rolled_back} Went back to step {event.step}, with lower learning rates.")
            if event.evaluation is not None:
                terminal.say(evaluation_line(event.evaluation))
