"""The page: what is known of the runs, put into the template."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from wgan.report.charts import metrics_over_time, metrics_table, notes, panels
from wgan.report.data_uris import GRID_BYTES
from wgan.report.facts import Facts, facts
from wgan.report.naming import differing, names, settings
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.system.files import make_folder, write_text
from wgan.system.text import printable

TEMPLATES = Path(__file__).parent / "templates"


def write_report(runs: Sequence[Run], target: Path) -> None:
    """Put the page at `target`: verdicts, grids over time, curves and what the runs were made with, side by side.

    A run that is given twice is shown once. The page loads nothing and runs no script but its own, which it says to
    the browser by a policy with that script's hash.

    Raises:
        InputError: a run cannot be read.
    """
    runs = list({run.path.resolve(): run for run in runs}.values())
    called = names([run.path for run in runs])
    shown = [
        facts(run, name, place, diagnose(run), GRID_BYTES // len(runs))
        for place, (run, name) in enumerate(zip(runs, called, strict=True))
    ]
    metrics, evaluations, rows = [run.metrics() for run in runs], [run.evaluations() for run in runs], settings(runs)
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    page = (
        _environment()
        .get_template("page.html")
        .render(
            runs=shown,
            names=called,
            reals=_beside(shown),
            steps=sorted({grid.step for run in shown for grid in run.grids}),
            panels=panels(called, metrics),
            metrics=metrics_table(evaluations),
            notes=notes(evaluations),
            metric_panels=metrics_over_time(called, evaluations),
            settings=rows,
            differing=differing(rows),
            style=Markup(style),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    make_folder(target.parent)
    write_text(target, printable(page, kept="\n\t"))


def _beside(runs: Sequence[Facts]) -> list[tuple[str, list[Facts]]]:
    """Each different grid of real pictures, with the runs whose samples belong beside it."""
    found: dict[str, list[Facts]] = {}
    for run in runs:
        if run.real and run.grids:
            found.setdefault(run.real, []).append(run)
    return list(found.items())


@cache
def _environment() -> jinja2.Environment:
    """Kept, and with it the compiled templates: compiling takes half of the time of a page."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
