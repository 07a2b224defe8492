"""Training in one call, as the command line and Python programs do it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console
from torch import nn

from wgan.assembly import NO_PARTS, Parts, resolved
from wgan.choosing import choose
from wgan.config import RunConfig
from wgan.data import Pack, open_pack
from wgan.diagnosis import examine
from wgan.errors import TrainingError, WganError
from wgan.evaluation import evaluation_line
from wgan.experiment import Experiment
from wgan.interruption import Interrupted
from wgan.objectives import OBJECTIVES
from wgan.report import write_report
from wgan.rundir import Run
from wgan.training import ALONE, World, choose_device, following, joined, restarted
from wgan.trouble import telling_of_limits
from wgan.types import Objective
from wgan.views.terminal import Terminal


class Plan(NamedTuple):
    """What a call to train comes to, before anything is written to a run directory."""

    config: RunConfig
    pack: Pack
    parts: Parts
    out: Path
    why: str | None
    """Why this recipe, if nobody named one."""

    def joined(self) -> AbstractContextManager[World]:
        """Find the other processes of the run, if torchrun started several."""
        config = self.config
        return joined(choose_device(config.device), config.training.batch_size, config.rank_timeout)

    def experiment(self, *, fresh: bool = False, terminal: Terminal, world: World = ALONE) -> Experiment:
        """Claim the run directory and build what is in it, or what will be; `fresh` but for restarts by torchrun."""
        fresh = fresh and not restarted()
        progress, tell = terminal.counted, terminal.say
        return Experiment(
            self.config, self.pack, self.out, self.parts, fresh=fresh, progress=progress, world=world, tell=tell
        )


def plan(
    data: Any = None,
    *,
    recipe: str | None = None,
    parts: Parts = NO_PARTS,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    terminal: Terminal,
) -> Plan:
    """Choose the recipe, pack the data, resolve every setting; see `train`."""
    config, source, why = choose(data, recipe, settings, terminal.counted)
    if type(parts.objective) in OBJECTIVES.values():  # the file can hold it: it is not the user's own
        values = {**config.to_dict(), "objective": parts.objective}
        config, parts = RunConfig.from_dict(values), parts._replace(objective=None)
    if config.data.size and not (parts.generator and parts.critic):
        with torch.device("meta"):  # refuse an impossible size before anything is packed
            config.networks.critic((config.data.channels or 3, *config.data.size))
    pack = open_pack(source, config.data.size, config.data.channels, terminal.counted)
    return Plan(resolved(config, pack, parts), pack, parts, Path(out or default_out(config, source.name)), why)


def default_out(config: RunConfig, data_name: str) -> Path:
    """Where a run goes that nobody named a place for: the same for the same command, so that it resumes."""
    first = data_name.partition("-")[0]  # wgan-gp-toy on toy-ring8 is wgan-gp-toy-ring8
    return Path("runs") / (config.recipe.removesuffix(f"-{first}") + f"-{data_name}")


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
    terminal = Terminal(Console(quiet=not progress or following()))
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
    if not experiment.world.leads:
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
