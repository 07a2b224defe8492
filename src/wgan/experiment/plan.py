"""The plan of a run: data, a recipe and settings become a configuration and a pack."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from wgan.augmentation import augmentation_name
from wgan.config import DataSettings, RunConfig
from wgan.data import Beside, Pack, Source, find_pack, no_progress, open_pack, open_source, target_spec
from wgan.errors import InputError
from wgan.experiment.chosen import for_stopping, kept_settings
from wgan.experiment.memory import check_memory
from wgan.experiment.parts import Parts
from wgan.experiment.tracked import destinations
from wgan.objectives import OBJECTIVES, axes
from wgan.recipes import DEFAULT, recipe
from wgan.recipes.suggest import Reasons, augmentation_for, recipe_for
from wgan.runs import Run
from wgan.runs.ownership import refuse_place
from wgan.training import choose_device, is_follower
from wgan.types import Objective, Progress, SampleSpec
from wgan.types.sample_spec import AXES, Kind

NO_PARTS = Parts()
AMBIGUOUS: dict[int, tuple[Kind, ...]] = {2: ("points", "signal"), 4: ("picture", "volume")}
"""What arrays of so many axes can be."""
LONGEST = 40
"""So many characters of a default directory say what is asked for."""


@dataclass(frozen=True)
class Plan:
    """What would be trained. Nothing has been written to a run directory yet."""

    config: RunConfig
    pack: Pack
    parts: Parts = NO_PARTS
    out: Path = Path()
    why: Reasons = ()
    """Why this recipe was chosen, if nobody named one."""
    given: frozenset[str] = frozenset()
    """The dotted keys of the settings that the user gave."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What the run that is there chose for itself, as far as this command leaves it open."""
    tracked: Mapping[str, str] = field(default_factory=dict)
    """Where each tracker puts the run, in words: all but TensorBoard."""

    def keeping(self, kept: Mapping[str, Any]) -> "Plan":
        """The same, with what the first process of a run found that it keeps."""
        return self if kept == self.kept else replace(self, config=self.config.choosing(kept), kept=kept)

    @property
    def is_open(self) -> bool:
        """Whether how many steps the run's minutes are has yet to be measured."""
        return self.config.training.minutes is not None and "training.steps" not in self.kept

    @cached_property
    def run(self) -> Run:
        """The run, which may not be there yet."""
        return Run(self.out, self.parts.generator)

    def refuse_place(self, *, fresh: bool) -> None:
        """Raise an InputError if the run's directory is in use, or holds something else."""
        refuse_place(self.run, self.config, self.pack, fresh=fresh)

    @property
    def objective(self) -> Objective:
        """The one that was passed, or the configuration's."""
        return self.config.objective if self.parts.objective is None else self.parts.objective

    @cached_property
    def train_count(self) -> int:
        return self.pack.train_count(self.config.data.holdout)

    @property
    def epochs(self) -> float:
        """Passes of the critic over the training data in the whole run."""
        training = self.config.training
        return training.steps * training.images_per_step / self.train_count


