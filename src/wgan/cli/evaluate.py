"""`wgan evaluate`: how far a run's samples are from data it never saw."""

from collections.abc import Iterator
from typing import Annotated

import typer

from wgan.cli.options import AsJson, Lang, Metrics, OwnNetworks, TrainedPath, names_in, own_generator_of
from wgan.cli.output import Facts, make_terminal, print_facts
from wgan.language import say
from wgan.system.text import padded


def evaluate(
    run: TrainedPath,
    metrics: Metrics = None,
    data: Annotated[
        str | None, typer.Option(metavar="DATA", help="Compare with other data. [default: the run's own]")
    ] = None,
    n: Annotated[int | None, typer.Option("-n", min=2, help="How many fakes, and reals. [default: 2500]")] = None,
    step: Annotated[int | None, typer.Option(help="Use the checkpoint of this step. [default: the newest]")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Seed of the fakes and of the choice of reals.")] = 0,
    networks: OwnNetworks = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Measure how far a run's samples are from data it never saw, beside what real samples would get."""
    from wgan import evaluation
    from wgan.runs import Run

    terminal = make_terminal(quiet=as_json)
    opened = Run.open(run, own_generator_of(networks))
    found = evaluation.evaluate(
        opened, metrics=names_in(metrics), data=data, n=n, step=step, seed=seed, progress=terminal.counted
    )
    print_facts({"run": str(run), **found.to_dict()}, evaluation_lines, as_json=as_json)


def evaluation_lines(facts: Facts) -> Iterator[str]:
    """The same for people: a line for each metric. What is kept in evaluations.jsonl, notes and all, is English."""
    from wgan.metrics import better_word

    yield say(
        "{run} at step {step:,}: {n:,} fakes against {reference:,} held-out reals of {data}",
        **{name: facts[name] for name in ("run", "step", "n", "reference", "data")},
    )
    width = max(map(len, facts["metrics"]), default=0)
    titles = padded(say("value"), 9, ">"), padded(say("95% interval"), 21, "^"), padded(say("floor"), 9, ">")
    yield f"  {'':{width}}  {'  '.join(titles)}  {say('better')}"
    for name, result in facts["metrics"].items():
        told = result["low"] is not None and result["high"] is not None
        low, high = _number(result["low"]), _number(result["high"])
        interval = padded(say("{low} to {high}", low=low, high=high) if told else "-", 21, "^")
        fewer = say(" (of {n:,})", n=result["n"]) if result["n"] < facts["n"] else ""
        yield (
            f"  {name:{width}}  {_number(result['value']):>9}  {interval}  {_number(result['floor']):>9}  "
            f"{better_word(result['better'])}{fewer}"
        )
    sets = say(", the mean of {count} such sets", count=facts["floor_sets"]) if facts["floor_sets"] > 1 else ""
    yield say(
        "floor: {count:,} real training samples in place of the fakes, the best to be expected{sets}",
        count=facts["floor"],
        sets=sets,
    )
    if any(result["low"] is not None for result in facts["metrics"].values()):
        yield say(
            "95% interval: over other draws of fakes, the reals staying the same; from random halves of the fakes "
            "(a jackknife, not a bootstrap)"
        )
    for seen in dict.fromkeys(facts["seen_by"].values()):
        names = [name for name, other in facts["seen_by"].items() if other == seen]
        yield say("seen by {names}: {what}", names=", ".join(names), what=seen)
    for note in facts["notes"]:
        yield say("note: {text}", text=note)


def _number(value: float | None) -> str:
    """Four digits that count, without an exponent where it can be read without; a dash for none."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.4g}" if abs(value) >= 1e-4 else f"{value:.1g}"
