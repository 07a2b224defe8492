"""What a call to train comes to: data, a recipe and settings become a configuration and a pack."""

import hashlib
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from wgan.config import RunConfig
from wgan.data import Pack, Source, open_pack, open_source, plain, target_spec
from wgan.errors import InputError
from wgan.networks.summary import count_parameters
from wgan.objectives import OBJECTIVES
from wgan.recipes import DEFAULT, recipe
from wgan.recipes.suggest import recipe_for
from wgan.types import Objective, Progress


class Parts(NamedTuple):
    """Parts passed as Python objects; None where the configuration's are used."""

    generator: nn.Module | None = None
    critic: nn.Module | None = None
    objective: Objective | None = None

    def signatures(self) -> dict[str, str]:
        """What a configuration notes of the parts that were passed: enough to tell them from others."""
        return {name: _signature(part) for name, part in self._asdict().items() if part is not None}


def _signature(part: object) -> str:
    if isinstance(part, nn.Module):
        shapes = repr([(name, tuple(value.shape)) for name, value in part.state_dict().items()])
        digest = hashlib.blake2b(shapes.encode(), digest_size=4).hexdigest()
        return f"{type(part).__name__} ({count_parameters(part):,} parameters, {digest})"
    return repr(part) if is_dataclass(part) else type(part).__name__


NO_PARTS = Parts()


class Plan(NamedTuple):
    """What a call to train comes to, before anything is written to a run directory."""

    config: RunConfig
    pack: Pack
    parts: Parts
    out: Path
    why: str | None
    """Why this recipe, if nobody named one."""


def plan(
    data: Any = None,
    *,
    recipe: str | None = None,
    parts: Parts = NO_PARTS,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = plain,
) -> Plan:
    """Choose the recipe, pack the data, resolve every setting; see `train`."""
    config, source, why = choose(data, recipe, settings, progress)
    if type(parts.objective) in OBJECTIVES.values():  # the file can hold it: it is not the user's own
        values = {**config.to_dict(), "objective": parts.objective}
        config, parts = RunConfig.from_dict(values), parts._replace(objective=None)
    if config.data.size and not (parts.generator and parts.critic):
        with torch.device("meta"):  # refuse an impossible size before anything is packed
            config.networks.critic((config.data.channels or 3, *config.data.size))
    pack = open_pack(source, config.data.size, config.data.channels, progress)
    return Plan(resolved(config, pack, parts), pack, parts, Path(out or default_out(config, source.name)), why)


def default_out(config: RunConfig, data_name: str) -> Path:
    """Where a run goes that nobody named a place for: the same for the same command, so that it resumes."""
    first = data_name.partition("-")[0]  # wgan-gp-toy on toy-ring8 is wgan-gp-toy-ring8
    return Path("runs") / (config.recipe.removesuffix(f"-{first}") + f"-{data_name}")


def resolved(config: RunConfig, pack: Pack, parts: Parts) -> RunConfig:
    """The configuration with everything filled in that the data and the passed parts decide."""
    if config.data.flip and not pack.spec.is_picture:
        raise InputError("Points have no left and right to mirror. Leave data.flip false.")
    data = {"size": pack.spec.size, "channels": pack.spec.channels}
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
        spec, size = target_spec(survey, None, None), _asked_size(settings or {})
        config, why = recipe_for(spec, survey.count, size, sizes=len(survey.sizes))
    named = str(data) if isinstance(data, str | Path) else None
    config = config.with_settings(settings or {})
    config = config.model_copy(update={"data": config.data.model_copy(update={"source": named})})
    return Choice(config, source, why)
