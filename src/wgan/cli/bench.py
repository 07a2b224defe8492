"""`wgan bench`: how fast a recipe trains here."""

from typing import Annotated

import typer

from wgan.cli.commands import app
from wgan.cli.shell import AsJson, BatchSize, DeviceName, Settings, make_terminal, print_facts


@app.command()
def bench(
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="[RECIPE]", help="See `wgan recipes`. [default: wgan-gp-digits]", show_default=False),
    ] = None,
    batch_size: BatchSize = None,
    device: DeviceName = None,
    settings: Settings = None,
    engines: Annotated[
        list[str] | None,
        typer.Option(
            "--engine", metavar="NAME", help="Only this one, as 'eager fp32'; repeatable.", show_default=False
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each engine takes its turn.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Measure how fast RECIPE trains here, with every engine, and where the time goes; on made-up data.

    Engines that compile take a minute or so each before their first step: nothing that was compiled before is used.
    """
    from wgan.bench import bench_facts, bench_lines
    from wgan.config import parse_setting
    from wgan.recipes import DEFAULT

    flags = {"training.batch_size": batch_size, "device": device and device.value}
    given = {key: value for key, value in flags.items() if value is not None}
    given |= dict(parse_setting(text) for text in settings or [])
    terminal = make_terminal(quiet=as_json)
    facts = bench_facts(recipe or DEFAULT, given, engines or (), rounds, terminal.counted)
    print_facts(facts, bench_lines, as_json)
