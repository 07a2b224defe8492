"""The model card of a generator: what it is, how good it is, what it was made from, and how to use it. In English."""

import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import jinja2

from wgan.errors import InputError
from wgan.language import using
from wgan.runs import Run
from wgan.runs.doctor import diagnose
from wgan.share.command import train_command
from wgan.share.markdown import environment
from wgan.system.own_code import is_own
from wgan.types.condition import Part, in_short
from wgan.views import short

TEMPLATES = Path(__file__).parent / "templates"
NAMES = 50
"""Classes or labels that the card lists."""
RECENT = 5
"""Lines of the log whose mean is a share."""


@dataclass(frozen=True)
class Card:
    """What the card says that the run does not know."""

    data_name: str
    data_source: str | None
    """Where the data are, if everybody can have them there."""
    step: int
    license: str | None = None
    repository: str | None = None
    """On the hub, `owner/name`."""
    onnx: bool = False
    """Whether the folder holds the generator as ONNX too."""


class Measure(NamedTuple):
    """A line of the table of metrics, in words."""

    name: str
    value: str
    interval: str
    floor: str
    better: str
    fakes: str


class Measured(NamedTuple):
    """What was measured of the exported generator, and on what."""

    step: int
    measures: tuple[Measure, ...]
    reals: int
    held_out: bool
    while_training: bool
    notes: tuple[str, ...] = ()


def card_of(run: Run, card: Card) -> str:
    """The text of README.md, with its front matter. Everything that comes from data or from users is escaped."""
    config, spec, custom = run.config, run.spec, run.config.custom
    parts = () if spec.condition is None else spec.condition.parts
    own = {part: told.partition("(")[0].strip() for part, told in custom.items()}
    place = f"hf:{card.repository}" if card.repository else "."
    generator = own.get("generator")  # of a downloaded run, it may be any text
    generator = generator if generator is None or generator.isidentifier() else "GENERATOR"
    sample, call = _uses(place, parts, generator)
    return str(
        _template().render(
            card=card,
            place=place,
            config=config,
            title=card.repository.partition("/")[2] if card.repository else f"A generator of {spec}",
            objective=own.get("objective") or config.to_dict()["objective"]["name"],
            own=own,
            own_generator=generator,
            spec=spec,
            unit=_unit(run),
            parts=[(in_short(part), part.names[:NAMES], max(0, len(part.names) - NAMES)) for part in parts],
            sample=sample,
            call=call,
            asked=_asked(parts),
            provenance=run.provenance,
            verdict=_verdict(run),
            measured=measured(run, card.step),
            memorised=_memorised(run, card.step),
            command=train_command(config, card.data_source),
            tags=_tags(run),
        )
    )


@cache
def _template() -> jinja2.Template:
    return environment(jinja2.FileSystemLoader(TEMPLATES)).get_template("card.md")


def _tags(run: Run) -> list[str]:
    tags = ["wgan", "gan", run.spec.kind]
    tags += [] if "objective" in run.config.custom else [run.config.to_dict()["objective"]["name"]]
    return tags + (["conditional"] if run.spec.condition else [])


def _unit(run: Run) -> str:
    """In which values samples come."""
    spec = run.spec
    if not spec.is_spatial:
        return "in the units of the data"
    return "with values in [-1, 1]" if spec.low is None else f"with values in [-1, 1] for {spec.low:g} to {spec.high:g}"


def _uses(place: str, parts: tuple[Part, ...], generator: str | None) -> tuple[str, str]:
    """How samples are made: a command, and the arguments of `Run.sample`."""
    words, arguments = ["wgan", "sample", place, "-n", "64"], "16, seed=1"
    if parts:
        part = parts[0]
        value: Any = float(f"{part.typical:.6g}") if part.kind == "number" else part.names[0]
        words += ["--condition", f"{part.name}={value}"]
        arguments += f", condition={{{part.name!r}: {value!r}}}"
    if generator:
        words += ["--networks", f"MODULE:{generator}"]
    return shlex.join(words), arguments


def _asked(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    """For each further input of the model of ONNX, its entry in Python and what its values mean."""
    made = []
    for part in parts:
        if part.kind == "class":
            array, told = "np.zeros(16, np.int64)", f"places in the list of {len(part.names):,} classes, from 0 on"
        elif part.kind == "labels":
            array, told = f"np.zeros((16, {len(part.names)}), np.float32)", "1 for each label that applies, 0 for none"
        else:
            array, told = f"np.full(16, {part.typical:.6g}, np.float64)", f"from {part.low:.6g} to {part.high:.6g}"
        made.append((f"{f'condition/{part.name}'!r}: {array},", told))
    return made


def _verdict(run: Run) -> dict[str, Any] | None:
    """What the doctor says of the run; None where there is no log."""
    try:
        with using("en"):
            found = diagnose(run)
            return {
                "word": found.verdict.value,
                "why": found.summary,
                "step": found.step,
                "findings": [(one.severity.value, one.code, one.evidence) for one in found.findings],
            }
    except InputError:
        return None


def measured(run: Run, step: int) -> Measured | None:
    """The newest evaluation of this step, or else the newest comparison up to it; None without either."""
    rows = [row for row in run.evaluations() if row["step"] == step]
    known = {name: (found, row.get("n")) for row in rows for name, found in row["metrics"].items() if not is_own(name)}
    if known:  # by metrics that others have too
        newest, measures = rows[-1], tuple(_measure(name, *found) for name, found in known.items())
        notes = tuple(note for note in newest.get("notes", []) if isinstance(note, str) and note)
        trained = bool(newest.get("while_training"))
        return Measured(step, measures, _count(newest.get("reference")), True, trained, notes)
    if rows := [row for row in run.comparisons() if row["step"] <= step and row["metrics"]]:
        newest = rows[-1]
        measures = tuple(_measure(name, found, newest.get("fakes")) for name, found in newest["metrics"].items())
        return Measured(newest["step"], measures, _count(newest.get("reals")), bool(newest.get("held_out")), True)
    return None


def _measure(name: str, found: dict[str, Any], fakes: object) -> Measure:
    low, high = found.get("low"), found.get("high")
    interval = "" if low is None or high is None else f"{short(low)} to {short(high)}"
    fakes = found.get("n", fakes)
    return Measure(
        name,
        _number(found.get("value")),
        interval,
        _number(found.get("floor")),
        str(found.get("better", "")),
        f"{_count(fakes):,}",
    )


def _number(value: float | None) -> str:
    return "not finite" if value is None else short(value)


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _memorised(run: Run, step: int) -> tuple[float, int] | None:
    """The share of samples that copy training samples, as the log up to this step has it, and its last step."""
    rows = [row for row in run.metrics() if row["step"] <= step and "memorised" in row][-RECENT:]
    return (fmean(row["memorised"] for row in rows), rows[-1]["step"]) if rows else None
