"""What a call to train comes to: data, a recipe and settings become a configuration and a pack."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from wgan.config import RunConfig
from wgan.data import Pack, Source, open_pack, open_source, plain, target_shape
from wgan.errors import InputError
from wgan.experiment.build import NO_PARTS, Parts
from wgan.experiment.experiment import Experiment
from wgan.objectives import OBJECTIVES
from wgan.recipes import DEFAULT, recipe
from wgan.recipes.suggest import recipe_for
from wgan.training import (
    ALONE,
    World,
    choose_device,
    joined,
    restarted,
)
from wgan.types import Progress
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


def resolved(config: RunConfig, pack: Pack, parts: Parts) -> RunConfig:
    """The configuration with everything filled in that the data and the passed parts decide."""
    pictures = len(pack.shape) == 3
    if config.data.flip and not pictures:
        raise InputError("Points have no left and right to mirror. Leave data.flip false.")
    data = {"size": pack.shape[1:], "channels": pack.shape[0]} if pictures else {"size": None, "channels": None}
    return config.model_copy(update={"data": config.data.model_copy(update=data), "custom": parts.signatures()})


def _asked_size(settings: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size among the settings, if it is one; if it is not, applying them will say so."""
    match settings.get("data.size"):
        case (int(height), int(width)):
            return height, width
    return None


class Choice(NamedTuple):
    """A configuration, the data it is for, and why this recipe, if nobody named one."""

    config: RunConfig
    source: Source
    why: str | None


def choose(
    data: Any = None,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = plain,
) -> Choice:
    """The configuration that data, a recipe's name and settings by dotted key come to; each may be left out.

    Raises:
        InputError: one of them is not known, out of range, or the recipe needs data.
    """
    why = None
    if name is None and data is None:
        name = DEFAULT
    if name is not None:
        config = recipe(name)
        data = config.data.source if data is None else data
        if data is None:
            raise InputError(f"The recipe {name} needs pictures: wgan train FOLDER --recipe {name}.")
        source = open_source(data)
    else:
        source = open_source(data)
        survey = source.survey(progress)
        shape, size = target_shape(survey, None, None), _asked_size(settings or {})
        config, why = recipe_for(shape, survey.count, size, sizes=len(survey.sizes))
    named = str(data) if isinstance(data, str | Path) else None
    config = config.with_settings(settings or {})
    config = config.model_copy(update={"data": config.data.model_copy(update={"source": named})})
    return Choice(config, source, why)
