"""Puts what is known of the runs into the page's template."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from wgan.diagnosis import player_word, severity_word, verdict_word
from wgan.language import language, say
from wgan.metrics import better_word
from wgan.report.charts import metrics_over_time, metrics_table, notes, panels
from wgan.report.data_uris import GRID_BYTES
from wgan.report.facts import facts
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.system.files import make_folder, write_text
from wgan.system.text import printable, typed
from wgan.system.validation import dotted

TEMPLATES = Path(__file__).parent / "templates"
STYLESHEET = TEMPLATES / "page.css"


def write_report(runs: Sequence[Run], target: Path) -> None:
    """Write a page about the runs, side by side: verdicts, grids over time, curves, settings and environment.

    A run that is given twice is shown once. The page loads nothing and runs only its own script, whose hash is in the
    policy that the page gives the browser.

    Raises:
        InputError: a run cannot be read.
    """
    runs = list({run.path.resolve(): run for run in runs}.values())
    names = distinct_names([run.path for run in runs])
    shown = [
        facts(run, name, place, diagnose(run), GRID_BYTES // len(runs))
        for place, (run, name) in enumerate(zip(runs, names, strict=True))
    ]
    reals: dict[str, list[dict[str, Any]]] = {}  # each grid of real pictures, with the runs to compare with it
    for run in shown:
        if run["real"] and run["grids"]:
            reals.setdefault(run["real"], []).append(run)
    values = [dotted(run.config.to_dict()) for run in runs]
    settings = {
        key: [one.get(key, "") for one in values] for key in dict.fromkeys(key for one in values for key in one)
    }
    metrics, evaluations = [run.metrics() for run in runs], [run.evaluations() for run in runs]
    comparisons = [run.comparisons() for run in runs]
    style, script = (file.read_text(encoding="utf-8") for file in (STYLESHEET, TEMPLATES / "page.js"))
    page = (
        _environment()
        .get_template("page.html")
        .render(
            runs=shown,
            names=names,
            reals=reals,
            layouts={run["layout"] for beside in reals.values() for run in beside},
            steps=sorted({step for run in shown for step, _ in run["grids"]}),
            panels=panels(names, metrics),
            compared=metrics_table(comparisons),
            compared_panels=metrics_over_time(names, comparisons),
            metrics=metrics_table(evaluations),
            notes=notes(evaluations),
            metric_panels=metrics_over_time(names, evaluations),
            settings=settings,
            differing={key: row for key, row in settings.items() if any(value != row[0] for value in row)},
            style=Markup(style),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    make_folder(target.parent)
    write_text(target, printable(page, kept="\n\t"))


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """For each path the folders that tell it from the others, at least one; for a single path its last folder."""
    parts = [path.resolve().parts for path in paths]
    if len(parts) == 1:
        return [parts[0][-1]]
    shortest = min(map(len, parts))
    first = min(_shared(parts), shortest - 1)
    last = min(_shared([part[::-1] for part in parts]), shortest - 1 - first)
    return ["/".join(part[first : len(part) - last]) for part in parts]


def _shared(parts: Sequence[tuple[str, ...]]) -> int:
    """How many first elements are the same in all."""
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*parts, strict=False)))


@cache
def _environment() -> jinja2.Environment:
    """The environment with its compiled templates, kept because compiling takes half the time of a page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    words = (say, language, better_word, player_word, severity_word, verdict_word, typed)
    environment.globals.update({word.__name__: word for word in words})
    return environment
