"""The plan of a run: data, a recipe and settings become a configuration and a pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from wgan.config import RunConfig
from wgan.data import Pack, Source, no_progress, open_pack, open_source, target_spec
from wgan.errors import InputError
from wgan.experiment.parts import Parts
from wgan.objectives import OBJECTIVES
from wgan.recipes import DEFAULT, recipe
from wgan.recipes.suggest import recipe_for
from wgan.runs import Run
from wgan.types import Objective, Progress

NO_PARTS = Parts()


@dataclass(frozen=True)
class Plan:
    """What would be trained. Nothing has been written to a run directory yet."""

    config: RunConfig
    pack: Pack
    parts: Parts = NO_PARTS
    out: Path = Path()
    why: str | None = None
    """Why this recipe was chosen, if nobody named one."""

    @cached_property
    def run(self) -> Run:
        """The run, which may not be there yet."""
        return Run(self.out, self.parts.generator)

    @property
    def objective(self) -> Objective:
        """The one that was passed, or the configuration's."""
        return self.config.objective if self.parts.objective is None else self.parts.objective

    @cached_property
    def train_count(self) -> int:
        return self.pack.train_count(self.config.data.holdout)


def plan(
    data: Any = None,
    *,
    recipe: str | None = None,
    parts: Parts = NO_PARTS,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = no_progress,
) -> Plan:
    """Choose the recipe, pack the data and resolve every setting. The arguments are those of `train`."""
    config, source, why = choose(data, recipe, settings, progress)
    if type(parts.objective) in OBJECTIVES.values():  # ours: the configuration can hold it
        values = {**config.to_dict(), "objective": parts.objective}
        config, parts = RunConfig.from_dict(values), parts._replace(objective=None)
    if config.data.size and None in (parts.generator, parts.critic):
        with torch.device("meta"):  # refuse an impossible size before anything is packed
            config.networks.critic((config.data.channels or 3, *config.data.size))
    pack = open_pack(source, config.data.size, config.data.channels, progress)
    parts = parts.ready(pack.spec, config.networks.latent_size, config.training.seed)
    return Plan(resolved(config, pack, parts), pack, parts, Path(out or default_out(config, source.name)), why)


def default_out(config: RunConfig, data_name: str) -> Path:
    """The default directory: the same for the same command, so that the command resumes."""
    first = data_name.partition("-")[0]  # wgan-gp-toy on toy-ring8 is wgan-gp-toy-ring8
    return Path("runs") / (config.recipe.removesuffix(f"-{first}") + f"-{data_name}")


def resolved(config: RunConfig, pack: Pack, parts: Parts) -> RunConfig:
    """The configuration, completed by what the data and the passed parts decide."""
    if config.data.flip and not pack.spec.is_picture:
        raise InputError("Points have no left and right to mirror. Leave data.flip false.")
    data = {"size": pack.spec.size, "channels": pack.spec.channels}
    return config.model_copy(update={"data": config.data.model_copy(update=data), "custom": parts.signatures()})


def choose(
    data: Any, name: str | None = None, settings: Mapping[str, Any] | None = None, progress: Progress = no_progress
) -> tuple[RunConfig, Source, str | None]:
    """Choose a configuration from data, a recipe's name and settings by dotted key. Each may be None.

    Returns it with the data's source, and with why the recipe was chosen, if nobody named one.

    Raises:
        InputError: one of them is unknown or out of range, or the recipe needs data.
    """
    why, settings = None, settings or {}
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
        size = None
        match settings.get("data.size"):
            case (int(height), int(width)):  # if it is anything else, applying the settings raises
                size = height, width
        config, why = recipe_for(target_spec(survey, None, None), survey.count, size, sizes=len(survey.sizes))
    config = config.with_settings(settings)
    named = {"source": str(data) if isinstance(data, str | Path) else None}
    return config.model_copy(update={"data": config.data.model_copy(update=named)}), source, why
