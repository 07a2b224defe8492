"""The table as a page, which loads nothing: the ranking, each seed as a dot, and links to the runs."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from wgan.language import say
from wgan.report import STYLESHEET, pages
from wgan.sweeps.outcome import Outcome
from wgan.sweeps.table import Row, Table, number
from wgan.sweeps.words import ending_lines, heads, state_word, texts
from wgan.views.scale import Scale, fitted

HERE = Path(__file__).parent
WIDTH, MARGIN = 260, 6
"""Of the drawing of a row, in pixels."""
DECADES = 10.0
"""Values that are this many times apart are drawn on a logarithmic scale."""


def write_page(table: Table, target: Path, report: str | None) -> None:
    """Write the page; `report` is the file with all runs side by side, if there is one."""
    values = [value for row in table.rows for value in row.values]
    floor = next((run.floor for run in table.runs if run.floor is not None), None)
    scale = _scale([*values, *([] if floor is None else [floor])])
    page = (
        pages.environment(HERE)
        .get_template("page.html")
        .render(
            table=table,
            heads=heads(table),
            rows=[_shown(table, row, scale) for row in table.rows],
            runs=[_run(table, run) for run in table.runs],
            lines=list(ending_lines(table)),
            axis=_axis(table, scale) if values else "",
            floor=None if floor is None or not values else f"{scale.place(floor):.1f}",
            report=report,
            style=Markup(STYLESHEET.read_text(encoding="utf-8")),
        )
    )
    pages.write_page(page, target)


def _scale(values: Sequence[float]) -> Scale:
    wide = bool(values) and min(values) > 0 and max(values) >= DECADES * min(values)
    return fitted([value for value in values if math.isfinite(value)], MARGIN, WIDTH - MARGIN, logarithmic=wide)


def _axis(table: Table, scale: Scale) -> str:
    ends = {"metric": table.taken.metric, "low": number(scale.low), "high": number(scale.high)}
    if scale.logarithmic:
        return say("{metric} from {low} to {high}, logarithmic", **ends)
    return say("{metric} from {low} to {high}", **ends)


def _shown(table: Table, row: Row, scale: Scale) -> dict[str, Any]:
    *cells, told = texts(table, row)
    return {
        "cells": cells,
        "told": told,
        "dots": [f"{scale.place(value):.1f}" for value in row.values],
        "mean": "" if row.mean is None else f"{scale.place(row.mean):.1f}",
        "spoken": ", ".join(map(number, row.values)),
    }


def _run(table: Table, run: Outcome) -> dict[str, Any]:
    written = (table.folder / run.name / "report.html").exists()
    told = state_word(run.verdict or run.state) if run.state in ("done", "diverged") else state_word(run.state)
    return {
        "name": run.name,
        "link": f"{quote(run.name, safe='=+')}/report.html" if written else None,
        "seed": run.seed,
        "value": "-" if run.value is None else number(run.value),
        "step": "-" if run.step is None else f"{run.step:,}",
        "verdict": told + (f": {run.failure}" if run.failure else ""),
    }
