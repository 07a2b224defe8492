"""What is kept of the lines that a run's files hold: they may be damaged, and what reads them relies on their form."""

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

Row = dict[str, Any]
LARGEST = 2**63


def metric_rows(rows: Iterable[Row]) -> list[Row]:
    """Lines of metrics.jsonl: those with a step, and of each what is a number, or numbers by network and weight."""
    return [_metrics(row) for row in rows if _at_step(row)]


def evaluation_rows(rows: Iterable[Row]) -> list[Row]:
    """Lines of evaluations.jsonl: those with a step. A value that is no finite number is None."""
    return [_evaluation(row) for row in rows if _at_step(row)]


def rollback_rows(rows: Iterable[Row]) -> list[Row]:
    """Lines of rollbacks.jsonl: those that say from where to where, and why."""
    return [row for row in rows if failure_row(row) and _at_step({"step": row.get("to")}) and _finite(row.get("rates"))]


def failure_row(found: object) -> Row | None:
    """What ended a run, if it says at which step and what."""
    return found if isinstance(found, dict) and _at_step(found) and isinstance(found.get("what"), str) else None


def _metrics(row: Row) -> Row:
    return _numbers(row) | ({"layers": _by_name(row["layers"])} if "layers" in row else {})


def _evaluation(row: Row) -> Row:
    """What is gone through must have its form; the rest is only shown."""
    forms: dict[str, Any] = {"metrics": dict, "seen_by": dict, "notes": list}
    kept = {key: value for key, value in row.items() if isinstance(value, forms.get(key, object))}
    if "seen_by" in kept:
        kept["seen_by"] = {name: told for name, told in kept["seen_by"].items() if isinstance(told, str)}
    return kept | {"metrics": dict(_results(kept.get("metrics", {})))}


def _results(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    for name, result in metrics.items():
        if isinstance(result, dict) and "value" in result:
            amounts = {key: _finite(result[key]) for key in ("value", "floor", "low", "high") if key in result}
            yield name, result | amounts


def _finite(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and _is_number(value) and isfinite(value) else None


def _numbers(row: Mapping[str, Any]) -> Row:
    return {key: value for key, value in row.items() if _is_number(value)}


def _by_name(layers: object) -> Row:
    networks = layers.items() if isinstance(layers, dict) else ()
    return {network: _numbers(norms) for network, norms in networks if isinstance(norms, dict)}


def _at_step(row: Mapping[str, Any]) -> bool:
    step = row.get("step")
    return isinstance(step, int) and _is_number(step) and step >= 0


def _is_number(value: object) -> bool:
    """JSON has numbers of any length; those that no float holds are damage."""
    if isinstance(value, bool):
        return False
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < LARGEST)
