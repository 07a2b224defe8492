"""`wgan sample`: new samples of a trained generator."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from wgan.cli.options import AtStep, OwnNetworks, own_generator_of, step_in
from wgan.system.text import printable

if TYPE_CHECKING:
    from wgan.runs.asking import Asked
    from wgan.runs.best import Step
    from wgan.runs.generative import Generative
    from wgan.runs.inputs import Inputs
    from wgan.runs.samples_out import Format


MOST = 100_000
"""Seeds of one command."""
COUNT = 64
"""Samples, where no number is given."""


class FormatName(StrEnum):
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
    n: Annotated[
        int | None,
        typer.Option("-n", min=1, help="Number of samples; a grid by condition has whole rows. [default: 64]"),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(metavar="SEED", help="Seed of the samples; 0..9 makes a file for each of these. [default: 0]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The picture to write, or, if it ends in .npy, .npz, .csv or .tif, all values in the units of the "
            "data. [default: RUN-SEED.png, here]"
        ),
    ] = None,
    each: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write every sample to a file, in the units of the data.")
    ] = None,
    format: Annotated[
        FormatName | None, typer.Option(help="Of these files. [default: png or tiff of pictures, csv of points, npy]")
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
    step: AtStep = None,
    only: Annotated[
        int | None, typer.Option("--only", min=0, metavar="I", help="Of the samples of the seed, number I alone.")
    ] = None,
    latent: Annotated[
        list[str] | None,
        typer.Option("--latent", metavar="TEXT", help="The sample of this latent, as a page prints it; repeatable."),
    ] = None,
    recipe: Annotated[str | None, typer.Option(help="Of a file of weights that does not say what it is for.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Settings of that recipe; repeatable.")
    ] = None,
    networks: OwnNetworks = None,
) -> None:
    """Make new samples with a trained generator."""
    from wgan.errors import InputError
    from wgan.runs.arrays_out import check_array, is_array
    from wgan.runs.asking import asked
    from wgan.runs.samples_out import check_each
    from wgan.runs.sampling import check_picture

    seeds, at = _seeds("0" if seed is None else seed), step_in(step)
    if latent and only is not None:
        raise InputError("--latent names its samples, and --only one of a seed. Give one of them.")
    if interpolate and (latent or only is not None):
        raise InputError("--interpolate walks between latents of a seed. Leave out --latent and --only.")
    if out is not None and each is not None:
        raise InputError("--out is one file, and --each a folder of them. Give one of them.")
    if n is not None and (latent or only is not None):
        raise InputError(f"{'--latent' if latent else '--only'} says which samples to make. Leave out -n.")
    if format is not None and each is None:
        raise InputError(
            "--format is that of the files of --each DIR. The name of --out says its own, as in --out samples.npy."
        )
    if stretch and (each is not None or (out is not None and is_array(out))):
        raise InputError("--stretch is about pictures to look at. Files of values keep theirs: leave it out.")
    source = _opened(run, recipe, settings or [], networks)
    if latent and seed is not None and source.spec.condition is None:
        raise InputError("--latent says all of a sample of this generator: a seed changes nothing. Leave out --seed.")
    wanted = asked(source.spec.condition, condition)
    if only is not None and wanted is not None and wanted.walking:
        raise InputError("--only makes one sample, and a walk between values has several. Ask for one value.")
    if out is not None:
        check_array(out, source.spec) if is_array(out) else check_picture(out)
    kind = check_each(source.spec, None if format is None else format.value) if each is not None else None
    request = {
        "n": None if latent or only is not None else n or COUNT,
        "condition": sorted(condition or ()),
        "interpolate": interpolate,
        "stretch": stretch,
        "step": at,
        "only": only,
        "latent": latent or [],
        "format": kind,
    }
    job = _Job(source, n or COUNT, wanted, interpolate, only, tuple(latent or ()), at, request)
    if each is not None:
        job.write_each(seeds, each, kind)
        return
    for one in seeds:
        job.write(one, seeds, out, stretch)


class _Job(NamedTuple):
    """What is to be made."""

    source: "Generative"
    n: int
    wanted: "Asked | None"
    interpolate: bool
    only: int | None
    latent: tuple[str, ...]
    step: "Step | None"
    request: dict[str, Any]

    def given(self, seed: int) -> "Inputs | None":
        """The inputs of certain samples, if such were named."""
        from wgan.runs.sampling import of_latents, only

        if self.latent:
            return of_latents(self.source, self.latent, seed, self.wanted)
        return None if self.only is None else only(self.source, self.only, seed, self.wanted)

    def inputs(self, seed: int) -> "tuple[Callable[[], Iterable[Inputs]], int]":
        """The inputs of single samples, as often as they are needed, and their number."""
        from wgan.runs.inputs import in_batches
        from wgan.runs.sampling import sheet_of

        if (given := self.given(seed)) is not None:
            return (lambda: [given]), len(given.latents)
        if not self.interpolate and (self.wanted is None or not self.wanted.walking):
            return (lambda: self.source.batches(self.n, seed, self.wanted)), self.n
        sheet = sheet_of(self.source, self.n, seed, self.wanted, interpolate=self.interpolate, single=True)
        return (lambda: in_batches(sheet.latents, sheet.conditions)), len(sheet.latents)

    def write_each(self, seeds: Sequence[int], folder: Path, format: "Format | None") -> None:
        from wgan.runs.origin import claim_folder, origin
        from wgan.runs.samples_out import Some, write_each

        claim_folder(folder, origin(self.source, self.step, {**self.request, "seed": [seeds[0], seeds[-1]]}))
        parts = [Some(self.inputs(one)[0], f"seed{one}-" if len(seeds) > 1 else "") for one in seeds]
        written = write_each(self.source, parts, folder, step=self.step, format=format)
        typer.echo(f"{written:,} samples in {printable(str(folder))}")

    def write(self, seed: int, seeds: Sequence[int], out: Path | None, stretch: bool) -> None:
        """Write one picture, or one file of values."""
        from wgan.runs.arrays_out import Work, is_array, write_array
        from wgan.runs.origin import free_name, origin, several
        from wgan.runs.sampling import sheet_of, single_sheet, write_grid

        mark = origin(self.source, self.step, {**self.request, "seed": seed})
        named = several(seeds, out, seed) if out is not None else Path(f"{self._name(seed)}.png")
        target, note = free_name(named, mark, chosen=out is not None)
        if is_array(target):
            inputs, number = self.inputs(seed)
            write_array(Work(self.source, inputs, number, self.step, mark), target)
        else:
            given = self.given(seed)
            if given is not None:
                sheet = single_sheet(self.source, given, self.wanted)
            else:
                sheet = sheet_of(self.source, self.n, seed, self.wanted, interpolate=self.interpolate)
            write_grid(self.source, sheet, target, step=self.step, stretch=stretch, mark=mark)
        if note:
            typer.echo(printable(f"note: {note}."), err=True)
        typer.echo(printable(str(target)))

    def _name(self, seed: int) -> str:
        """Of a picture, from what it shows."""
        parts = [self.source.name, "latent" if self.latent else str(seed)]
        if self.step is not None:
            parts.append("best" if self.step == "best" else f"step{self.step}")
        if self.only is not None:
            parts.append(f"only{self.only}")
        return "-".join([*parts, "walk"] if self.interpolate else parts)


def _seeds(text: str) -> range:
    """The seeds that are asked for: one, or all from one to another."""
    from wgan.errors import InputError

    first, dots, last = text.partition("..")
    if not all(map(_is_seed, (first, last if dots else first))):
        raise InputError(f"--seed {text} is no seed. Give a whole number from 0 to 2^63 - 1, or two, like 0..9.")
    found = range(int(first), int(last if dots else first) + 1)
    if not found:
        raise InputError(f"--seed {text} ends before it begins. Write {last}..{first}.")
    if found[-1] - found[0] >= MOST:
        raise InputError(
            f"--seed {text} names more than {MOST:,} seeds. Name fewer, or make more of each seed with -n."
        )
    return found


def _is_seed(text: str) -> bool:
    number = text.lstrip("0") or text[:1]  # Python refuses to read numbers of thousands of digits
    return number.isascii() and number.isdecimal() and len(number) <= 19 and int(number) < 2**63


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
