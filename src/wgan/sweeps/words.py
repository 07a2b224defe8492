"""The table as people read it, in their language."""

from collections.abc import Iterator, Sequence

from wgan.diagnosis import Verdict, verdict_word
from wgan.language import say
from wgan.metrics import better_word
from wgan.sweeps.axes import written
from wgan.sweeps.outcome import Taken
from wgan.sweeps.table import FEW, Row, Table, number
from wgan.system import html
from wgan.system.text import columns, padded


def heads(table: Table) -> tuple[str, ...]:
    """The names of the columns."""
    spread = say("deviation over seeds") if table.seeds >= FEW else say("lowest to highest seed")
    return (say("rank"), *table.names.values(), table.taken.metric, spread, say("runs"), "")


def texts(table: Table, row: Row) -> tuple[str, ...]:
    """The cells of a row, under `heads`."""
    told = say("not told apart from the first") if row.apart is False else ""
    return (
        "-" if row.rank is None else str(row.rank),
        *(written(row.settings[key]) for key in table.keys),
        "-" if row.mean is None else number(row.mean),
        row.spread(),
        outcomes(row),
        told,
    )


def outcomes(row: Row) -> str:
    """How many runs ended how: "2 converged, 1 collapsing"."""
    return ", ".join(f"{count} {state_word(word)}" for word, count in row.outcomes.items())


def state_word(word: str) -> str:
    """A verdict, or what there is in place of one."""
    if word in {verdict.value for verdict in Verdict}:
        return verdict_word(Verdict(word))
    return {
        "unfinished": say("unfinished"),
        "not started": say("not started"),
        "failed": say("failed"),
    }.get(word, word)


def table_lines(table: Table) -> Iterator[str]:
    """The table in plain columns."""
    cells: list[Sequence[str]] = [heads(table), *(texts(table, row) for row in table.rows)]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(padded(cell, width, "<") for cell, width in zip(row, widths, strict=True)).rstrip()


def table_html(table: Table) -> str:
    """The same for a notebook."""
    rows = [texts(table, row) for row in table.rows]
    return html.block(
        html.title(table.folder.name), html.table(rows, heads(table)), *map(html.line, ending_lines(table))
    )


def place_word(taken: Taken) -> str:
    """At which step a run's value is taken."""
    return say("at its last step") if taken.at == "last" else say("at its best step")


def ending_lines(table: Table) -> Iterator[str]:
    """What the numbers are, and what they do not say."""
    best = table.best
    if best is None:
        yield say("No run has a value of {metric} yet.", metric=table.taken.metric)
        return
    run = next(run for run in best.runs if run.counts)
    where = place_word(table.taken)
    if len(steps := {one.step for one in table.runs if one.counts}) == 1:
        where = say("{where} ({step:,})", where=where, step=steps.pop())
    what = {
        "metric": table.taken.metric,
        "better": better_word(table.better),
        "where": where,
        "fakes": run.fakes,
        "reals": run.reals,
    }
    if table.taken.evaluated:
        told = say(
            "Ranked by {metric} ({better} is better) as each run was evaluated {where}: {fakes:,} fakes against "
            "{reals:,} held-out reals.",
            **what,
        )
    else:
        told = say(
            "Ranked by {metric} ({better} is better) as each run compares itself with held-out reals while it trains, "
            "{where}: {fakes:,} fakes against {reals:,} reals.",
            **what,
        )
    floor = say(" Real samples in their place have {floor}.", floor=number(run.floor)) if run.floor is not None else ""
    yield told + floor
    others = [row for row in table.rows if row.apart is not None]
    if table.seeds < 2:
        yield say("With one seed each, no two settings are told apart: add --seeds 3, or more.")
    elif others:
        yield say(
            "{count} of {total} other settings are told apart from the first: by more than seeds differ, and by more "
            "than chance (Student's t-test, 5% for all pairs together, by Holm).",
            count=sum(bool(row.apart) for row in others),
            total=len(others),
        )
    if any(row.lost for row in table.rows):
        yield say("Settings of which a run failed come after those of which none did; their mean is that of the rest.")
