"""The configuration of a run: frozen, validated, and unchanged by a round trip through its file."""

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, Literal, NamedTuple

import tomli_w
from annotated_types import Le, Len
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from wgan.augmentation import AUGMENTATIONS, NoAugmentation
from wgan.data.values import Range
from wgan.diagnosis import Refusal
from wgan.errors import InputError, unknown
from wgan.metrics import known_metric
from wgan.networks import NETWORKS
from wgan.objectives import OBJECTIVES
from wgan.system.html import sections, shown
from wgan.system.validation import OneOf, complaints, dotted, toml_values
from wgan.trackers import TENSORBOARD, known_tracker
from wgan.training import NEVER, OPTIMIZERS, OptimizerSettings, Schedule, StopSettings as StopSettings
from wgan.types import Architecture, Augmentation, Count, Fraction, NonNegativeCount, Objective, Positive
from wgan.types.sample_spec import Kind


class Section(BaseModel):
    """A frozen part of the configuration that accepts no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


LARGEST = 8e37
"""Of an end of a range: float32 has its double."""


def _rising(given: Range | None) -> Range | None:
    if isinstance(given, tuple) and not (given[0] < given[1] and max(map(abs, given)) < LARGEST):
        raise ValueError("the first value has to be below the second, and both have to be numbers that float32 has")
    return given


class DataSettings(Section):
    """The data, and the form they are trained on in."""

    source: str | None = None
    """A name or a path; None if the data were passed as a Python object or have yet to be named."""
    kind: Kind | None = None
    """What the samples of an array are (points, signal, picture, volume); None takes what its shape says."""
    size: Annotated[tuple[Count, ...], Len(1, 3)] | None = None
    """(height, width) of pictures, (length,) of signals, (depth, height, width) of volumes; None takes their own."""
    channels: Count | None = None
    """Of pictures, 1 for grey, 3 for RGB, 4 for RGBA; None takes the data's own."""
    range: Annotated[Range | None, AfterValidator(_rising)] = None
    """The values, in units of the data, that networks see as -1 and 1, or "percentile"; None measures them."""
    flip: bool = False
    """Mirror each picture left to right with probability 1/2."""
    condition: tuple[str, ...] = ()
    """What comes beside the samples and the generator is asked for: NAME, or NAME:KIND (class, labels, number)."""
    holdout: Fraction = 0.1
    """The share held out of training where the data have no test split of their own."""


