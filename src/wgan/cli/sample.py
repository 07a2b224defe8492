"""`wgan sample`: new samples of a trained generator."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from wgan.cli.options import RunPath
from wgan.system.text import printable


class Format(StrEnum):
    """The formats of single samples."""

    png = "png"
    tiff = "tiff"
    npy = "npy"
    csv = "csv"


def sample(
    run: RunPath,
    n: Annotated[int, typer.Option("-n", min=1, help="Number of samples.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of the samples.")] = 0,
    out: Annotated[Path | None, typer.Option(help="The picture to write. [default: RUN-SEED.png, here]")] = None,
    each: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every sample to a file, in the units of the data.")
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="Of these files. [default: png or tiff of pictures, csv of points, npy]")
    ] = None,
    interpolate: Annotated[bool, typer.Option("--interpolate", help="Walk from latent to latent.")] = False,
    stretch: Annotated[
        bool, typer.Option("--stretch", help="Show the darkest value of the grid as black, the brightest as white.")
    ] = False,
    step: Annotated[int | None, typer.Option(help="Use the checkpoint of this step. [default: the newest]")] = None,
) -> None:
    """Make new samples with a trained generator."""
    from wgan.runs import Run
    from wgan.runs.samples_out import write_each
    from wgan.runs.sampling import WALK, walks, write_grid

    opened = Run.open(run)
    z = walks(opened, n, seed) if interpolate else opened.latents(n, seed)
    if each is not None:
        written = write_each(opened, z, each, step=step, format=None if format is None else format.value)
        typer.echo(f"{written:,} samples in {printable(str(each))}")
        return
    at = "" if step is None else f"-step{step}"
    target = out or Path(f"{opened.path.resolve().name}-{seed}{at}{'-walk' if interpolate else ''}.png")
    columns = WALK if interpolate else opened.config.output.columns
    write_grid(opened, z, target, columns=columns, step=step, stretch=stretch)
    typer.echo(printable(str(target)))
