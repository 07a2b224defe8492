"""`wgan sample`: new samples of a trained generator."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wgan.cli.options import OwnNetworks, own_generator_of
from wgan.system.text import printable

if TYPE_CHECKING:
    from wgan.runs.generative import Generative


class Format(StrEnum):
    """The formats of single samples."""

    png = "png"
    tiff = "tiff"
    npy = "npy"
    csv = "csv"


def sample(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="The folder that `wgan train` or `wgan export` wrote, hf:owner/name, or a file of weights.",
        ),
    ],
    n: Annotated[int, typer.Option("-n", min=1, help="Number of samples; a grid by condition has whole rows.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of the samples.")] = 0,
    out: Annotated[Path | None, typer.Option(help="The picture to write. [default: RUN-SEED.png, here]")] = None,
    each: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every sample to a file, in the units of the data.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="Of these files. [default: png or tiff of pictures, csv of points, npy]")
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="What to make: label=7, tags=red|round, energy=20..80 for a row from one to the other; repeatable.",
        ),
    ] = None,
    interpolate: Annotated[bool, typer.Option("--interpolate", help="Walk from latent to latent.")] = False,
    stretch: Annotated[
        bool, typer.Option("--stretch", help="Show the darkest value of the grid as black, the brightest as white.")
    ] = False,
    step: Annotated[int | None, typer.Option(help="Use the checkpoint of this step. [default: the newest]")] = None,
    recipe: Annotated[str | None, typer.Option(help="Of a file of weights that does not say what it is for.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Settings of that recipe; repeatable.")
    ] = None,
    networks: OwnNetworks = None,
) -> None:
    """Make new samples with a trained generator."""
    from wgan.runs.asking import asked
    from wgan.runs.samples_out import write_each
    from wgan.runs.sampling import sheet_of, write_grid

    source = _opened(run, recipe, settings or [], networks)
    wanted = asked(source.spec.condition, condition)
    sheet = sheet_of(source, n, seed, wanted, interpolate=interpolate, single=each is not None)
    if each is not None:
        written = write_each(
            source, sheet.latents, each, sheet.conditions, step=step, format=None if format is None else format.value
        )
        typer.echo(f"{written:,} samples in {printable(str(each))}")
        return
    at = "" if step is None else f"-step{step}"
    target = out or Path(f"{source.name}-{seed}{at}{'-walk' if interpolate else ''}.png")
    write_grid(source, sheet, target, step=step, stretch=stretch)
    typer.echo(printable(str(target)))


def _opened(run: Path, name: str | None, settings: Sequence[str], networks: str | None) -> "Generative":
    """A run, or a file of weights, which may have to be told the recipe it was trained with."""
    from wgan.config import parse_settings
    from wgan.errors import InputError
    from wgan.recipes import recipe
    from wgan.recipes.suggest import usual_spec
    from wgan.runs import WeightsFile, opened

    if name is None and not settings:
        return _noted(opened(run, own_generator_of(networks)))
    if name is None:
        raise InputError("--set changes the recipe of a file of weights: name it with --recipe.")
    if not run.is_file():
        raise InputError(f"--recipe is for a file of weights, and {run} is none. A run knows its own.")
    if networks is not None:
        raise InputError("A file of weights has a recipe or networks of your own: give --recipe or --networks.")
    config = recipe(name).with_settings(parse_settings(settings))
    return _noted(WeightsFile(run, config.networks, usual_spec(config)))


def _noted(source: "Generative") -> "Generative":
    """The same; says how weights of other names were matched."""
    if note := getattr(source, "note", ""):
        typer.echo(f"note: {note}.", err=True)
    return source
