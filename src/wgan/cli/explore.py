"""`wgan explore`: a page in which the generator itself runs."""

from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.options import Lang
from wgan.errors import InputError
from wgan.language import say
from wgan.system.text import printable


def explore(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="The folder that `wgan train` wrote, or a file of weights.")
    ],
    out: Annotated[Path | None, typer.Option(help="The page to write. [default: RUN/explore.html]")] = None,
    step: Annotated[int | None, typer.Option(help="Use the checkpoint of this step. [default: the newest]")] = None,
    neighbours: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Put N training samples into the page, to show which are nearest."),
    ] = 0,
    lang: Lang = None,
) -> None:
    """Write one HTML page that holds the generator: it opens from the disk, works without a network, can be mailed."""
    from wgan.runs import opened
    from wgan.share.explore import name_of, write_explore

    source = opened(run)
    target = out or (source.path / "explore.html" if source.path.is_dir() else Path(f"{name_of(source)}.html"))
    if target.suffix not in (".html", ".htm"):
        raise InputError(f"{target} is not the name of a page. Name one that ends in .html.")
    made = write_explore(source, target, step=step, neighbours=neighbours)
    if made.neighbours:
        typer.echo(say("note: the page contains {count} training samples.", count=f"{made.neighbours:,}"), err=True)
    typer.echo(
        say(
            "{page} ({size} MB). Weights in fp16 move values by {difference} at most, {typical} typically, of {span}.",
            page=printable(str(target)),
            size=f"{made.bytes / 1e6:.1f}",
            difference=f"{made.cost.difference:.2g}",
            typical=f"{made.cost.typical:.1g}",
            span=f"{made.cost.span:.4g}",
        )
    )
