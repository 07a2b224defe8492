"""Puts what is known of the runs into the page's template."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from markupsafe import Markup

from wgan.diagnosis import player_word, severity_word, verdict_word
from wgan.language import say
from wgan.metrics import better_word
from wgan.report.charts import metrics_over_time, panels
from wgan.report.data_uris import FEWEST, GRID_BYTES
from wgan.report.facts import facts
from wgan.report.groups import Groups, grouped
from wgan.report.pages import STYLESHEET, TEMPLATES, environment, script_of, write_page
from wgan.report.tables import metrics_table, notes, overview, spread_table
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.system.text import typed
from wgan.system.validation import dotted
from wgan.views import swatch

WORDS = (better_word, player_word, severity_word, swatch, verdict_word, typed)
"""What templates call."""
FEW = 6
"""Runs, groups or entries of a legend that are shown at full length."""


def write_report(runs: Sequence[Run], target: Path) -> None:
    """Write a page about the runs, side by side: verdicts, grids over time, curves, settings and environment.

    A run that is given twice is shown once. Runs that differ in their seed only are a group: drawings show the mean of
    its runs, in a band from the lowest to the highest. The page loads nothing and runs only its own script, whose hash
    is in the policy that the page gives the browser.

    Raises:
        InputError: a run cannot be read.
    """
    runs = list({run.path.resolve(): run for run in runs}.values())
    names = distinct_names([run.path for run in runs])
    groups = grouped(runs, names)
    titles = [group.name for group in groups.all]
    few = max(2, min(FEWEST, 3 * FEWEST // len(runs)))  # of 30 runs, eight large grids each could not be mailed
    shown = [
        facts(run, name, groups.of(place), diagnose(run), GRID_BYTES // len(runs), few)
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
    differing = {key: row for key, row in settings.items() if any(value != row[0] for value in row)}
    metrics, evaluations = [run.metrics() for run in runs], [run.evaluations() for run in runs]
    comparisons = [run.comparisons() for run in runs]
    each = {"metrics": metrics, "evaluations": evaluations, "comparisons": comparisons}
    of_groups = {name: groups.sorted_out(rows) for name, rows in each.items()}
    script, script_hash = script_of([TEMPLATES / "page.js"])
    page = (
        environment(TEMPLATES, *WORDS)
        .get_template("page.html")
        .render(
            runs=shown,
            names=names,
            reals=reals,
            layouts={run["layout"] for beside in reals.values() for run in beside},
            steps=sorted({step for run in shown for step, _ in run["grids"]}),
            groups=groups,
            columns=titles if groups.repeated else names,
            briefs={group.name: group.brief for group in groups.all},
            heading=_heading(len(runs), len(titles)),
            few=FEW,
            overview=overview(groups.sorted_out(shown)) if groups.repeated else [],
            panels=panels(titles, of_groups["metrics"]),
            compared=metrics_table(comparisons),
            compared_spread=spread_table(of_groups["comparisons"]),
            compared_panels=metrics_over_time(titles, of_groups["comparisons"]),
            metrics=metrics_table(evaluations),
            metrics_spread=spread_table(of_groups["evaluations"]),
            notes=notes(evaluations),
            metric_panels=metrics_over_time(titles, of_groups["evaluations"]),
            settings=_by_group(groups, settings),
            differing=_by_group(groups, differing),
            style=Markup(STYLESHEET.read_text(encoding="utf-8")),
            script=Markup(script),
            script_hash=script_hash,
        )
    )
    write_page(page, target)


def _heading(runs: int, groups: int) -> str:
    """What a page of many runs is called, whose names would fill the screen."""
    if groups in (1, runs):
        return say("{count} runs", count=runs)
    return say("{count} runs in {groups} groups", count=runs, groups=groups)


def _by_group(groups: Groups, settings: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """The values of each group, where there are groups of several runs: the one that all have, or each in order."""
    if not groups.repeated:
        return {key: [*row] for key, row in settings.items()}
    return {
        key: [", ".join(dict.fromkeys(map(str, values))) for values in groups.sorted_out(row)]
        for key, row in settings.items()
    }


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
