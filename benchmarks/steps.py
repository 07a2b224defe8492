"""Steady steps side by side: ours, the tutorial's in plain eager fp32 PyTorch, and one compiled by JAX.

    python benchmarks/steps.py [RECIPE ...] [--jax-python PYTHON] [--threads N] [--json]

Same networks, first weights, batches, latents and number of updates; each in a process of its own, by turns. First the
losses of a few steps are compared, which have to agree within `tolerances`. Then come rounds, and ratios within each:
above 1, ours is the faster. Our steps include what a run does: gathering batches, drawing numbers, averaging the
generator. The rivals' inputs lie ready, and the tutorial's step keeps no average. Pictures are random, or those of
--data. JAX runs in a Python that has jax and optax. --float64 times nothing: the rivals' losses in double
precision, where ten steps leave no room for anything but the same mathematics.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from rivals.given import facts_of, packed, pictures, write_inputs
from rivals.our_step import ENGINES
from rivals.turns import Contender, Lost, Spread, Turn, begun, by_turns, plain, ratio
from wgan.recipes import recipe

COUNTS = {"wgan-gp-digits": 60, "wgan-gp-mnist": 10, "wgan-gp-celeba": 2}
"""Steps in a round."""
COMPARED = {"wgan-gp-digits": 10, "wgan-gp-mnist": 10, "wgan-gp-celeba": 3}
"""Steps whose losses are compared, and whose batches the rivals go round."""
EAGER = "tutorial, eager fp32"


class Apart(NamedTuple):
    """By how much losses differ, relative to the larger of the loss and one: in the first step, and in any."""

    first: float
    any: float


def tolerances(name: str, who: str) -> Apart:
    """What rounding may do. It grows: Adam's first updates have the size of the rate, however small the gradient.

    A first step already has several of them. With convolutions, its losses in single precision were 7e-4 from those of
    the same tutorial in double precision; with MLPs, different implementations were at most 3e-5 apart.
    """
    if "bf16" in who or "tf32" in who:
        return Apart(5e-2, math.inf)
    return Apart(5e-3 if name == "wgan-gp-celeba" else 1e-4, 2e-2)


class Comparison(NamedTuple):
    """One contestant: times of its steps, and how far its losses are from those of the tutorial's."""

    turns: list[Turn]
    apart: Apart


@contextmanager
def contenders(name: str, given: argparse.Namespace) -> Iterator[dict[str, Contender]]:
    """Everybody who trains one recipe, ready to; the tutorial's step first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = recipe(name)
        data = given.data or pictures(config, 2000, folder / "pictures.npy")
        pack = packed(config, data)
        write_inputs(config, pack, COMPARED[name], folder / "inputs.npz")
        facts = facts_of(config, pack)
        common = {"threads": given.threads, "device": given.device}
        rival = {**common, "inputs": str(folder / "inputs.npz"), "facts": facts, "float64": given.float64}
        found = {EAGER: begun("eager_step", rival)}
        for engine in () if given.float64 else given.engines:
            ours = {**common, "recipe": name, "data": data, "engine": engine}
            found[f"ours, {engine}"] = begun("our_step", ours)
        if given.jax_python:
            found["jax"] = begun("jax_step", rival, given.jax_python)
        for contender in found.values():
            stack.callback(contender.end)
        for who, contender in list(found.items()):
            try:
                contender.ready()
            except Lost as lost:
                print(f"{name}: {who} left out: {lost}", file=sys.stderr)
                del found[who]
        yield found


def measured(name: str, given: argparse.Namespace) -> dict[str, Comparison]:
    """Each contestant of one recipe."""
    with contenders(name, given) as found:
        losses = {who: np.array(contender.ask("losses", COMPARED[name])) for who, contender in found.items()}
        differences = {who: apart(losses[who], losses[EAGER]) for who in found}
        if given.float64:
            return {who: Comparison([], differences[who]) for who in found}
        count = given.count or COUNTS[name]
        for contender in found.values():
            contender.steps(count)  # warms up
        times = by_turns(found, dict.fromkeys(found, count), range(given.rounds))
        return {who: Comparison(times[who], differences[who]) for who in found}


def apart(losses: Any, others: Any) -> Apart:
    """Of losses (S, 2)."""
    difference = (np.abs(losses - others) / np.maximum(1, np.abs(others))).max(axis=1)
    return Apart(float(difference[0]), float(difference.max()))


def rows(name: str, found: dict[str, Comparison]) -> list[dict[str, Any]]:
    """One for each contestant; `eager` and `jax` say how many times as long those take."""

    def against(rival: str, who: str, kind: int) -> Spread | None:
        if rival not in found or rival == who or not found[who].turns:
            return None
        return ratio([turn[kind] for turn in found[rival].turns], [turn[kind] for turn in found[who].turns])

    def milliseconds(one: Comparison, kind: int) -> float:
        return 1e3 * statistics.median(turn[kind] for turn in one.turns) if one.turns else math.nan

    return [
        {
            "name": who,
            "milliseconds": milliseconds(one, 0),
            "cpu_milliseconds": milliseconds(one, 1),
            "eager": against(EAGER, who, 0),
            "eager_cpu": against(EAGER, who, 1),
            "jax": against("jax", who, 0),
            "losses_apart": one.apart,
            "losses_agree": all(found <= most for found, most in zip(one.apart, tolerances(name, who), strict=True)),
        }
        for who, one in found.items()
    ]


def told(results: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The table."""
    yield "| recipe | step | ms | CPU ms | eager takes x | by CPU time | JAX takes x | losses apart: first step, any |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, table in results.items():
        for row in table:
            cells = [str(row[key] or "") for key in ("eager", "eager_cpu", "jax")]
            times = ["" if math.isnan(row[key]) else f"{row[key]:.2f}" for key in ("milliseconds", "cpu_milliseconds")]
            apart = ", ".join(f"{value:.0e}" for value in row["losses_apart"])
            cells = [name, row["name"], *times, *cells, apart + ("" if row["losses_agree"] else " TOO FAR")]
            yield f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=list(COUNTS))
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), metavar="NAME")
    parser.add_argument("--data", help="what to train on instead of random pictures")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--count", type=int, help="steps in a round")
    parser.add_argument("--jax-python", help="a Python that has jax and optax")
    parser.add_argument("--float64", action="store_true", help="compare the rivals' losses in double precision")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    results = {name: rows(name, measured(name, given)) for name in given.recipes}
    if given.json:
        print(json.dumps(plain(results)))
        return
    print(
        f"torch {torch.__version__}, {given.device}, threads: {given.threads}, load {os.getloadavg()[0]:.1f}; "
        f"medians of {given.rounds} rounds; ratios: median (least to most)\n"
    )
    print("\n".join(told(results)))


if __name__ == "__main__":
    main()
