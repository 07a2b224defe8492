"""The command line: parse, call, print. What it offers is frozen by `tests/test_cli_surface.py`."""

import atexit
import gc
import warnings
from pathlib import Path
from typing import Annotated

import typer

from wgan._version import __version__
from wgan.cli.shell import (
    AsJson,
    BatchSize,
    Commands,
    Compile,
    Data,
    DeviceName,
    Metrics,
    OnDivergence,
    Precision,
    RunPath,
    Settings,
    Size,
    make_terminal,
    print_facts,
)
from wgan.errors import InputError
from wgan.printable import printable

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, watch and use generative adversarial networks of the Wasserstein family.",
    epilog="Start with: wgan train",
)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"wgan {__version__}")
        raise typer.Exit


@app.command()
def train(
    data: Data = None,
    recipe: Annotated[str | None, typer.Option(help="See `wgan recipes`; without it, one that suits DATA.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder. [default: runs/RECIPE-DATA]")] = None,
    steps: Annotated[int | None, typer.Option(help="Generator updates in all.")] = None,
    size: Size = None,
    batch_size: BatchSize = None,
    seed: Annotated[int | None, typer.Option(help="Decides everything that is random.")] = None,
    device: DeviceName = None,
    precision: Precision = None,
    compile: Compile = None,
    metrics: Metrics = None,
    settings: Settings = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be trained, and stop.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Set aside the run that is there and start anew.")] = False,
    on_divergence: Annotated[
        OnDivergence | None,
        typer.Option(help="When numbers leave every bound: end, or go back and lower the rates. [default: stop]"),
    ] = None,
) -> None:
    """Train a generator on DATA; the same command again resumes.

    With no argument: handwritten digits that come with the program, good pictures within a minute or two on two cores.
    """
    from wgan.api import plan, watch
    from wgan.config import parse_setting
    from wgan.describe import ending_lines, plan_lines, starting_lines
    from wgan.judging import metric_names
    from wgan.training import following

    flags = {
        "data.size": None if size is None else [size, size],
        "training.steps": steps,
        "training.batch_size": batch_size,
        "training.seed": seed,
        "device": device and device.value,
        "precision": precision and precision.value,
        "compile": compile and compile.value,
        "on_divergence": on_divergence and on_divergence.value,
        "output.metrics": metric_names(metrics),
    }
    given = {key: value for key, value in flags.items() if value is not None}
    given |= dict(parse_setting(text) for text in settings or [])
    terminal = make_terminal(quiet=following())
    planned = plan(data, recipe=recipe, out=out, settings=given, terminal=terminal)
    for line in plan_lines(planned):
        terminal.say(line)
    if dry_run:
        for line in ("", *planned.config.to_toml().splitlines(), "", "A dry run: no run directory was touched."):
            terminal.say(line)
        return
    with planned.joined() as world:
        experiment = planned.experiment(fresh=fresh, terminal=terminal, world=world)
        for line in starting_lines(experiment) if world.leads else ():
            terminal.say(line)
        watch(experiment, terminal)
        for line in ending_lines(experiment.run) if world.leads else ():
            terminal.say(line)


@app.command()
def sample(
    run: RunPath,
    n: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Decides which.")] = 0,
    out: Annotated[Path | None, typer.Option(help="The picture to write. [default: RUN-SEED.png, here]")] = None,
    each: Annotated[Path | None, typer.Option(metavar="DIR", help="Write every sample as a PNG of its own.")] = None,
    interpolate: Annotated[bool, typer.Option("--interpolate", help="Walk from latent to latent.")] = False,
    step: Annotated[int | None, typer.Option(help="Of which kept checkpoint. [default: the newest]")] = None,
) -> None:
    """Make new samples with a trained generator."""
    from wgan.rundir import Run
    from wgan.sampling import WALK, walks, write_each, write_grid

    opened = Run.open(run)
    z = walks(opened, n, seed) if interpolate else opened.latents(n, seed)
    if each is not None:
        typer.echo(f"{write_each(opened, z, each, step=step):,} pictures in {printable(str(each))}")
        return
    at = "" if step is None else f"-step{step}"
    target = out or Path(f"{opened.path.resolve().name}-{seed}{at}{'-walk' if interpolate else ''}.png")
    columns = WALK if interpolate else opened.config.output.columns
    write_grid(opened, z, target, columns=columns, step=step)
    typer.echo(printable(str(target)))


@app.command()
def doctor(run: RunPath, as_json: AsJson = False) -> None:
    """Say whether training works: a verdict, the evidence, and what to do."""
    from wgan.judging import diagnosis_facts, diagnosis_lines
    from wgan.rundir import Run

    print_facts(diagnosis_facts(Run.open(run)), diagnosis_lines, as_json)


@app.command()
def evaluate(
    run: RunPath,
    metrics: Metrics = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Compare with other data. [default: the run's own]")
    ] = None,
    n: Annotated[int | None, typer.Option("-n", min=2, help="How many fakes, and reals. [default: 2500]")] = None,
    step: Annotated[int | None, typer.Option(help="Of which kept checkpoint. [default: the newest]")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Decides which fakes and reals.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure how far a run's samples are from data it never saw, beside what real samples would get."""
    from wgan.judging import evaluation_facts, evaluation_lines
    from wgan.rundir import Run

    terminal = make_terminal(quiet=as_json)
    facts = evaluation_facts(Run.open(run), metrics, data, n, step, seed, terminal)
    print_facts(facts, evaluation_lines, as_json)


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that `wgan train` wrote.")],
    out: Annotated[
        Path | None,
        typer.Option(help="The page to write. [default: RUN/report.html; for several runs, report.html here]"),
    ] = None,
) -> None:
    """Write one self-contained HTML page: verdict, grids, neighbours, curves, settings; several runs side by side."""
    from wgan.report import write_report
    from wgan.rundir import Run

    opened = [Run.open(run) for run in runs]
    target = out or (opened[0].report_file if len(opened) == 1 else Path("report.html"))
    if target.suffix not in (".html", ".htm"):
        raise InputError(f"{target} is not the name of a page. Name one that ends in .html.")
    write_report(opened, target)
    typer.echo(printable(str(target)))


@app.command()
def data(
    data: Annotated[str, typer.Argument(metavar="DATA", help="As for `wgan train`.")],
    size: Size = None,
    out: Annotated[Path | None, typer.Option(help="The contact sheet. [default: contact-NAME.png, here]")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in DATA and what was skipped and why; pack it, and draw a contact sheet."""
    from wgan.describe import data_facts, data_lines

    terminal = make_terminal(quiet=as_json)
    facts = data_facts(data, size, out, terminal)
    print_facts(facts, data_lines, as_json)


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One recipe.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List the recipes; with NAME, its settings, layer tables and parameter counts."""
    from wgan.describe import catalogue_facts, catalogue_lines, recipe_facts, recipe_lines

    if name is None:
        print_facts(catalogue_facts(), catalogue_lines, as_json)
    else:
        print_facts(recipe_facts(name), recipe_lines, as_json)


def main() -> None:
    """The `wgan` command."""
    warnings.formatwarning = lambda message, *_, **__: f"note: {printable(str(message))}\n"
    # Python looks through all that was loaded for garbage, again and again while torch is imported and once at the end:
    # half a second of the four that a short run takes, in which there is none.
    gc.set_threshold(10_000, 10, 10)
    atexit.register(gc.freeze)
    app()
