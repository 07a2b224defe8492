"""What several runs are called beside each other, and in which settings they differ."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wgan.runs.run import Run
from wgan.system.validation import dotted


def names(paths: Sequence[Path]) -> list[str]:
    """For each path the part that tells it from the others; of a single one, its last folder.

    That is the path without the folders that all begin with and without those that all end with, but never nothing.
    """
    parts = [path.resolve().parts for path in paths]
    if len(parts) == 1:
        return [parts[0][-1]]
    first = _shared(parts)
    last = _shared([part[::-1] for part in parts])
    shortest = min(len(part) for part in parts)
    first = min(first, shortest - 1)
    last = min(last, shortest - 1 - first)
    return ["/".join(part[first : len(part) - last]) for part in parts]


def _shared(parts: Sequence[tuple[str, ...]]) -> int:
    """How many of their first elements are the same in all."""
    return next(
        (i for i, level in enumerate(zip(*parts, strict=False)) if len(set(level)) > 1),
        min(len(part) for part in parts),
    )


def settings(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """Every setting by dotted key, with its value in each run, empty where a run has none of that name."""
    values = [dotted(run.config.to_dict()) for run in runs]
    return {key: [one.get(key, "") for one in values] for key in dict.fromkeys(key for one in values for key in one)}


def differing(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Those in which the runs are not alike."""
    return {key: row for key, row in rows.items() if any(value != row[0] for value in row)}
