"""`wgan sweep`: many runs, ranked in one table."""

import shlex
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wgan.cli import options
from wgan.cli.output import make_terminal
from wgan.errors import InputError, TrainingError
from wgan.language import say
from wgan.system.text import padded, printable

if TYPE_CHECKING:
    from wgan.sweeps import PlannedSweep, Table

At = StrEnum("At", ["last", "best"])
SHOWN = 60
"""Runs that a dry run lists."""


def sweep(
    data: options.Data = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=A,B,...",
            help="A setting of `wgan recipes NAME`: one value for all runs, several to try each, or a range "
            "(1e-5..1e-3, log:A..B, lin:A..B, int:A..B) for --random and --optuna; repeatable.",
        ),
    ] = None,
    seeds: Annotated[
        str, typer.Option(metavar="N|A,B,...", help="Runs of each combination: 3 for seeds 0, 1 and 2, or which.")
    ] = "1",
    out: Annotated[Path | None, typer.Option(help="The sweep's folder. [default: runs/sweep-RECIPE-DATA]")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at once: on GPUs one for each, on a CPU a thread each.")] = 1,
    metric: Annotated[
        str | None,
        typer.Option(
            help="What to rank by: a name of docs/metrics.md, measured while training, or a function of your own. "
            "[default: frechet, for points energy, as runs measure them anyway]"
        ),
    ] = None,
    at: Annotated[At, typer.Option(help="Rank by the value at each run's last step, or by its best.")] = At.last,
    random: Annotated[int | None, typer.Option(metavar="N", min=1, help="Draw N combinations.")] = None,
    optuna: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Have Optuna suggest N combinations, one after the other.")
    ] = None,
    draw_seed: Annotated[int, typer.Option(min=0, help="Seed of --random and --optuna.")] = 0,
    slurm: Annotated[bool, typer.Option("--slurm", help="Print a script for sbatch that does the same.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Train nothing; make the table of what is there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be trained, and stop.")] = False,
    recipe: Annotated[str | None, typer.Option(help="See `wgan recipes`; without it, one that suits DATA.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps of each run.")] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the training data, in place of --steps.")] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Time for each run, in place of --steps: then their lengths differ.")
    ] = None,
    condition: Annotated[
        str | None, typer.Option(metavar="A,B", help="What to ask the generator for, as for `wgan train`.")
    ] = None,
    size: options.Size = None,
    augment: Annotated[
        options.Augment | None, typer.Option(help="Change samples at random before the critic sees them.")
    ] = None,
    batch_size: options.BatchSize = None,
    device: options.DeviceName = None,
    precision: Annotated[
        options.PrecisionChoice | None, typer.Option(help="Number format of products. [default: fp32, for all alike]")
    ] = None,
    compile: Annotated[options.Switch | None, typer.Option(help="Compile steps. [default: off, for all alike]")] = None,
    stop: Annotated[
        str | None, typer.Option(metavar="converged|METRIC|never", help="End runs early, as for `wgan train`.")
    ] = None,
    lang: options.Lang = None,
) -> None:
    """Train with every combination of some settings, and rank them; the same command again resumes.

    For example: wgan sweep digits --set objective.penalty_weight=1,10,100 --seeds 3
    """
    from wgan import sweeps

    if random is not None and optuna is not None:
        raise InputError("Give --random or --optuna, not both.")
    flags = options.settings_of(
        {
            "data.size": None if size is None else [size],
            "data.condition": options.columns_in(condition),
            "augmentation": augment,
            "training.steps": steps,
            "training.epochs": epochs,
            "training.minutes": minutes,
            "training.batch_size": batch_size,
            "device": device,
            "precision": precision,
            "compile": compile,
            "stop.by": stop,
        },
        (),
    )
    asked = sweeps.Sweep(
        data=data,
        recipe=recipe,
        given=sweeps.given_of(flags, settings or ()),
        seeds=sweeps.seeds_in(seeds),
        way="random" if random is not None else "optuna" if optuna is not None else "grid",
        count=random or optuna or 0,
        draw_seed=draw_seed,
        metric=metric,
        at="best" if at is At.best else "last",
    )
    terminal = make_terminal()
    planned = sweeps.planned_sweep(asked, out, make_terminal(quiet=True) if slurm else terminal)
    if slurm:
        lines = sweeps.script(planned.sweep, planned.runs, planned.folder, _again())
        sweeps.announce(planned)  # so that the folder is known as the sweep's once its runs are there
        for line in lines:
            typer.echo(line)
        told = say("{file} lists these runs; nothing is trained yet.", file=planned.folder / "sweep.toml")
        after = say("Once the jobs have ended, the same command with --table in place of --slurm makes the table.")
        typer.echo(printable(f"{told} {after}"), err=True)
        return
    for line in plan_lines(planned, jobs):
        terminal.say(line)
    if dry_run:
        for line in dry_lines(planned):
            terminal.say(line)
        return
    made = sweeps.carry_out(planned, terminal, jobs=jobs, train=not table)
    for line in ending_lines(made):
        typer.echo(printable(line))
    if failed := [run for run in made.runs if run.state == "failed"]:
        raise TrainingError(f"{len(failed)} of {len(made.runs)} runs failed; the same command tries them again.")


