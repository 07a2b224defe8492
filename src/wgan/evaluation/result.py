"""The result of an evaluation, as plain data."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from wgan.language import say
from wgan.metrics import Better, better_word
from wgan.system import html
from wgan.views import short


class Result(NamedTuple):
    """One metric's value, and what to compare it with."""

    value: float
    floor: float
    """The metric of as many training reals as there were fakes: the best that can be expected."""
    low: float | None
    high: float | None
    """A 95% interval of the value over other draws of fakes; None if it was not asked for or is not defined."""
    better: Better
    n: int
    """How many fakes were used."""


@dataclass(frozen=True)
class Evaluation:
    """Fakes compared with held-out reals, metric by metric."""

    step: int | None
    """Generator updates; None for samples without a run."""
    n: int
    """The number of fakes."""
    reference: int
    """The number of held-out reals they are compared with."""
    floor: int
    """The number of training reals in each set of which floors are computed."""
    floor_sets: int
    """The number of sets that floors are averaged over."""
    seed: int
    data: str
    seconds: float
    metrics: Mapping[str, Result]
    seen_by: Mapping[str, str]
    """What each metric saw of a sample, in words."""
    notes: tuple[str, ...] = ()
    """What to know before reading the numbers."""

    @property
    def values(self) -> dict[str, float]:
        return {name: result.value for name, result in self.metrics.items()}

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, as in evaluations.jsonl, with None for numbers that are not finite."""
        plain = asdict(self)
        plain["metrics"] = {name: _finite(result) for name, result in self.metrics.items()}
        plain["notes"] = list(self.notes)
        return plain

    @html.shown
    def _repr_html_(self) -> str:
        return evaluation_html(self)


def evaluation_html(evaluation: Evaluation) -> str:
    """A table of the values, each with its interval and its floor."""
    rows = [
        (name, _number(result.value), _interval(result), _number(result.floor), better_word(result.better))
        for name, result in evaluation.metrics.items()
    ]
    head = say("metric"), say("value"), say("95% interval"), say("floor"), say("better")
    sets = say(", the mean of {count} such sets", count=evaluation.floor_sets) if evaluation.floor_sets > 1 else ""
    floor = say(
        "floor: {count:,} real training samples in place of the fakes, the best to be expected{sets}",
        count=evaluation.floor,
        sets=sets,
    )
    notes = [say("note: {text}", text=note) for note in evaluation.notes]  # stored, so in English
    return html.block(
        html.title(say("Evaluation"), _compared(evaluation)),
        html.table(rows, head),
        *map(html.line, (floor, *notes)),
    )


def _compared(evaluation: Evaluation) -> str:
    what = say(
        "{n:,} fakes against {reference:,} held-out reals of {data}",
        n=evaluation.n,
        reference=evaluation.reference,
        data=evaluation.data,
    )
    at = [] if evaluation.step is None else [say("step {step}", step=f"{evaluation.step:,}")]
    return say(", ").join((*at, what))


def _interval(result: Result) -> str:
    if result.low is None or result.high is None:
        return ""
    return say("{low} to {high}", low=_number(result.low), high=_number(result.high))


def _number(value: float) -> str:
    return short(value) if math.isfinite(value) else say("not finite")


def _finite(result: Result) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in result._asdict().items()
    }


def evaluation_line(evaluation: Evaluation) -> str:
    """The values and their floors, on one line."""
    values = "  ".join(
        f"{name} {result.value:.4g} (floor {result.floor:.4g})" for name, result in evaluation.metrics.items()
    )
    return f"step {evaluation.step:>6} evaluated: {values}"
