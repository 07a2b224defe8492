"""`wgan explore`: a page in which the generator itself runs."""

from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.options import AtStep, Lang, OwnNetworks, TrainedPath, own_generator_of, step_in
from wgan.cli.output import announce
from wgan.errors import InputError
from wgan.language import say
from wgan.system.text import printable


def explore(
    run: TrainedPath,
    out: Annotated[Path | None, typer.Option(help="The page to write. [default: RUN/explore.html]")] = None,
    step: AtStep = None,
    neighbours: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Put N training samples into the page, to show which are nearest."),
    ] = 0,
    networks: OwnNetworks = None,
    lang: Lang = None,
) -> None:
    """Write one HTML page that holds the generator: it opens from the disk, works without a network, can be mailed."""
    from wgan.runs import Run, opened
    from wgan.runs.hub import on_hub
    from wgan.share.explore import write_explore

    source = opened(run, own_generator_of(networks))
    own = isinstance(source, Run) and source.metrics_file.exists()  # not what somebody sent, or the hub's cache
    target = out or (source.path / "explore.html" if own else Path(f"{source.name}.html"))
    if target.suffix not in (".html", ".htm"):
        raise InputError(f"{target} is not the name of a page. Name one that ends in .html.")
    named = on_hub(run)
    relative = not run.is_absolute() and ".." not in run.parts  # other paths would tell of this machine
    place = str(named) if named is not None else run.as_posix() if relative else source.name
    typed = (place,) if networks is None else (place, "--networks", networks)
    announce(say("exporting the generator ..."))
    made = write_explore(source, target, step=step_in(step), neighbours=neighbours, typed=typed)
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
