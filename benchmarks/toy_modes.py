"""How many modes a generator finds, how well, over five seeds: `python benchmarks/toy_modes.py [ring8|grid25]`.

The protocol of Lin et al. 2018 (PacGAN, section 4.1): 2,500 samples; a sample is of high quality within three standard
deviations of its nearest mode; a mode is found if one such sample is nearest to it; the reverse KL divergence is that
of the found modes' shares from equal shares. WGAN-GP as the recipe has it, and the plain GAN on the same networks.
"""

import sys
import tempfile
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

import numpy as np

import wgan
from wgan.data import MIXTURES, Array, Mixture

SEEDS = range(5)
SAMPLES = 2500


class Coverage(NamedTuple):
    """What the protocol counts."""

    modes: int
    high_quality: float
    reverse_kl: float


def coverage(points: Array, mixture: Mixture) -> Coverage:
    """The protocol's three numbers for sampled points (N, 2)."""
    distances = np.linalg.norm(points[:, None] - mixture.centres, axis=2)
    good = distances.min(axis=1) < 3 * mixture.sigma
    counts = np.bincount(distances.argmin(axis=1)[good], minlength=len(mixture.centres))
    shares = counts[counts > 0] / max(counts.sum(), 1)
    divergence = float((shares * np.log(shares * len(mixture.centres))).sum())
    return Coverage(int((counts > 0).sum()), float(good.mean()), divergence)


def measure(kind: str, objective: str, seed: int) -> Coverage:
    settings = {"training.seed": seed, "objective.name": objective, "output.sample_every": 10_000}
    if objective == "wgan-gp":
        settings["objective.penalty_weight"] = 1.0
    with tempfile.TemporaryDirectory() as folder:
        run = wgan.train(
            f"toy:{kind}", recipe="wgan-gp-toy", out=Path(folder) / "run", settings=settings, progress=False
        )
        return coverage(run.sample(SAMPLES).numpy(), MIXTURES[kind])


def main(kind: str = "ring8") -> None:
    print(f"{kind}: {len(MIXTURES[kind].centres)} modes, seeds {list(SEEDS)}")
    for objective in ("wgan-gp", "gan"):
        rows = [measure(kind, objective, seed) for seed in SEEDS]
        columns = {name: [getattr(row, name) for row in rows] for name in Coverage._fields}
        cells = [f"{name} {mean(values):.3f} ± {stdev(values):.3f}" for name, values in columns.items()]
        print(f"  {objective:8} {'   '.join(cells)}   modes of each seed: {columns['modes']}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
