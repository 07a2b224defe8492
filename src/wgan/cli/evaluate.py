"""`wgan evaluate`: how far a run's samples are from data it never saw."""

from collections.abc import Iterator
from typing import Annotated

import typer

from wgan.cli.options import AsJson, Metrics, RunPath, names_in
from wgan.cli.output import Facts, make_terminal, print_facts


def evaluate(
    run: RunPath,
    metrics: Metrics = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Compare with other data. [default: the run's own]")
    ] = None,
    n: Annotated[int | None, typer.Option("-n", min=2, help="How many fakes, and reals. [default: 2500]")] = None,
    step: Annotated[int | None, typer.Option(help="Use the checkpoint of this step. [default: the newest]")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of the fakes and of the choice of reals.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure how far a run's samples are from data it never saw, beside what real samples would get."""
    from wgan import evaluation

    terminal = make_terminal(quiet=as_json)
    found = evaluation.evaluate(
        run, metrics=names_in(metrics), data=data, n=n, step=step, seed=seed, progress=terminal.counted
    )
    print_facts({"run": str(run), **found.to_dict()}, evaluation_lines, as_json=as_json)


def evaluation_lines(facts: Facts) -> Iterator[str]:
    """The same for people: a line for each metric."""
    yield (
        f"{facts['run']} at step {facts['step']:,}: {facts['n']:,} fakes against {facts['reference']:,} held-out reals "
        f"of {facts['data']}"
    )
    width = max(map(len, facts["metrics"]), default=0)
    yield f"  {'':{width}}  {'value':>9}  {'95% interval':^21}  {'floor':>9}  better"
    for name, result in facts["metrics"].items():
        told = result["low"] is not None and result["high"] is not None
        interval = f"{_number(result['low'])} to {_number(result['high'])}" if told else "-"
        fewer = f" (of {result['n']:,})" if result["n"] < facts["n"] else ""
        yield (
            f"  {name:{width}}  {_number(result['value']):>9}  {interval:^21}  {_number(result['floor']):>9}  "
            f"{result['better']}{fewer}"
        )
    sets = f", the mean of {facts['floor_sets']} such sets" if facts["floor_sets"] > 1 else ""
    yield f"floor: {facts['floor']:,} real training samples in place of the fakes, the best to be expected{sets}"
    if any(result["low"] is not None for result in facts["metrics"].values()):
        yield (
            "95% interval: over other draws of fakes, the reals staying the same; from random halves of the fakes "
            "(a jackknife, not a bootstrap)"
        )
    for seen in dict.fromkeys(facts["seen_by"].values()):
        names = [name for name, other in facts["seen_by"].items() if other == seen]
        yield f"seen by {', '.join(names)}: {seen}"
    for note in facts["notes"]:
        yield f"note: {note}"


def _number(value: float | None) -> str:
    """Four digits that count, without an exponent where it can be read without; a dash for none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.4g}" if abs(value) >= 1e-4 else f"{value:.1g}"
