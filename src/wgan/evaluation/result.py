"""What an evaluation found, as plain data."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from wgan.metrics import Better


class Result(NamedTuple):
    """One metric: its value, and what to read it by."""

    value: float
    floor: float
    """The same metric for real training samples, as many as there were fakes: the best that can be expected."""
    low: float | None
    high: float | None
    """A 95% interval of the value over other draws of fakes; None where it was not asked for, or cannot be had."""
    better: Better
    n: int
    """How many fakes went into it."""


@dataclass(frozen=True)
class Evaluation:
    """Fakes against held-out reals."""

    step: int | None
    """Generator updates; None where samples and no run were judged."""
    n: int
    """Fakes."""
    reference: int
    """Held-out reals that they are compared with."""
    floor: int
    """Training reals in each of the sets that the floors are made of."""
    floor_sets: int
    """How many such sets the floors are the mean of."""
    seed: int
    data: str
    seconds: float
    metrics: Mapping[str, Result]
    seen_by: Mapping[str, str]
    """For each metric, what it saw of a sample, in words."""
    notes: tuple[str, ...] = ()
    """What to know before reading the numbers."""

    @property
    def values(self) -> dict[str, float]:
        """The metrics alone."""
        return {name: result.value for name, result in self.metrics.items()}

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, as in evaluations.jsonl; None for numbers that are not finite, which JSON has not."""
        plain = asdict(self)
        plain["metrics"] = {name: _finite(result) for name, result in self.metrics.items()}
        plain["notes"] = list(self.notes)
        return plain


def _finite(result: Result) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in result._asdict().items()
    }


def evaluation_line(evaluation: Evaluation) -> str:
    """Its values with their floors, on a line."""
    values = "  ".join(
        f"{name} {result.value:.4g} (floor {result.floor:.4g})" for name, result in evaluation.metrics.items()
    )
    return f"step {evaluation.step:>6} evaluated: {values}"
