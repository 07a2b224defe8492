"""`wgan gallery`: the theory, drawn."""

from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.output import make_terminal
from wgan.system.text import printable


def gallery(
    figures: Annotated[
        list[str] | None, typer.Argument(metavar="[FIGURE...]", help="Some of them. [default: all]", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")] = Path("gallery"),
    names: Annotated[bool, typer.Option("--list", help="List the figures and stop.")] = False,
) -> None:
    """Draw the theory: why the Wasserstein distance, why the penalty. Takes about two minutes."""
    from wgan.gallery import FIGURES, chosen, show, write_page

    wanted = chosen(FIGURES, figures or ())
    if names:
        width = max(map(len, wanted))
        for name, figure in wanted.items():
            typer.echo(f"{name:{width}}  {figure.title}")
        return
    shown = []
    for name, figure in make_terminal().counted(wanted.items(), len(wanted), "drawing"):
        shown.append(show(name, figure))
        shown[-1].write(out)
        typer.echo(f"{name}: {shown[-1].caption}")
    page = out / "index.html"
    write_page(shown, page)
    typer.echo(printable(f"Open {page}. Each figure is beside it, as .svg and .png."))
