"""Contestants of `rivals`, each in a process of its own, which take turns: see `wgan.bench.turns`."""

import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wgan.bench.turns import Contender, Lost, Spread, Turn, by_turns, ratio, rotated

__all__ = ["BENCHMARKS", "Contender", "Lost", "Spread", "Turn", "begun", "by_turns", "plain", "ratio", "rotated"]

BENCHMARKS = Path(__file__).parents[1]


def begun(module: str, given: Mapping[str, Any], python: str = sys.executable) -> Contender:
    """The process of a contestant, in another Python if one is given."""
    places = os.pathsep.join(part for part in (str(BENCHMARKS), os.environ.get("PYTHONPATH")) if part)
    return Contender(module, f"rivals.{module}", given, python=python, environment={"PYTHONPATH": places})


def plain(value: Any) -> Any:
    """For JSON: named tuples as dictionaries, and None for numbers that are not finite."""
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
