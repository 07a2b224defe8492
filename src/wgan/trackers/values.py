"""The lines of a run's log as every tracker shows them: numbers by name."""

import math
from collections.abc import Mapping
from typing import Any

from wgan.system.validation import dotted

COMPARISONS, EVALUATIONS = "comparisons", "metrics"
"""The first part of a name. All other names are of the log."""


def line_values(row: Mapping[str, Any]) -> dict[str, float]:
    """Of a line of metrics.jsonl."""
    return {name.replace(".", "/", 2): value for name, value in dotted(row).items() if name != "step"}


def comparison_values(row: Mapping[str, Any]) -> dict[str, float]:
    """Of a line of comparisons.jsonl."""
    return _measured(COMPARISONS, row)


def evaluation_values(row: Mapping[str, Any]) -> dict[str, float]:
    """Of a line of evaluations.jsonl."""
    return _measured(EVALUATIONS, row)


def _measured(kind: str, row: Mapping[str, Any]) -> dict[str, float]:
    found = {name: measure["value"] for name, measure in row["metrics"].items()}
    return {f"{kind}/{name}": math.nan if value is None else value for name, value in found.items()}
