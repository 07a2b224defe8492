"""`wgan export`: a folder with the generator and its card, to send or to put on the hub."""

from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.options import OwnNetworks, TrainedPath, own_generator_of
from wgan.errors import InputError
from wgan.system.text import printable


def export(
    run: TrainedPath,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder to write. [default: RUN-export, here]")
    ] = None,
    push: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Upload it to the Hugging Face hub under this name.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Only you may see it on the hub.")] = False,
    license: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Its licence, as the hub names it: mit, cc-by-4.0."),
    ] = None,
    data_name: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the data are called. [default: by their last folder]")
    ] = None,
    step: Annotated[
        str | None, typer.Option(metavar="N|best", help="Take the checkpoint of this step. [default: the newest]")
    ] = None,
    networks: OwnNetworks = None,
) -> None:
    """Write a folder that holds the generator, samples and a card, and no data, paths or machine; --push uploads it."""
    from wgan.runs import Run
    from wgan.share.folder import Choices, checked_license, chosen_step, write_folder
    from wgan.share.hub import checked_repository, push_folder

    if private and push is None:
        raise InputError("--private is about the hub: it needs --push OWNER/NAME.")
    repository = None if push is None else checked_repository(push)
    choices = Choices(checked_license(license), data_name, repository)
    source = Run.open(run, own_generator_of(networks))
    target = to or Path(f"{source.name}-export")
    write_folder(source, target, choices, step=chosen_step(source, step))
    typer.echo(printable(str(target)))
    if repository is not None:
        typer.echo(push_folder(target, repository, private=private))
