"""`wgan data`: what is in a source, what was skipped and why, and a contact sheet of it."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from wgan.cli.options import AsJson, Augment, Settings, Size, as_column, settings_of
from wgan.cli.output import Facts, make_terminal, print_facts
from wgan.system.text import counted

SKIPPED_SHOWN = 10
BARS = "▁▂▃▄▅▆▇█"
COLUMNS_SHOWN = 12
NAME_SHOWN = 30
"""The longest name of a class, in characters."""


def data(
    data: Annotated[str, typer.Argument(metavar="DATA", help="As for `wgan train`.")],
    size: Size = None,
    settings: Settings = None,
    augment: Annotated[
        Augment | None, typer.Option(help="Show samples as a critic sees them with this augmentation.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The contact sheet. [default: contact-NAME.png, or contact-NAME-AUGMENTATION.png, here]"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in DATA and what was skipped and why; pack it as `wgan train` would, and draw a contact sheet."""
    from wgan.experiment.describe import described
    from wgan.views import write_contact_sheet

    progress = make_terminal(quiet=as_json).counted
    given = settings_of({"data.size": None if size is None else [size], "augmentation": augment}, settings)
    found = described(data, given, progress)
    changes = found.changes if augment else None
    of_what = f"{found.facts['name']}-{changes['augmentation']}" if changes else found.facts["name"]
    sheet = out or Path(f"contact-{of_what}.png")
    write_contact_sheet(found.sheet(changed=changes is not None), sheet)
    asked = {"changes": changes} if augment else {}
    print_facts({**found.facts, "contact_sheet": str(sheet), **asked}, data_lines, as_json=as_json)


def data_lines(facts: Facts) -> Iterator[str]:
    """What is in a source, for people."""
    what = "rows" if facts["names"] and facts["kind"] == "points" else f"{facts['kind'].removesuffix('s')}s"
    yield f"{facts['name']}: {facts['count']:,} {what}"
    if facts["sizes"]:
        axes = {"picture": ", height x width", "volume": ", depth x height x width"}
        yield f"  sizes       {_counted(facts['sizes'])}{axes.get(facts['kind'], '')}"
    if facts["modes"]:
        yield f"  modes       {_counted(facts['modes'])}"
    if facts["labels"]:
        yield f"  labels      {_counted(facts['labels'])}"
    yield f"  packed as   {facts['packed']['count']:,} {facts['packed']['form']} in {facts['packed']['folder']}"
    if facts["kind"] == "picture" and facts["packed"]["shape"][0] == 3 and {"RGBA", "LA", "PA"} & set(facts["modes"]):
        yield "  opacity     laid on white; --set data.channels=4 trains on it"
    yield from _values(facts)
    yield from _columns(facts)
    yield f"  split       {facts['split']['train']:,} to train on, {facts['split']['held_out']:,} held out"
    if facts["duplicates"]:
        yield f"  duplicates  {facts['duplicates']:,} equal another one to the last value"
    for note in facts["notes"]:
        yield f"  note        {note}"
    if skipped := facts["skipped"]:
        yield f"  skipped     {counted(len(skipped), 'file, or part of one', 'files, or parts of one')}"
        for entry in skipped[:SKIPPED_SHOWN]:
            yield f"    {entry['name']}: {entry['reason']}"
        if len(skipped) > SKIPPED_SHOWN:
            yield f"    and {len(skipped) - SKIPPED_SHOWN:,} more (all with --json)"
    if facts["reasons"]:
        yield f"  recipe      {facts['recipe']}"
        yield from (f"              {reason}" for reason in facts["reasons"])
    yield f"Contact sheet: {facts['contact_sheet']}{_shown(facts)}"


def _shown(facts: Facts) -> str:
    """What a contact sheet shows, where that was asked."""
    if "changes" not in facts:
        return ""
    if facts["changes"] is None:
        return ", of samples as they are: there is no augmentation"
    name, probability = facts["changes"]["augmentation"], facts["changes"]["probability"]
    how = "" if probability == 1 else f": each change with probability {probability:g}, which follows the critic"
    return f", of samples as a critic sees them with {name}{how}"


