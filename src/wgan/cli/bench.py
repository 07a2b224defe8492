"""`wgan bench`: how fast a recipe trains here."""

from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Annotated

import typer

from wgan.cli.options import AsJson, BatchSize, DeviceName, Settings, settings_of
from wgan.cli.output import Facts, make_terminal, print_facts

WIDTH = 120
BAR = 24


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

    Engines that compile take a minute or so each before their first step, those of large networks many: nothing that
    was compiled before is used.
    """
    from wgan.bench import bench_facts
    from wgan.recipes import DEFAULT

    given = settings_of({"training.batch_size": batch_size, "device": device}, settings)
    terminal = make_terminal(quiet=as_json)
    facts = bench_facts(recipe or DEFAULT, given, engines or (), rounds, terminal.counted)
    print_facts(facts, bench_lines, as_json=as_json)


def bench_lines(facts: Facts) -> Iterator[str]:
    """Engines, then where the time goes, then what is measured once."""
    from wgan.types import SampleSpec

    threads, rounds = facts["threads"], facts["rounds"]
    spec = SampleSpec.of(tuple(facts["data_shape"]))
    on = f"{threads} thread{'s' if threads > 1 else ''}, " if facts["device"] == "cpu" else ""
    yield (
        f"{facts['recipe']}: batches of {facts['batch_size']} {spec}, {_updates(facts)} a step; "
        f"{facts['device']}, {on}torch {facts['torch']}"
    )
    usable = [engine for engine in facts["engines"] if "unusable" not in engine]
    if usable:
        columns = ("engine", "images/s", "ms a step", "times as fast", "of ceiling", "memory", "start", "set-up")
        yield from _table(columns, map(_engine, usable))
        yield f"Medians of {rounds} rounds in turns, and their range; start: the program to the end of its first step;"
        yield "set-up: of that, building, compiling and that step."
    for engine in facts["engines"]:
        if "unusable" in engine:
            yield f"{engine['engine']} cannot be used: {engine['unusable']}"
    yield from _split(facts)
    yield ""
    ceilings = ", ".join(f"{name} {_scaled(value)}FLOP/s" for name, value in facts["ceilings"].items())
    yield f"ceiling: matrix products on this machine do at most {ceilings}"
    yield f"counted: {_scaled(float(facts['flops']['step']))}FLOP a step, in products and convolutions alone"
    yield f"first grid: {facts['first_grid_seconds']:.1f} s after `wgan train`, which packs the data first"


def _updates(facts: Facts) -> str:
    critic, generator = facts["critic_steps"], facts["generator_steps"]
    told = f"{critic} critic update{'s' if critic > 1 else ''}"
    return told if generator == 1 else f"{told} and {generator} generator updates"


def _engine(engine: Facts) -> list[str]:
    # Of memory, the GPU's, where there is one: it is the one that is short.
    used = engine["peak_bytes"] if engine["peak_device_bytes"] is None else engine["peak_device_bytes"]
    return [
        engine["engine"],
        f"{engine['images_per_second']:,.0f}",
        _spread(engine["step_seconds"], 1000.0),
        _spread(engine["times_as_fast"], 1.0),
        f"{engine['share_of_ceiling']:.0%}",
        "-" if used is None else f"{used / 2**20:,.0f} MiB",
        f"{_three(engine['start_up_seconds'])} s",
        f"{_three(engine['set_up_seconds'])} s",
    ]


def _split(facts: Facts) -> Iterator[str]:
    split, flops, rows = facts["split"], facts["flops"]["parts"], []
    for name, seconds in split["parts"].items():
        share = seconds / split["sum"]
        counted = float(flops.get(name, 0))
        speed = _scaled(counted / seconds) if counted and seconds else ""
        bar = "█" * round(BAR * share)
        rows.append([name, _three(1000 * seconds), f"{share:.0%}", bar, _scaled(counted) if counted else "", speed])
    yield from _table(("part of an eager step", "ms", "share", "", "FLOP", "FLOP/s"), rows)
    yield (
        f"Each part by itself: {_three(1000 * split['sum'])} ms together, where the whole step takes "
        f"{_three(1000 * split['whole'])} ms."
    )


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table, between empty ones."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1))
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i and column else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(file=StringIO(), width=WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    yield from ("", *(line.rstrip() for line in captured.get().splitlines()), "")


def _spread(spread: Facts, factor: float) -> str:
    middle, least, most = (_three(factor * spread[name]) for name in ("median", "least", "most"))
    return middle if least == most else f"{middle} ({least}-{most})"


def _three(value: float) -> str:
    """Three digits that count, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _scaled(value: float) -> str:
    """Three digits and the prefix of a power of a thousand: 12.3 G."""
    for prefix, factor in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= factor:
            return f"{_three(value / factor)} {prefix}"
    return f"{value:.3g} "
