"""The configuration of a run: frozen, validated, and the same after a round trip through its file."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal, NamedTuple

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from wgan.diagnosis import Refusal
from wgan.errors import InputError, unknown
from wgan.metrics import known_metric
from wgan.networks import NETWORKS
from wgan.objectives import OBJECTIVES
from wgan.system.validation import OneOf, complaints, dotted, toml_values
from wgan.training import OPTIMIZERS, OptimizerSettings, Schedule
from wgan.types import Architecture, Count, Fraction, Objective


class Section(BaseModel):
    """A frozen part of the configuration that knows all of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class DataSettings(Section):
    """What is trained on, and in which form."""

    source: str | None = None
    """A name, a path, or None when data were passed as a Python object or must be given."""
    size: tuple[Count, Count] | None = None
    """(height, width); None takes the data's own."""
    channels: Literal[1, 3, 4] | None = None
    """1 grey, 3 RGB, 4 RGB and opacity; None takes the data's own."""
    flip: bool = False
    """Mirror each picture left to right with probability one half."""
    holdout: Fraction = 0.1
    """The share kept from training, to compare with, where the data have no test split of their own."""


class TrainingSettings(Section):
    """How long, how fast, from which seed."""

    steps: Count
    """Generator updates in all."""
    batch_size: Count = 64
    critic_steps: Count = 5
    """Critic updates for each generator update."""
    ema_decay: Fraction = 0.999
    """Memory of the averaged generator, which is the one that is sampled and kept."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    evaluation_fakes: bool = False
    """Make the critic's fakes with the generator in evaluation mode: BatchNorm by its running statistics."""

    @property
    def images_per_step(self) -> int:
        """Real samples that the critic sees for each generator step."""
        return self.batch_size * self.critic_steps


class StartSettings(Section):
    """Weights to begin with instead of random ones: a file, or the folder of a run."""

    generator: str | None = None
    critic: str | None = None


MetricName = Annotated[str, AfterValidator(known_metric)]


class OutputSettings(Section):
    """When the run writes what. All in generator steps."""

    log_every: Count = 50
    sample_every: Count = 100
    checkpoint_every: Count = 500
    keep_checkpoints: Count = 2
    metrics: tuple[MetricName, ...] = ()
    """What to measure of the averaged generator while training, see docs/metrics.md; nothing if empty."""
    evaluate_every: Count = 1000
    best_by: MetricName | None = None
    """A metric to measure too: the generator that is best by it is kept beside the newest."""
    rows: Count = 8
    columns: Count = 8
    """The grid of samples: always of the same latents."""
    frame_milliseconds: Annotated[int, Field(ge=20)] = 100
    """How long each grid stands in evolution.gif."""


ENGINE = ("precision", "compile", "graphs", "threads")
"""The settings of an engine: a run goes on with those it has, unless it is told otherwise."""


class Due(NamedTuple):
    """What is written after a step."""

    line: bool
    grid: bool
    evaluation: bool
    checkpoint: bool


