"""Does the loss track quality? Rank correlations of what is read while training with metrics, over the course of runs.

    python benchmarks/loss_quality.py [--data digits|mnist ...] [--seeds N] [--steps N] [--out DIR]

Arjovsky et al. 2017 claim it for the critic's distance (section 4.2), on networks and data like these. Each run is
evaluated 25 times, evenly; a correlation is Spearman's between a reading and a metric over these times, for each seed.
1 means that both always fall together. Readings: the critic's distance on held-out and on training samples (median of
the last three lines before each evaluation), the mean distance of training batches, and the two players' losses. All
three objectives get the same networks.
Finished runs in DIR are read and not trained again. MNIST is read from beside the checkout.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

import wgan

SHARED = Path(__file__).parents[2] / "shared" / "data"
TIMES = 25
METRICS = ("frechet", "sliced_wasserstein", "classifier_frechet")
READINGS = ("held_out_distance", "train_distance", "distance", "js", "critic_loss", "generator_loss")
"""Those that the objective has; `distance` and `js` are means over all training batches between two lines."""

RMSPROP = {f"{player}_optimizer.name": "rmsprop" for player in ("generator", "critic")}


def rates(value: float) -> dict[str, float]:
    return {f"{player}_optimizer.learning_rate": value for player in ("generator", "critic")}


OBJECTIVES: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {
        "wgan": {"objective": "wgan", **RMSPROP, **rates(2e-4), "training.critic_steps": 5},
        "wgan-gp": rates(2e-4),
        "gan": {"objective": "gan", **rates(2e-4), "training.critic_steps": 1},
    },
    "mnist": {
        "wgan": {"objective": "wgan", **RMSPROP, **rates(5e-5)},
        "wgan-gp": {},
        "gan": {"objective": "gan", "training.critic_steps": 1},
    },
}
"""What differs from the recipe of the data. Digits get a fifth of their rate, so that there is a course to look at."""

RECIPES = {"digits": "wgan-gp-digits", "mnist": "wgan-gp-mnist"}
SOURCES = {"digits": "digits", "mnist": str(SHARED / "mnist")}


def trained(data: str, objective: str, seed: int, steps: int, out: Path) -> wgan.Run:
    folder = out / f"{data}-{objective}-{seed}-{steps}"
    settings = {
        **OBJECTIVES[data][objective],
        "training.seed": seed,
        "training.steps": steps,
        "output.metrics": list(METRICS),
        "output.evaluate_every": steps // TIMES,
        "output.log_every": max(1, steps // TIMES // 4),
    }
    return wgan.train(SOURCES[data], recipe=RECIPES[data], out=folder, settings=settings, progress=False)


def columns(run: wgan.Run) -> dict[str, list[float]]:
    """Each reading and each metric at the times of the evaluations."""
    lines, found = run.metrics(), run.evaluations()
    table = {name: [row["metrics"][name]["value"] for row in found] for name in METRICS}
    for name in set(READINGS) & set(lines[-1]):
        table[name] = [_before(lines, name, row["step"]) for row in found]
    return table


def _before(lines: Sequence[dict[str, Any]], name: str, step: int) -> float:
    return float(np.median([line[name] for line in lines if line["step"] <= step][-3:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--out", type=Path, default=Path("runs/loss-quality"))
    given = parser.parse_args()
    print("| data | objective | reading | " + " | ".join(METRICS) + " |")
    print("| --- | --- | --- |" + " --- |" * len(METRICS))
    for data in given.data:
        if data == "mnist" and not (SHARED / "mnist").exists():
            print("MNIST is not beside this checkout: left out.")
            continue
        for objective in OBJECTIVES[data]:
            tables = [columns(trained(data, objective, s, given.steps, given.out)) for s in range(given.seeds)]
            for reading in (name for name in READINGS if name in tables[0]):
                cells = []
                for metric in METRICS:
                    ranks = [spearmanr(table[reading], table[metric]).statistic for table in tables]
                    cells.append(f"{np.mean(ranks):+.2f} ({', '.join(f'{rank:+.2f}' for rank in ranks)})")
                print(f"| {data} | {objective} | {reading} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
