"""How many modes a generator finds, and how well, over five seeds: the averaged generator, and the live weights.

    python benchmarks/toy_modes.py [ring8|grid25|grid100] [OBJECTIVE ...]

The protocol of Lin et al. 2018 (PacGAN, section 4.1), as `docs/metrics.md` has it: 2,500 samples; those within three
standard deviations of a mode; the modes that have one; the divergence of their shares from equal shares. All objectives
have the networks, the optimisers and the number of steps of the recipe `wgan-gp-toy`; on the grids more steps, at a
learning rate that is twice as high and falls to zero; on the larger one, wider layers, Fourier features in both, a
generator that starts as its latents, larger batches and one critic step. At the last five of checks every 100 steps,
both have to have all modes: `held` counts the seeds where they do. Of 100 modes, 2,500 samples have 25 each.
"""

import sys
import tempfile
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import torch

import wgan
from wgan.data import MIXTURES
from wgan.metrics.modes import MIXTURE_SAMPLES

SEEDS = range(5)
METRICS = ("modes", "high_quality", "reverse_kl")
CHECKS, EVERY = 5, 100
WEIGHTS = {"averaged": "ema", "live": "generator"}
"""Which weights are measured, by their names in a checkpoint."""


def falling(steps: int) -> dict[str, Any]:
    """Twice the recipe's learning rate, falling to zero in so many steps."""
    return {
        "generator_optimizer.learning_rate": 2e-3,
        "critic_optimizer.learning_rate": 2e-3,
        "training.steps": steps,
        "training.ema_decay": 0.995,
        "schedule.steps": steps,
        "schedule.learning_rate": 0.0,
    }


SETTINGS: dict[str, dict[str, Any]] = {
    "ring8": {},
    "grid25": falling(6000),
    "grid100": {
        **falling(7000),
        "networks.generator_widths": [256, 256, 256],
        "networks.critic_widths": [256, 256, 256],
        "networks.fourier": 64,
        "networks.generator_frequency": 3.0,
        "networks.critic_frequency": 1.5,
        "networks.shift": 5.7,
        "training.batch_size": 512,
        "training.critic_steps": 1,
    },
}
"""What differs from the recipe."""
PENALTY_WEIGHT = {"grid100": 0.3}
"""In place of 1; of the weights 0.3, 3 and others the best on seed 100, after 2,500 updates (docs/log.md)."""

OBJECTIVES: dict[str, dict[str, Any]] = {
    "wgan-gp": {"penalty_weight": 1.0},
    "wgan-lp": {"penalty_weight": 1.0},
    "r3gan": {"penalty_weight": 1.0},
    "r3gan-differences": {
        "name": "composed",
        "loss": "relativistic",
        "penalty": "zero-centred",
        "at": ["real", "fake"],
        "penalty_weight": 1.0,
        "slope": "finite-difference",
    },
    "r1": {"penalty_weight": 1.0},
    "dragan": {"penalty_weight": 1.0},
    "gan": {},
    "lsgan": {},
    "hinge": {},
    "wgan": {"clip": 0.1},
}
"""The bounds on the critic: one penalty weight for all that have one, not tuned for each objective."""


class Measured(NamedTuple):
    """What one run came to, by kind of weights."""

    values: dict[str, dict[str, float]]
    """The metrics at the end."""
    fewest: dict[str, int]
    """The fewest modes at any of the last checks."""


def measure(kind: str, objective: str, seed: int) -> Measured:
    settings = {
        "training.seed": seed,
        "output.sample_every": 10_000,
        "output.checkpoint_every": EVERY,
        "output.keep_checkpoints": CHECKS,
        **SETTINGS[kind],
        "objective.name": objective,
    }
    settings |= {f"objective.{name}": value for name, value in OBJECTIVES[objective].items()}
    if "penalty_weight" in OBJECTIVES[objective]:
        settings["objective.penalty_weight"] = PENALTY_WEIGHT.get(kind, 1.0)
    with tempfile.TemporaryDirectory() as folder:
        run = wgan.train(
            f"toy:{kind}", recipe="wgan-gp-toy", out=Path(folder) / "run", settings=settings, progress=False
        )
        generator, z = run.blank_generator().eval(), run.latents(MIXTURE_SAMPLES)
        checks: dict[str, list[dict[str, float]]] = {name: [] for name in WEIGHTS}
        for step in sorted(run.checkpoints())[-CHECKS:]:
            saved = run.load_checkpoint(step)
            for name, part in WEIGHTS.items():
                generator.load_state_dict(saved[part])
                with torch.no_grad():
                    samples = generator(z)
                checks[name].append(wgan.evaluate(samples, data=f"toy:{kind}", metrics=METRICS).values)
    fewest = {name: round(min(values["modes"] for values in rows)) for name, rows in checks.items()}
    return Measured({name: rows[-1] for name, rows in checks.items()}, fewest)


def main(kind: str = "ring8", *objectives: str) -> None:
    modes = len(MIXTURES[kind].centres)
    print(f"{kind}: {modes} modes, seeds {list(SEEDS)}")
    for objective in objectives or OBJECTIVES:
        runs = [measure(kind, objective, seed) for seed in SEEDS]
        for name in WEIGHTS:
            columns = {metric: [run.values[name][metric] for run in runs] for metric in METRICS}
            cells = [f"{metric} {mean(values):.3f} ± {stdev(values):.3f}" for metric, values in columns.items()]
            each = [round(count) for count in columns["modes"]]
            held = sum(run.fewest[name] == modes for run in runs)
            told = f"modes of each seed: {each}   held: {held} of {len(runs)}"
            print(f"  {objective:17} {name:8} {'   '.join(cells)}   {told}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
