"""`wgan export`: a folder with the generator and its card, to send or to put on the hub."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wgan.cli.options import AtStep, OwnNetworks, TrainedPath, own_generator_of, step_in
from wgan.cli.output import announce
from wgan.errors import InputError
from wgan.language import say
from wgan.system.text import printable

if TYPE_CHECKING:
    from wgan.runs.best import Step
    from wgan.runs.generative import Generative


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
    step: AtStep = None,
    onnx: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the generator as ONNX, and nothing else.")
    ] = None,
    networks: OwnNetworks = None,
) -> None:
    """Write a folder that holds the generator, samples and a card, and no data, paths or machine; --push uploads it."""
    from wgan.runs import Run, opened
    from wgan.share.folder import Choices, checked_license, write_folder
    from wgan.share.hub import checked_repository, push_folder

    if private and push is None:
        raise InputError("--private is about the hub: it needs --push OWNER/NAME.")
    repository = None if push is None else checked_repository(push)
    at = step_in(step)
    choices = Choices(checked_license(license), data_name, repository)
    generator = own_generator_of(networks)
    if onnx is not None:
        if to is not None or push is not None:
            raise InputError("--onnx writes one file, and --to and --push a folder. Give one of them.")
        _write_onnx(opened(run, generator), onnx, at)
        return
    source = Run.open(run, generator)
    target = to or Path(f"{source.name}-export")
    announce(say("exporting the generator ..."))
    place = target.resolve()
    write_folder(source, place, choices, step=at)
    typer.echo(printable(str(target)))
    if repository is not None:
        typer.echo(push_folder(place, repository, private=private))


def _write_onnx(source: "Generative", target: Path, step: "Step | None") -> None:
    from wgan.share.onnx import write_onnx

    if target.suffix != ".onnx":
        raise InputError(f"{target} is not the name of a model. Name one that ends in .onnx.")
    announce(say("exporting the generator ..."))
    made = write_onnx(source, target, step=step)
    inputs = ", ".join(f"{name} {kind}" for name, kind in made.inputs.items())
    typer.echo(
        say(
            "{file} ({size} MB): takes {inputs}; in onnxruntime {difference}.",
            file=printable(str(target)),
            size=f"{made.bytes / 1e6:.1f}",
            inputs=printable(inputs),
            difference=made.in_words(),
        )
    )