def _values(facts: Facts) -> Iterator[str]:
    """What the values are, and how networks see them."""
    values, dtype = facts["values"], facts["packed"]["dtype"]
    if values is None:
        return
    levels = "" if values["levels"] is None else f", {values['levels']:,} levels"
    bars = bar_chart(values["histogram"])
    yield f"  values      {_number(values['low'])} {bars} {_number(values['high'])}  ({dtype}{levels})"
    if facts["range"]:
        low, high = map(_number, facts["range"])
        yield f"  range       {low} to {high} become -1 to 1 (change that with --set data.range=[{low},{high}])"
    if values["means"] and facts["kind"] == "points":
        names = facts["names"] or [f"column {number}" for number in range(len(values["means"]))]
        for name, mean, deviation in list(zip(names, values["means"], values["deviations"], strict=True))[
            :COLUMNS_SHOWN
        ]:
            yield f"    {name}: mean {mean:.4g}, deviation {deviation:.4g}"
        if len(names) > COLUMNS_SHOWN:
            yield f"    and {len(names) - COLUMNS_SHOWN} more columns"


def _columns(facts: Facts) -> Iterator[str]:
    """What a generator could be asked for, and how."""
    from wgan.data.columns import MOST_CLASSES

    columns = facts["columns"]
    if columns:
        fit = [
            column["name"] for column in columns if column["kind"] != "class" or len(column["names"]) <= MOST_CLASSES
        ]
        how = f"  ask for them: wgan train DATA --condition {as_column(fit[0])}" if fit else ""
        yield f"  conditions{how}"
    for column in columns[:COLUMNS_SHOWN]:
        yield f"    {_column(column)}"
    if len(columns) > COLUMNS_SHOWN:
        yield f"    and {len(columns) - COLUMNS_SHOWN:,} more (all with --json)"
    told = {entry["name"] for entry in facts["skipped"]}
    left_out = [entry for entry in facts["left_out"] if entry["name"] not in told]
    for entry in left_out[:SKIPPED_SHOWN]:
        yield f"    not {entry['name']}: {entry['reason']}"
    if len(left_out) > SKIPPED_SHOWN:
        yield f"    nor {len(left_out) - SKIPPED_SHOWN:,} more (all with --json)"


def _column(column: Mapping[str, Any]) -> str:
    """A line on what can be asked for."""
    missing = f", missing in {counted(column['missing'], 'sample')}" if column["missing"] else ""
    inside = "; a column of the samples, which it then leaves" if column["in_samples"] else ""
    if column["kind"] == "number":
        low, high = _number(column["low"]), _number(column["high"])
        spread = f"mean {column['mean']:.4g}, deviation {column['deviation']:.4g}"
        return f"{column['name']}: {low} {bar_chart(column['histogram'])} {high}  ({spread}{missing}{inside})"
    names = column["names"]
    what = counted(len(names), "class", "classes") if column["kind"] == "class" else counted(len(names), "label")
    short = {textwrap.shorten(name, NAME_SHOWN, placeholder="..."): count for name, count in names.items()}
    return f"{column['name']}: {bar_chart([*names.values()])}  {what}: {_counted(short)}{missing}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:.6g}"


def bar_chart(counts: Sequence[int], width: int = 32) -> str:
    """Counts as a row of bars, the highest one full; what is there at all has a bar."""
    step = max(1, len(counts) // width)
    summed = [sum(counts[i : i + step]) for i in range(0, len(counts), step)]
    most = max(summed) or 1
    return "".join(
        BARS[min(len(BARS) - 1, round(count / most * (len(BARS) - 1)))] if count else " " for count in summed
    )


def _counted(counts: Mapping[str, int], most: int = 10) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:most])
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")
