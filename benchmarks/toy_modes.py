"""How many modes a generator finds, and how well, over five seeds.

    python benchmarks/toy_modes.py [ring8|grid25] [OBJECTIVE ...]

The protocol of Lin et al. 2018 (PacGAN, section 4.1), as `docs/metrics.md` has it: 2,500 samples; those within three
standard deviations of a mode; the modes that have one; the divergence of their shares from equal shares. All objectives
have the networks, the optimisers and the number of steps of the recipe `wgan-gp-toy`; on the grid twice the steps, at a
learning rate that is twice as high and falls to zero.
"""

import sys
import tempfile
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import wgan
from wgan.data import MIXTURES

SEEDS = range(5)
METRICS = ("modes", "high_quality", "reverse_kl")

SETTINGS: dict[str, dict[str, Any]] = {
    "ring8": {},
    "grid25": {
        "generator_optimizer.learning_rate": 2e-3,
        "critic_optimizer.learning_rate": 2e-3,
        "training.steps": 6000,
        "training.ema_decay": 0.995,
        "schedule.steps": 6000,
        "schedule.learning_rate": 0.0,
    },
}
"""What differs from the recipe."""

OBJECTIVES: dict[str, dict[str, Any]] = {
    "wgan-gp": {"penalty_weight": 1.0},
    "wgan-lp": {"penalty_weight": 1.0},
    "r3gan": {"penalty_weight": 1.0},
    "r1": {"penalty_weight": 1.0},
    "dragan": {"penalty_weight": 1.0},
    "gan": {},
    "lsgan": {},
    "hinge": {},
    "wgan": {"clip": 0.1},
}
"""The bounds on the critic: one penalty weight for all that have one, not tuned for each."""


def measure(kind: str, objective: str, seed: int) -> dict[str, float]:
    settings = {"training.seed": seed, "output.sample_every": 10_000, **SETTINGS[kind], "objective.name": objective}
    settings |= {f"objective.{name}": value for name, value in OBJECTIVES[objective].items()}
    with tempfile.TemporaryDirectory() as folder:
        run = wgan.train(
            f"toy:{kind}", recipe="wgan-gp-toy", out=Path(folder) / "run", settings=settings, progress=False
        )
        return wgan.evaluate(run, metrics=METRICS).values


def main(kind: str = "ring8", *objectives: str) -> None:
    print(f"{kind}: {len(MIXTURES[kind].centres)} modes, seeds {list(SEEDS)}")
    for objective in objectives or OBJECTIVES:
        rows = [measure(kind, objective, seed) for seed in SEEDS]
        columns = {name: [row[name] for row in rows] for name in METRICS}
        cells = [f"{name} {mean(values):.3f} ± {stdev(values):.3f}" for name, values in columns.items()]
        modes = [round(count) for count in columns["modes"]]
        print(f"  {objective:8} {'   '.join(cells)}   modes of each seed: {modes}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