class TrainingSettings(Section):
    """How the run trains."""

    steps: Count
    """In total. A step is `critic_steps` updates of the critic, then `generator_steps` of the generator."""
    epochs: Annotated[Positive, Le(1e6)] | None = None
    """Passes of the critic over the training data. Where they are set, a plan makes `steps` what they come to."""
    minutes: Annotated[Positive, Le(1e6)] | None = None
    """A budget of time. Where it is set, `steps` become what fits, before the first (`experiment/minutes.py`)."""
    batch_size: Count = 64
    microbatch: Count | None = None
    """Compute batches in parts of at most so many samples, whose gradients add up; None computes them whole."""
    critic_steps: Count = 5
    """Critic updates in a step."""
    generator_steps: Count = 1
    """Generator updates in a step, each with latents of its own."""
    ema_decay: Fraction = 0.999
    """Decay of the averaged generator, which is the one that is sampled and saved."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    evaluation_fakes: bool = False
    """Put the generator in evaluation mode while it makes fakes for the critic: BatchNorm uses running statistics."""

    @property
    def images_per_step(self) -> int:
        """Real samples that the critic sees in a step."""
        return self.batch_size * self.critic_steps

    def on(self, samples: int) -> "TrainingSettings":
        """The same, with the steps that its epochs come to on so many training samples."""
        if self.epochs is None:
            return self
        steps = round(self.epochs * samples / self.images_per_step, 6)  # 0.1 times 30 is more than 3
        return self.model_copy(update={"steps": max(1, math.ceil(steps))})


class StartSettings(Section):
    """Weights to start from instead of random ones: a file, or the folder of a run."""

    generator: str | None = None
    critic: str | None = None


MetricName = Annotated[str, AfterValidator(known_metric)]
TrackerName = Annotated[str, AfterValidator(known_tracker)]


class OutputSettings(Section):
    """What the run writes, and how often, in steps."""

    log_every: Count = 50
    first_line: Count | None = None
    """The step of a first line before that: then come those of twice as many steps each. None has no such lines."""
    sample_every: Count = 100
    checkpoint_every: Count = 500
    keep_checkpoints: Count = 2
    metrics: tuple[MetricName, ...] = ()
    """Metrics of the averaged generator to measure while training; see docs/metrics.md."""
    evaluate_every: Count = 1000
    best_by: MetricName | None = None
    """A metric to measure as well: the checkpoint that is best by it is kept beside the newest."""
    rows: Count = 8
    columns: Count = 8
    """Of the grid of samples, which always shows the same latents."""
    stretch: bool = False
    """Show the darkest value of each grid as black and its brightest as white. Metrics see samples as they are."""
    frame_milliseconds: Annotated[int, Field(ge=20)] = 100
    """How long evolution.gif shows each grid."""
    track: tuple[TrackerName, ...] = (TENSORBOARD,)
    """Where else the log is shown: tensorboard, wandb, mlflow, trackio; see docs/trackers.md."""


CHOSEN = (
    "training.steps",
    "training.microbatch",
    "training.ema_decay",
    "schedule.steps",
    "output.log_every",
    "output.first_line",
    "output.sample_every",
    "output.checkpoint_every",
    "output.evaluate_every",
    "output.best_by",
)
"""Settings that a run may choose where nobody gives them. A run that resumes keeps its own unless told otherwise."""

ENGINE = ("precision", "compile", "compile_from", "graphs", "threads")
"""The settings that choose an engine. A run that resumes keeps its own unless told otherwise."""


class Due(NamedTuple):
    """What a run writes after a step."""

    line: bool
    comparison: bool
    grid: bool
    evaluation: bool
    checkpoint: bool


def _choosable(key: str) -> str:
    if key not in CHOSEN:
        raise unknown("setting that a run chooses", key, CHOSEN)
    return key


class RunConfig(Section):
    """Everything that decides what a run computes and writes."""

    recipe: str
    data: DataSettings = DataSettings()
    networks: Annotated[Architecture, OneOf(NETWORKS, "networks")]
    objective: Annotated[Objective, OneOf(OBJECTIVES, "objective")]
    generator_optimizer: Annotated[OptimizerSettings, OneOf(OPTIMIZERS, "optimizer")]
    critic_optimizer: Annotated[OptimizerSettings, OneOf(OPTIMIZERS, "optimizer")]
    augmentation: Annotated[Augmentation, OneOf(AUGMENTATIONS, "augmentation")] = NoAugmentation()
    """How samples are changed before the critic sees them."""
    training: TrainingSettings
    schedule: Schedule = Schedule()
    start: StartSettings = StartSettings()
    output: OutputSettings = OutputSettings()
    stop: StopSettings = StopSettings()
    ignore: tuple[Refusal, ...] = ()
    """Findings that do not keep the run from starting, though they normally do."""
    on_divergence: Literal["stop", "rollback"] = "stop"
    """What to do when training diverges: end, or go back to the last checkpoint and halve the learning rates."""
    rank_timeout: Count = 600
    """Seconds without an answer after which a process counts as lost, and the run ends."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    precision: Literal["auto", "fp32", "tf32", "bf16"] = "auto"
    """Of matrix products and convolutions. Of this and the four settings below, the run keeps what "auto" chose."""
    compile: Literal["auto", "on", "off"] = "auto"
    """Whether losses and their gradients are compiled to fused kernels."""
    compile_from: NonNegativeCount | None = None
    """Steps up to this one are plain, on one thread less, while another process compiles; all after it are as the other
    settings say. None is the run's start. A run writes it down before the first such step."""
    graphs: Literal["auto", "on", "off"] = "auto"
    """Whether whole steps are replayed from a CUDA graph."""
    threads: Count | None = None
    """CPU threads that compute a step; None leaves the number open."""
    custom: dict[Literal["generator", "critic", "objective"], str] = {}
    """Parts passed as Python objects, which replace what is written here, with their classes."""
    chosen: tuple[Annotated[str, AfterValidator(_choosable)], ...] = ()
    """Which of `CHOSEN` nobody gave: they follow from the minutes, from what ends the run, or from the memory."""

    @property
    def measured(self) -> tuple[str, ...]:
        """The metrics that are measured while training."""
        wanted = (*self.output.metrics, self.output.best_by, self.stop.metric)
        return tuple(dict.fromkeys(name for name in wanted if name is not None))

    def due(self, step: int, *, last: bool = True) -> Due:
        """What is due after a step. A function of the configuration, so that all processes of a run agree.

        At the last step everything is due. `last=False` ignores that, and says what a longer run would write. At first,
        grids come with lines, each after twice as many steps as the one before, until those of `sample_every` begin.
        """
        output = self.output
        if last and step == self.training.steps:
            return self.due_at_end()
        first = output.first_line or output.log_every
        return Due(
            line=step % output.log_every == 0 or (step < output.log_every and is_doubled(first, step)),
            comparison=step % comparison_spacing(step) == 0,
            grid=step % output.sample_every == 0 or (step < output.sample_every and is_doubled(first, step)),
            evaluation=bool(self.measured) and step % output.evaluate_every == 0,
            checkpoint=step % output.checkpoint_every == 0,
        )

    def due_at_end(self) -> Due:
        """What is due where a run ends."""
        return Due(line=True, comparison=True, grid=True, evaluation=bool(self.measured), checkpoint=True)

    def may_stop(self, step: int) -> bool:
        """Whether a run may end early after a step. Like `due`, a function of the configuration."""
        return step < self.training.steps and (self.may_be_stopped(step) or self.may_run_out(step))

    def may_be_stopped(self, step: int) -> bool:
        """Whether what `stop` watches may end the run after a step."""
        due = self.due(step, last=False)
        return self.stop.by != NEVER and (due.comparison if self.stop.metric is None else due.evaluation)

    def may_run_out(self, step: int) -> bool:
        """Whether the run's minutes may end it after a step: where there is a line."""
        return self.training.minutes is not None and self.due(step, last=False).line

    def choosing(self, values: Mapping[str, Any]) -> "RunConfig":
        """A copy with values of `CHOSEN` that nobody gave, by dotted key; and with a length that a run keeps."""
        nested = self.model_dump(mode="json") | {"chosen": sorted({*self.chosen, *values} - {*LENGTHS[1:]})}
        for key, value in values.items():
            nested = self._replaced(nested, key, value)
        return self.from_dict(nested)

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, without the keys whose value is None."""
        return self.model_dump(mode="json", exclude_none=True)

    def to_toml(self) -> str:
        """The text of a configuration file."""
        return tomli_w.dumps(self.to_dict())

    @shown
    def _repr_html_(self) -> str:
        return sections(self.to_dict())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunConfig":
        """Validate nested plain values.

        Raises:
            InputError: a name, type or range is wrong. Lists all of them.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError(complaints(error)) from error

    @classmethod
    def from_toml(cls, text: str) -> "RunConfig":
        """Read the text of a configuration file."""
        return cls.from_dict(toml_values(text, "The config"))

    def with_settings(self, settings: Mapping[str, Any]) -> "RunConfig":
        """A copy with some values replaced, by dotted key: `{"training.steps": 100}`.

        A new `name` for the networks, the objective or an optimiser brings its defaults along, and what was set before
        of a part of another name, and the new one does not have, no longer counts. Steps and minutes end the rule of
        epochs.

        Raises:
            InputError: a key or value will not do, or two of steps, epochs and minutes are given.
        """
        lengths = [key for key in LENGTHS if settings.get(key) is not None]
        if len(lengths) > 1:
            first, second = (key.partition(".")[2] for key in lengths[:2])
            raise InputError(f"Give the {first} or the {second} of a run, not both: each decides the other.")
        if lengths:
            settings = {**settings, **{key: None for key in LENGTHS[1:] if key not in lengths}}
        values = self.model_dump(mode="json")
        names = {key: value for key, value in settings.items() if "." not in key or key.endswith(".name")}
        for key, value in names.items():  # first, so that settings of a newly named part find its keys
            values = RunConfig.from_dict(self._replaced(values, key, value)).model_dump(mode="json")
        order = list(settings)
        renamed = {name.partition(".")[0]: order.index(name) for name in names}
        for place, (key, value) in enumerate(settings.items()):
            superseded = (
                place < renamed.get(key.partition(".")[0], 0) and key not in dotted(values) and _parts_with(key)
            )
            if key not in names and not superseded:
                values = self._replaced(values, key, value)
        return self.from_dict(values)

    def _replaced(self, values: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
        section, _, name = key.partition(".")
        known = sorted({*dotted(values), *_SECTIONS} - NOT_SETTINGS)
        if key not in known and (having := _parts_with(key)):
            raise _of_another(key, having, values[section]["name"])
        if key not in known:
            raise unknown("setting", key, known, most=len(known))  # the whole list, whatever a pair adds
        if key in _SECTIONS or not name:
            return {**values, section: value}
        if isinstance(value, str) and isinstance(values[section].get(name), list):
            value = [value]  # one of what may be several: objective.at=real
        return {**values, section: {"name": value} if name == "name" else {**values[section], name: value}}


def is_doubled(first: int, step: int) -> bool:
    """Whether a step is one of first, 2 first, 4 first, 8 first..."""
    times, rest = divmod(step, first)
    return rest == 0 and times > 0 and times & (times - 1) == 0


def comparison_spacing(step: int) -> int:
    """How many steps lie between comparisons with held-out reals: four comparisons each time a run doubles in length.

    So the last half of a run always holds some, however long it is, and what they cost stays a small share.
    """
    return max(64, (1 << step.bit_length()) // 8)


def _parts_with(key: str) -> list[str]:
    """The parts of this section that have such a setting: network pairs, objectives, optimisers or augmentations."""
    section, _, name = key.partition(".")
    return [part for part, kind in _SECTIONS.get(section, {}).items() if name in {field.name for field in fields(kind)}]


def _of_another(key: str, having: Sequence[str], chosen: str) -> InputError:
    """The error for a setting that other parts of its section have than the one that is chosen."""
    section, several = key.partition(".")[0], len(having) > 1
    names = f"{', '.join(having[:-1])} and {having[-1]}" if several else having[0]
    name = "NAME for one of these" if several else having[0]
    return InputError(f"{key} is a setting of {names}, not of {chosen}: add --set {section}={name}, or leave it out.")


_SECTIONS: dict[str, Mapping[str, Any]] = {
    "networks": NETWORKS,
    "objective": OBJECTIVES,
    "generator_optimizer": OPTIMIZERS,
    "critic_optimizer": OPTIMIZERS,
    "augmentation": AUGMENTATIONS,
}
"""Sections that may be set by a name alone: `objective=wgan` is `objective.name=wgan`."""

LENGTHS = ("training.steps", "training.epochs", "training.minutes")
"""How long a run is, in three ways."""

NOT_SETTINGS = {"recipe", "chosen", "data.source", "custom", "custom.generator", "custom.critic", "custom.objective"}
"""Keys that follow from other arguments and cannot be set."""


def parse_setting(text: str) -> tuple[str, Any]:
    """Split `key=value`. The value is read as TOML, or as a string if it is not TOML."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"'{text}' is not a setting. Write --set key=value, for example --set training.batch_size=32.")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):  # no TOML, a number of too many digits, brackets without end
        return key.strip(), value.strip()


def parse_settings(texts: Iterable[str]) -> dict[str, Any]:
    """Several of them, each in its last place, since a part's name counts for what follows it."""
    settings: dict[str, Any] = {}
    for key, value in map(parse_setting, texts):
        settings.pop(key, None)
        settings[key] = value
    return settings


def differences(old: RunConfig, new: RunConfig) -> dict[str, tuple[Any, Any]]:
    """The dotted keys in which two configurations differ, with both values."""
    before, after = dotted(old.to_dict()), dotted(new.to_dict())
    return {key: (before.get(key), after.get(key)) for key in before | after if before.get(key) != after.get(key)}
