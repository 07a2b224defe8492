"""Validating the lines of a run's files, which may be damaged: their readers rely on their form."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from wgan.diagnosis import MINUTES

Row = dict[str, Any]
LARGEST = 2**63
COUNTS = ("reals", "reference", "fakes", "n")
"""How many samples an evaluation or a comparison has."""


def metric_rows(rows: Iterable[Row]) -> list[Row]:
    """Lines of metrics.jsonl that have a step: their numbers, and `layers`, numbers by network and weight."""
    return [_numbers(row) | _layers(row) for row in rows if _at_step(row)]


def evaluation_rows(rows: Iterable[Row]) -> list[Row]:
    """Lines of evaluations.jsonl or comparisons.jsonl, with a step. A value that is no finite number becomes None."""
    return [_evaluation(row) for row in rows if _at_step(row)]


def rollback_rows(rows: Iterable[Row]) -> list[Row]:
    """Lines of rollbacks.jsonl that say from which step, to which step, and why."""
    return [row for row in rows if failure_row(row) and _at_step({"step": row.get("to")}) and _finite(row.get("rates"))]


def failure_row(found: object) -> Row | None:
    """What ended a run, if it says what and at which step."""
    return found if isinstance(found, dict) and _at_step(found) and isinstance(found.get("what"), str) else None


def stopped_row(found: object) -> Row | None:
    """What ended a run before its last step: the `step`, `by` what, with which `window`, and `since` which step.

    Of one that ran out of time, which `minutes` it had, and after how many `seconds` of training.
    """
    if not isinstance(found, dict) or not isinstance(found.get("by"), str):
        return None
    if found["by"] == MINUTES:
        numbers = all(_finite(found.get(key)) is not None for key in ("minutes", "seconds"))
        return (
            {key: found[key] for key in ("step", "by", "minutes", "seconds")} if _at_step(found) and numbers else None
        )
    whole = all(_at_step({"step": found.get(key)}) for key in ("step", "window", "since"))
    return {key: found[key] for key in ("step", "by", "window", "since")} if whole else None


def _layers(row: Row) -> Row:
    if "layers" not in row:
        return {}
    networks = row["layers"].items() if isinstance(row["layers"], dict) else ()
    return {"layers": {network: _numbers(norms) for network, norms in networks if isinstance(norms, dict)}}


def _evaluation(row: Row) -> Row:
    """What readers iterate over must have its type; the rest is only shown."""
    forms: dict[str, Any] = {"metrics": dict, "seen_by": dict, "notes": list}
    kept = {key: value for key, value in row.items() if isinstance(value, forms.get(key, object))}
    kept = {key: value for key, value in kept.items() if key not in COUNTS or _is_count(value)}
    if "seen_by" in kept:
        kept["seen_by"] = {name: told for name, told in kept["seen_by"].items() if isinstance(told, str)}
    metrics = {
        name: result
        | {key: _finite(result[key]) for key in ("value", "floor", "noise", "low", "high") if key in result}
        for name, result in kept.get("metrics", {}).items()
        if isinstance(result, dict) and "value" in result
    }
    return kept | {"metrics": metrics}


def _is_count(value: object) -> bool:
    """Whether a value may be a number of samples."""
    return isinstance(value, int) and _is_number(value) and value > 0


def _finite(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and _is_number(value) and isfinite(value) else None


def _numbers(row: Mapping[str, Any]) -> Row:
    return {key: value for key, value in row.items() if _is_number(value)}


def _at_step(row: Mapping[str, Any]) -> bool:
    step = row.get("step")
    return isinstance(step, int) and _is_number(step) and step >= 0


def _is_number(value: object) -> bool:
    """JSON has integers of any length. Those that no float can hold are damage."""
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return whole or isinstance(value, float)
