"""Steady steps side by side: ours, the tutorial's in plain eager fp32 PyTorch, and one compiled by JAX.

    python benchmarks/steps.py [RECIPE ...] [--jax-python PYTHON] [--threads N] [--json]

Same networks, first weights, batches, latents and number of updates; each in a process of its own, by turns. First the
losses of the steps before any is timed are compared, which have to agree within `TOLERANCE`. Then come rounds of a
few steps, and ratios within each round: above 1, ours is the faster. Our steps include what a run does: gathering batches, drawing
numbers, averaging the generator. The rivals' inputs lie ready, and the tutorial's step keeps no average.
Pictures are random, or those of --data. JAX runs MLPs only, in a Python that has jax and optax.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from rivals.given import facts_of, write_inputs
from rivals.our_step import ENGINES
from rivals.turns import Contender, Lost, Ratio, Turn, by_turns, ratio
from wgan.data import open_pack, open_source
from wgan.recipes import recipe

COUNTS = {"wgan-gp-digits": 60, "wgan-gp-mnist": 10, "wgan-gp-celeba": 2}
"""Steps in a round."""
COMPARED = {"wgan-gp-digits": 10, "wgan-gp-mnist": 10, "wgan-gp-celeba": 3}
"""Steps whose losses are compared, and whose batches the rivals go round."""
TOLERANCE = 1e-3
"""Of losses, relative to the larger of them and one: float32 over ten steps, sums in another order."""
EAGER = "tutorial, eager fp32"


class Comparison(NamedTuple):
    """One contestant: times of a step, how often its time ours is, its losses against the tutorial's."""

    turns: list[Turn]
    apart: float
    """The largest difference of losses from those of the tutorial's step."""


def measured(name: str, given: argparse.Namespace) -> dict[str, Comparison]:
    """Each contestant of one recipe, the tutorial's step first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data = given.data or pictures(name, folder)
        config = recipe(name)
        pack = open_pack(open_source(data), config.data.size, config.data.channels)
        write_inputs(config, pack, COMPARED[name], folder / "inputs.npz")
        facts = facts_of(config, pack)
        common = {"threads": given.threads, "device": given.device}
        rival = {**common, "inputs": str(folder / "inputs.npz"), "facts": facts}
        contenders = {EAGER: Contender("eager_step", rival)}
        for engine in given.engines:
            ours = {**common, "recipe": name, "data": data, "engine": engine}
            contenders[f"ours, {engine}"] = Contender("our_step", ours)
        if given.jax_python and facts["kind"] == "mlp":
            contenders["jax"] = Contender("jax_step", rival, given.jax_python)
        for contender in contenders.values():
            stack.callback(contender.end)
        losses: dict[str, Any] = {}
        for who, contender in list(contenders.items()):
            try:
                contender.answer()
                losses[who] = np.array(contender.ask("losses", COMPARED[name]))
                contender.ask("steps", given.count or COUNTS[name])  # warms up
            except Lost as lost:
                print(f"{who} left out: {lost}")
                del contenders[who]
        times = by_turns(contenders, given.count or COUNTS[name], given.rounds)
        return {who: Comparison(times[who], apart(losses[who], losses[EAGER])) for who in contenders}


def pictures(name: str, folder: Path) -> str:
    """Random ones, of the recipe's shape; digits come with the program."""
    config = recipe(name)
    if config.data.source == "digits":
        return "digits"
    assert config.data.size is not None
    shape = (2000, *config.data.size, config.data.channels)
    np.save(folder / "pictures.npy", np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    return str(folder / "pictures.npy")


def apart(losses: Any, others: Any) -> float:
    """The largest difference, relative to the larger of the loss and one."""
    return float((np.abs(losses - others) / np.maximum(1, np.abs(others))).max())


def rows(found: dict[str, Comparison]) -> list[dict[str, Any]]:
    """One for each contestant; `eager` and `jax` say how many times as long those take."""

    def against(rival: str, who: str, kind: int) -> Ratio | None:
        if rival not in found or rival == who:
            return None
        return ratio([turn[kind] for turn in found[rival].turns], [turn[kind] for turn in found[who].turns])

    return [
        {
            "name": who,
            "milliseconds": 1e3 * float(np.median([turn.wall for turn in one.turns])),
            "cpu_milliseconds": 1e3 * float(np.median([turn.cpu for turn in one.turns])),
            "eager": against(EAGER, who, 0),
            "eager_cpu": against(EAGER, who, 1),
            "jax": against("jax", who, 0),
            "losses_apart": one.apart,
            "losses_agree": one.apart <= TOLERANCE,
        }
        for who, one in found.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", default=list(COUNTS))
    parser.add_argument("--engines", nargs="+", default=list(ENGINES))
    parser.add_argument("--data", help="what to train on instead of random pictures")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--count", type=int, help="steps in a round")
    parser.add_argument("--jax-python", help="a Python that has jax and optax")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    results = {name: rows(measured(name, given)) for name in given.recipes}
    if given.json:
        print(json.dumps({name: [{k: v for k, v in row.items()} for row in table] for name, table in results.items()}))
        return
    print(
        f"torch {torch.__version__}, {given.device}, {given.threads} threads, load {os.getloadavg()[0]:.1f}; "
        "medians of the rounds; ratios: median (least to most)\n"
    )
    print("| recipe | step | ms | CPU ms | eager takes x | by CPU time | JAX takes x | losses apart |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, table in results.items():
        for row in table:
            cells = [str(row[key] or "") for key in ("eager", "eager_cpu", "jax")]
            agree = "" if row["losses_agree"] else " TOO FAR"
            print(
                f"| {name} | {row['name']} | {row['milliseconds']:.2f} | {row['cpu_milliseconds']:.2f} "
                f"| {' | '.join(cells)} | {row['losses_apart']:.1e}{agree} |"
            )


if __name__ == "__main__":
    main()
