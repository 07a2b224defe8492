"""`wgan train`: make a plan, show it, and train."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wgan.cli import options
from wgan.cli.output import make_terminal
from wgan.cli.train_lines import ending_lines, plan_lines, starting_lines
from wgan.errors import InputError

if TYPE_CHECKING:
    from wgan.experiment.plan import Plan


def train(
    data: options.Data = None,
    recipe: Annotated[str | None, typer.Option(help="See `wgan recipes`; without it, one that suits DATA.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder. [default: runs/RECIPE-DATA]")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps in all, each with an update of the generator.")] = None,
    epochs: Annotated[
        float | None, typer.Option(help="Passes of the critic over the training data, in place of --steps.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Time to train, in place of --steps: makes steps, schedules and EMA fit it.")
    ] = None,
    condition: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="What to ask the generator for: label, or what else `wgan data DATA` names.",
        ),
    ] = None,
    size: options.Size = None,
    augment: Annotated[
        options.Augment | None,
        typer.Option(
            help="Change samples at random before the critic sees them, which helps where they are few. "
            "[default: auto, or the recipe's]"
        ),
    ] = None,
    batch_size: options.BatchSize = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers.")] = None,
    device: options.DeviceName = None,
    precision: options.Precision = None,
    compile: options.Compile = None,
    metrics: options.Metrics = None,
    stop: Annotated[
        str | None,
        typer.Option(
            metavar="converged|METRIC|never",
            help="End early: once the verdict stays converged, or a metric no longer improves (its best "
            "is kept); or never, which is the default.",
            show_default=False,
        ),
    ] = None,
    track: options.Track = None,
    settings: options.Settings = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be trained, and stop.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Set aside the run that is there and start anew.")] = False,
    on_divergence: Annotated[
        options.OnDivergence | None,
        typer.Option(help="When training diverges: end, or go back and lower the learning rates. [default: stop]"),
    ] = None,
    lang: options.Lang = None,
) -> None:
    """Train a generator on DATA; the same command again resumes.

    With no argument: handwritten digits that come with the program, good pictures within a minute on two cores.
    """
    from wgan.experiment.affordable import affordable_plan
    from wgan.experiment.train import carry_out
    from wgan.training import is_follower, launched_together, restarted

    flags = {
        "data.size": None if size is None else [size],
        "data.condition": options.columns_in(condition),
        "augmentation": augment,
        "training.steps": steps,
        "training.epochs": epochs,
        "training.minutes": minutes,
        "training.batch_size": batch_size,
        "training.seed": seed,
        "device": device,
        "precision": precision,
        "compile": compile,
        "on_divergence": on_divergence,
        "output.metrics": options.names_in(metrics),
        "stop.by": stop,
        "output.track": options.trackers_in(track),
    }
    terminal = make_terminal(quiet=is_follower())

    def show(lines: Iterable[str]) -> None:
        for line in lines:
            terminal.say(line)

    given = options.settings_of(flags, settings)
    anew = fresh and not restarted()
    planned = affordable_plan(data, recipe=recipe, out=out, settings=given, fresh=anew, progress=terminal.counted)
    refused = None if launched_together() else refusal(planned, fresh=anew)  # several processes ask once they have met
    if refused and not dry_run:
        raise refused
    show(plan_lines(planned))
    if dry_run:
        show(("", *planned.config.to_toml().splitlines(), "", "A dry run: no run directory was touched."))
        show([f"Without --dry-run, this is refused: {refused}"] if refused else [])
        return
    run = carry_out(planned, terminal, fresh=fresh, on_start=lambda trainer: show(starting_lines(trainer)))
    if not is_follower():
        show(ending_lines(run))


def refusal(plan: "Plan", *, fresh: bool) -> InputError | None:
    """Why the run cannot use its directory; None if it can."""
    try:
        plan.refuse_place(fresh=fresh)
    except InputError as error:
        return error
    return None
