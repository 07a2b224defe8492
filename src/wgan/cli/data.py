"""`wgan data`: what is in a source, what was skipped and why, and a contact sheet of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.options import AsJson, Size
from wgan.cli.output import Facts, make_terminal, print_facts

SKIPPED_SHOWN = 10


def data(
    data: Annotated[str, typer.Argument(metavar="DATA", help="As for `wgan train`.")],
    size: Size = None,
    out: Annotated[Path | None, typer.Option(help="The contact sheet. [default: contact-NAME.png, here]")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in DATA and what was skipped and why; pack it, and draw a contact sheet."""
    from wgan.config import DataSettings
    from wgan.data import open_pack, open_source
    from wgan.data.survey import data_facts
    from wgan.views import write_contact_sheet

    progress, source = make_terminal(quiet=as_json).counted, open_source(data)
    sheet = out or Path(f"contact-{source.name}.png")
    pack = open_pack(source, (size, size) if size else None, None, progress)
    facts = data_facts(source, pack, DataSettings().holdout, progress)
    write_contact_sheet(pack.samples, pack.spec, sheet)
    print_facts({**facts, "contact_sheet": str(sheet)}, data_lines, as_json=as_json)


def data_lines(facts: Facts) -> Iterator[str]:
    """What is in a source, for people."""
    from wgan.types import SampleSpec

    spec = SampleSpec.of(tuple(facts["packed"]["shape"]))
    yield f"{facts['name']}: {facts['count']:,} {'pictures' if spec.is_picture else 'points'}"
    if facts["sizes"]:
        yield f"  sizes       {_counted(facts['sizes'])}, height x width"
        yield f"  modes       {_counted(facts['modes'])}"
    if facts["labels"]:
        yield f"  labels      {_counted(facts['labels'])}"
    yield f"  packed as   {facts['packed']['count']:,} {spec} in {facts['packed']['folder']}"
    if spec.channels == 3 and {"RGBA", "LA", "PA"} & set(facts["modes"]):
        yield "  opacity     laid on white; --set data.channels=4 trains on it"
    yield f"  split       {facts['split']['train']:,} to train on, {facts['split']['held_out']:,} held out"
    if facts["duplicates"]:
        yield f"  duplicates  {facts['duplicates']:,} equal another one to the last pixel"
    if skipped := facts["skipped"]:
        yield f"  skipped     {len(skipped):,} files"
        for entry in skipped[:SKIPPED_SHOWN]:
            yield f"    {entry['name']}: {entry['reason']}"
        if len(skipped) > SKIPPED_SHOWN:
            yield f"    and {len(skipped) - SKIPPED_SHOWN:,} more (all with --json)"
    yield f"Contact sheet: {facts['contact_sheet']}"


def _counted(counts: Mapping[str, int], most: int = 10) -> str:
    shown = ", ".join(f"{name} ({count:,})" for name, count in list(counts.items())[:most])
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")
