"""`wgan report`: one HTML page about one run, or several side by side."""

from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.options import Lang
from wgan.cli.output import announce
from wgan.errors import InputError
from wgan.language import say
from wgan.system.text import printable


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that `wgan train` wrote.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The page to write. [default: RUN/report.html; for several runs, report.html here]"),
    ] = None,
    lang: Lang = None,
) -> None:
    """Write one self-contained HTML page: verdict, grids, neighbours, curves, settings; several runs side by side."""
    from wgan.report import write_report
    from wgan.runs import Run

    opened = [Run.open(run) for run in runs]
    target = out or (opened[0].report_file if len(opened) == 1 else Path("report.html"))
    if target.suffix not in (".html", ".htm"):
        raise InputError(f"{target} is not the name of a page. Name one that ends in .html.")
    announce(say("writing the report ..."))
    write_report(opened, target)
    typer.echo(printable(str(target)))