def _again() -> str:
    """The same command, without what makes it print the script."""
    return shlex.join(["wgan", *(word for word in sys.argv[1:] if word != "--slurm")])


def plan_lines(planned: "PlannedSweep", jobs: int) -> Iterator[str]:
    """What will be trained, on one screen."""
    from wgan.sweeps.axes import Choice, written
    from wgan.sweeps.words import place_word

    asked, config = planned.sweep, planned.first.config
    yield say("recipe  {recipe} on {data}", recipe=config.recipe, data=planned.first.pack.contents.name)
    for key, axis in asked.axes.items():
        values = ", ".join(map(written, axis.values)) if isinstance(axis, Choice) else axis.to_plain()
        yield say("vary    {key}: {values}", key=key, values=values)
    seeds = ", ".join(map(str, asked.seeds))
    count = asked.count * len(asked.seeds) if asked.way == "optuna" else len(planned.runs)
    left = count - len(planned.runs) + len(planned.unfinished)
    yield say(
        "runs    {count} in {folder}, seeds {seeds}; {left} left",
        count=count,
        folder=planned.folder,
        seeds=seeds,
        left=left,
    )
    if asked.way == "random" and len(planned.runs) < asked.count * len(asked.seeds):
        yield say(
            "        some draws were alike: {count} combinations are different",
            count=len(planned.runs) // len(asked.seeds),
        )
    if planned.others:
        yield say("        other settings of this sweep are shown too: {count} more runs", count=len(planned.others))
    if planned.planner.kept:
        yield say(
            "        {count} of these runs are known from earlier commands and keep their names, as {name}",
            count=len(planned.planner.kept),
            name=planned.planner.kept[0].name,
        )
    yield say(
        "rank    by {metric}, {where}",
        metric=planned.taken.metric,
        where=place_word(planned.taken),
    )
    if threads := config.threads:
        yield say(
            "        {jobs} at once; CPU threads of each: {threads}, whatever --jobs is, since they change"
            " the last digits",
            jobs=jobs,
            threads=threads,
        )
    if config.training.minutes is not None:
        yield say("        --minutes makes the length of a run depend on how busy the machine is; --steps does not")


def dry_lines(planned: "PlannedSweep") -> Iterator[str]:
    """The runs, and what those that have ended say of the time."""
    from wgan.sweeps.plan import is_finished
    from wgan.views import duration

    yield ""
    width = max((len(run.name) for run in planned.runs), default=0)
    for run in planned.runs[:SHOWN]:
        state = say("done") if is_finished(planned.at(run)) else say("to train")
        yield f"  {padded(run.name, width, '<')}  {say('{steps:,} steps', steps=run.config.training.steps)}  {state}"
    if len(planned.runs) > SHOWN:
        yield say("  and {count:,} more", count=len(planned.runs) - SHOWN)
    ended = [planned.at(run).metrics() for run in planned.runs if is_finished(planned.at(run))]
    seconds = [rows[-1]["seconds"] for rows in ended if rows and "seconds" in rows[-1]]
    if seconds and planned.unfinished:
        each = sum(seconds) / len(seconds)
        yield say(
            "time    about {time} for what is left, one after the other", time=duration(each * len(planned.unfinished))
        )
    yield say("A dry run: nothing was written.")


def ending_lines(table: "Table") -> Iterator[str]:
    """The table, what it says, and where to look."""
    from wgan import sweeps

    yield ""
    yield from sweeps.table_lines(table)
    yield ""
    yield from sweeps.ending_lines(table)
    for run in table.runs:
        if run.failure:
            yield say("  {run} failed: {why}", run=run.name, why=run.failure)
    yield say("  {file}   the table as a page, with links to the runs", file=table.folder / "sweep.html")
    if (report := table.folder / "report.html").exists():
        yield say("  {file}   all runs side by side", file=report)
    yield say("  {file}   the same for other programs", file=table.folder / "sweep.csv")