class RunConfig(Section):
    """Everything that decides what a run computes and writes."""

    recipe: str
    data: DataSettings = DataSettings()
    networks: Annotated[Architecture, OneOf(NETWORKS, "networks")]
    objective: Annotated[Objective, OneOf(OBJECTIVES, "objective")]
    generator_optimizer: Annotated[OptimizerSettings, OneOf(OPTIMIZERS, "optimizer")]
    critic_optimizer: Annotated[OptimizerSettings, OneOf(OPTIMIZERS, "optimizer")]
    training: TrainingSettings
    schedule: Schedule = Schedule()
    start: StartSettings = StartSettings()
    output: OutputSettings = OutputSettings()
    ignore: tuple[Refusal, ...] = ()
    """Findings that would keep the run from starting, and should not."""
    on_divergence: Literal["stop", "rollback"] = "stop"
    """When numbers leave every bound: end, or go on from the last checkpoint with half the learning rates."""
    rank_timeout: Count = 600
    """Seconds after which, of several processes, one that does not answer ends the run."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "tf32", "bf16"] = "auto"
    """Of matrix products and convolutions; what "auto" chose stands here afterwards, for all four."""
    compile: Literal["auto", "on", "off"] = "auto"
    """Whether losses and their gradients are compiled to fused kernels."""
    graphs: Literal["auto", "on", "off"] = "auto"
    """Whether whole steps are replayed from a CUDA graph."""
    threads: Count | None = None
    """Of the processor, that compute a step; None leaves it open."""
    custom: dict[Literal["generator", "critic", "objective"], str] = {}
    """Parts that were passed as Python objects and stand in place of what is written here, with their classes."""

    def due(self, step: int, *, last: bool = True) -> Due:
        """What is due after a step: a function of the configuration, so that all processes of a run agree.

        At the last step everything is. With `last` False, that is left out: what a longer run would write there.
        """
        output, at_end = self.output, last and step == self.training.steps
        return Due(
            line=at_end or step % output.log_every == 0,
            grid=at_end or step % output.sample_every == 0,
            evaluation=bool(output.metrics or output.best_by) and (at_end or step % output.evaluate_every == 0),
            checkpoint=at_end or step % output.checkpoint_every == 0,
        )

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, without those that are None."""
        return self.model_dump(mode="json", exclude_none=True)

    def to_toml(self) -> str:
        """The text of a config file."""
        return tomli_w.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunConfig":
        """Validate nested plain values.

        Raises:
            InputError: a name, type or range is wrong; says which, for each.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError(complaints(error)) from error

    @classmethod
    def from_toml(cls, text: str) -> "RunConfig":
        """Read the text of a config file."""
        return cls.from_dict(toml_values(text, "The config"))

    def with_settings(self, settings: Mapping[str, Any]) -> "RunConfig":
        """A copy with values replaced, given by dotted key: `{"training.steps": 100}`.

        Choosing another `name` for the networks, the objective or an optimiser brings that one's defaults.
        """
        values = self.to_dict()
        names = {key: value for key, value in settings.items() if "." not in key or key.endswith(".name")}
        for key, value in names.items():  # first, so that settings of a newly named part find its keys
            values = RunConfig.from_dict(self._replaced(values, key, value)).to_dict()
        for key, value in settings.items():
            values = values if key in names else self._replaced(values, key, value)
        return self.from_dict(values)

    def _replaced(self, values: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
        section, _, name = key.partition(".")
        known = [*setting_names(values), *_SECTIONS]
        if key not in known:
            raise unknown("setting", key, known)
        if key in _SECTIONS or not name:
            return {**values, section: value}
        if isinstance(value, str) and isinstance((values[section] or {}).get(name), list):
            value = [value]  # one of what may be several: objective.at=real
        return {**values, section: {"name": value} if name == "name" else {**values[section], name: value}}


_SECTIONS = ("networks", "objective", "generator_optimizer", "critic_optimizer")
"""Sections that may be set by a name alone: `objective=wgan` is `objective.name=wgan`."""

NOT_SETTINGS = {"recipe", "custom", "data.source"}
"""What a configuration notes but nobody sets by key: it follows from the other arguments."""


def setting_names(values: Mapping[str, Any]) -> list[str]:
    """All dotted keys that may be set in a configuration with these values, those that are None included."""
    optional = [f"data.{name}" for name in DataSettings.model_fields]
    optional += [f"start.{name}" for name in StartSettings.model_fields] + ["output.best_by", "threads"]
    optional += [f"schedule.{field.name}" for field in fields(Schedule)]
    nested = [f"{s}.{k}" for s, part in values.items() if isinstance(part, dict) for k in part]
    plain = [key for key, value in values.items() if not isinstance(value, dict)]
    return sorted({*plain, *nested, *optional} - NOT_SETTINGS)


def parse_setting(text: str) -> tuple[str, Any]:
    """Split `key=value` as given on the command line; the value is read as TOML, or as a string if it is none."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"'{text}' is no setting. Write --set key=value, for example --set training.batch_size=32.")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):  # no TOML, a number of too many digits, brackets without end
        return key.strip(), value.strip()


def differences(old: RunConfig, new: RunConfig) -> dict[str, tuple[Any, Any]]:
    """The dotted keys in which two configurations differ, with both values."""
    before, after = dotted(old.to_dict()), dotted(new.to_dict())
    keys = [*before, *(key for key in after if key not in before)]
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