def plan(
    data: Any = None,
    *,
    recipe: str | None = None,
    parts: Parts = NO_PARTS,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    beside: Sequence[Beside] = (),
    fresh: bool = False,
    progress: Progress = no_progress,
) -> Plan:
    """Choose the recipe, pack the data and resolve every setting. The arguments are those of `train`.

    Columns `beside` the samples are added to what comes with the data, and asked for unless a setting says otherwise.
    """
    settings = asking_for(beside, settings or {})
    if latents := settings.get("networks.latent_size"):  # what a passed generator makes says what the data are
        kind = parts.kind(latents)
        settings = {"data.kind": kind, **settings} if kind in AMBIGUOUS.get(getattr(data, "ndim", 0), ()) else settings
    config, source, why = choose(data, recipe, settings, progress, beside)
    if type(parts.objective) in OBJECTIVES.values():  # ours: the configuration can hold it
        values = {**config.to_dict(), "objective": parts.objective}
        config, parts = RunConfig.from_dict(values), parts._replace(objective=None)
    place = Path(out or default_out(config, source.name))
    tracked = {} if is_follower() else destinations(config.output.track, place)
    if config.data.size and None in (parts.generator, parts.critic):
        # Refuse an impossible size before anything is packed.
        check_memory(config, (config.data.channels or 1, *config.data.size), parts, config.device)
    pack = _drawn_before(source, config.data, Run(place)) if source.redraws and not fresh else None
    if pack is None:
        pack = open_pack(source, config.data.size, config.data.channels, progress, range=config.data.range)
    pack = pack.with_condition(config.data.condition)
    if not fresh and config.data.range is None:
        pack = _seen_before(pack, Run(place))
    parts = parts.ready(pack.spec, config.networks.latent_size, config.training.seed)
    given = frozenset(key for key, value in settings.items() if value is not None)
    config = for_stopping(resolved(config, pack, parts), given)
    kept = {} if fresh else kept_settings(config, Run(place), given)
    return Plan(config.choosing(kept) if kept else config, pack, parts, place, why, given, kept, tracked)


def _seen_before(pack: Pack, run: Run) -> Pack:
    """The same samples as a run that was begun on them sees them: a rule of another version is not asked again."""
    try:
        same = run.provenance.data_digest == pack.contents.digest and _alike(run.spec, pack.spec)
        return pack.seen_as(run.spec) if same else pack
    except InputError:  # there is no run yet
        return pack


def _alike(one: SampleSpec, other: SampleSpec) -> bool:
    """Whether their generators are asked for the same."""
    return (one.condition and one.condition.names) == (other.condition and other.condition.names)


def _drawn_before(source: Source, data: DataSettings, run: Run) -> Pack | None:
    """The samples that a run was trained on, for a source that would draw others and is like them in all else."""
    try:
        pack = find_pack(run.provenance.data_digest, run.spec.condition)
    except InputError:  # there is no run yet
        return None
    survey = source.survey()
    if pack is None or (pack.contents.name, len(pack)) != (source.name, survey.count):
        return None
    same = pack.spec.shape == target_spec(survey, data.size, data.channels).shape
    return pack.with_range(data.range) if same else None


def default_out(config: RunConfig, data_name: str) -> Path:
    """The default directory: the same for the same command, so that the command resumes."""
    first = data_name.partition("-")[0]  # wgan-gp-toy on toy-ring8 is wgan-gp-toy-ring8
    parts = [re.sub(r"[^\w.]+", "-", name.partition(":")[0]) for name in config.data.condition]
    asked = [f"by-{'-'.join(parts)}"[:LONGEST].rstrip("-. ")] if parts else []
    return Path("runs") / "-".join([config.recipe.removesuffix(f"-{first}"), data_name, *asked])


def resolved(config: RunConfig, pack: Pack, parts: Parts) -> RunConfig:
    """The configuration, completed by what the data and the passed parts decide."""
    if config.data.flip and not pack.spec.is_picture:
        raise InputError("Only pictures have a left and a right to mirror. Leave data.flip false.")
    if config.data.size and not pack.spec.is_spatial:
        raise InputError("Points have no size. Leave data.size out.")
    if config.augmentation.changes and not pack.spec.is_spatial:
        raise InputError("Points cannot be shifted or cut: leave the augmentation out (--augment none).")
    if config.augmentation.adapts and not len(pack.split(config.data.holdout)[1]):
        raise InputError(
            "ada follows how the critic scores samples that it never saw, and none are held out: set data.holdout to "
            "0.1, or use --augment diffaugment."
        )
    game = axes(config.objective) if parts.objective is None else None
    if config.training.microbatch is not None and game is not None and game.reduction == "sum":
        raise InputError("A loss that is a sum cannot be computed in parts: set objective.reduction=mean.")
    data: dict[str, Any] = {"size": pack.spec.size, "channels": pack.spec.channels}
    if config.data.range is not None:
        data["range"] = (pack.spec.low, pack.spec.high)
    changed = {
        "data": config.data.model_copy(update=data),
        "training": config.training.on(pack.train_count(config.data.holdout)),
        "custom": parts.signatures(),
    }
    return config.model_copy(update=changed)


def kind_in(settings: Mapping[str, Any]) -> Kind | None:
    """The kind of samples that settings name. If they name none that there is, applying them raises."""
    named = settings.get("data.kind")
    return named if named in AXES else None


def as_size(given: Any, sides: int) -> tuple[int, ...] | None:
    """A size from the settings, in which one number stands for every side; None for what is no size."""
    if not isinstance(given, list | tuple) or not all(type(side) is int for side in given):
        return None
    return tuple(given) * sides if len(given) == 1 and sides else tuple(given)


def _names(given: Any) -> tuple[str, ...]:
    """The columns that a setting names. If it cannot be used, applying it raises."""
    several = (given,) if isinstance(given, str) else given
    return tuple(several) if isinstance(several, list | tuple) and all(isinstance(n, str) for n in several) else ()


def asking_for(beside: Sequence[Beside], settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings, with the columns that come beside the data as conditions, unless one names others."""
    return {"data.condition": tuple(column.name for column in beside), **settings} if beside else settings


def kind_of_device(settings: Mapping[str, Any]) -> str:
    """The device that settings name; for "auto", what this machine has."""
    named = str(settings.get("device") or "auto")
    return choose_device(named).type if named == "auto" else named


def _augmentation(config: RunConfig, source: Source, settings: Mapping[str, Any], progress: Progress) -> str:
    """What suits the data at the size that a named recipe, or a setting, gives them."""
    size = as_size(settings.get("data.size"), 0) or config.data.size
    survey = source.survey(progress)
    return augmentation_for(survey, target_spec(survey, size, config.data.channels))


def choose(
    data: Any,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = no_progress,
    beside: Sequence[Beside] = (),
) -> tuple[RunConfig, Source, Reasons]:
    """Choose a configuration from data, a recipe's name and settings by dotted key. Each may be None.

    Returns it with the data's source, and with why the recipe was chosen: nothing if somebody named one.

    Raises:
        InputError: one of them is unknown or out of range, or the recipe needs data.
    """
    why: Reasons = ()
    settings = settings or {}
    if name is None and data is None:
        name = DEFAULT
    if name is not None:
        config = recipe(name)
        if size := as_size(settings.get("data.size"), len(config.data.size or ())):
            settings = {**settings, "data.size": size}
        data = config.data.source if data is None else data
        if data is None:
            raise InputError(f"The recipe {name} needs pictures: wgan train FOLDER --recipe {name}.")
        asked = settings.get("data.condition", config.data.condition)
        source = open_source(data, kind_in(settings) or config.data.kind, _names(asked), beside)
    else:
        source = open_source(data, kind_in(settings), _names(settings.get("data.condition")), beside)
        survey, given = source.survey(progress), settings.get("data.size")
        size = as_size(given, len(next(iter(survey.sizes), ())))
        config, why = recipe_for(survey, size, kind_of_device(settings))
        settings = {**settings, "data.size": size} if size else settings
    if (asked := settings.get("augmentation")) in (None, "auto"):
        own = augmentation_name(config.augmentation)
        chosen = _augmentation(config, source, settings, progress) if asked and name else own
        unseen = settings.get("data.holdout", config.data.holdout) == 0  # nothing to adapt to
        settings = {**settings, "augmentation": "diffaugment" if chosen == "ada" and unseen else chosen}
        if asked and chosen == "none" and (extra := [key for key in settings if key.startswith("augmentation.")]):
            raise InputError(
                f"auto chose no augmentation for these data, so there is no {extra[0]}. Name one: --augment ada."
            )
    config = config.with_settings(settings)
    named = {"source": str(data) if isinstance(data, str | Path) else None}
    return config.model_copy(update={"data": config.data.model_copy(update=named)}), source, why
