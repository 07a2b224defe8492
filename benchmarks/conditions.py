"""How well a generator does what it is asked for, and what labels buy.

    python benchmarks/conditions.py angle [--steps N] [--seeds N ...] [--out DIR]
    python benchmarks/conditions.py labels [--data DATA] [--recipe NAME] [--steps N] [--seeds N ...] [--out DIR]

`angle`: points of a circle, asked for by their angle. The distribution at an angle is known, a round Gaussian at its
place on the circle, so the mean angular error has a floor in closed form: that of real points. Both ways of the MLP,
projection and concatenation.

`labels`: the same recipe and budget with labels and without, by metrics that see no label, and by those of the
condition. Runs that are in DIR already are evaluated again, not trained.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch

import wgan
from wgan.data.sources.toy import CIRCLE

ASKED = 12_000
"""Points that are made, at even angles."""
WAYS = ("projection", "concatenation")
QUIET = {"output.sample_every": 1000, "output.checkpoint_every": 1000}


def angular_errors(points: torch.Tensor, degrees: torch.Tensor) -> torch.Tensor:
    """By how many degrees each point (N, 2) is off its angle."""
    angles = torch.rad2deg(torch.atan2(points[:, 1], points[:, 0])) - degrees
    return (angles + 180).remainder(360).sub(180).abs()


def floor() -> float:
    """The mean angular error of real points in degrees: E|atan2(s·u, 1 + s·v)| of normal u, v, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    along, across = np.meshgrid(CIRCLE * nodes, 1 + CIRCLE * nodes)
    weight = np.outer(weights, weights) / (2 * math.pi)
    return float(np.degrees((np.abs(np.arctan2(along, across)) * weight).sum()))


def angle(steps: int, seeds: Sequence[int], out: Path) -> None:
    """Mean angular error, and the error of each twelfth of the circle."""
    print(f"floor {floor():.2f} degrees; {steps} steps, seeds {list(seeds)}")
    degrees = torch.linspace(0, 360, ASKED + 1)[:-1]
    for way in WAYS:
        found = []
        for seed in seeds:
            run = trained("toy:circle", "wgan-gp-toy", out / f"angle-{way}-{seed}", steps, seed, {
                "data.condition": ["angle"], "networks.conditioning": way,
            })  # fmt: skip
            condition = run.spec.condition
            assert condition is not None
            part = condition.part("angle")
            rows = torch.tensor([[part.standardised(float(one))] for one in degrees])
            points = torch.cat(list(run.stream(run.latents(ASKED), condition.to_vectors(rows))))
            errors = angular_errors(run.spec.to_stored(points), degrees)
            radii = points.norm(dim=1)
            sectors = errors.reshape(12, -1).mean(1)
            found.append(float(errors.mean()))
            print(
                f"  {way:14} seed {seed}: {found[-1]:.2f} degrees, at most {float(sectors.max()):.2f} in a twelfth of "
                f"the circle; radius {float(radii.mean()):.3f} ± {float(radii.std()):.3f} (1.001 ± {CIRCLE})",
                flush=True,
            )
        print(f"  {way:14} mean {mean(found):.2f} degrees", flush=True)


def labels(data: str, recipe: str, steps: int, seeds: Sequence[int], out: Path) -> None:
    """The same budget with and without labels."""
    for asked in ([], ["label"]):
        values: list[Mapping[str, float]] = []
        for seed in seeds:
            name = f"{recipe}-{'labels' if asked else 'plain'}-{seed}"
            run = trained(data, recipe, out / name, steps, seed, {"data.condition": asked})
            found = wgan.evaluate(run, data=data)
            values.append(found.values)
            print(f"{name}: " + "  ".join(f"{key} {value:.4g}" for key, value in found.values.items()), flush=True)
            floors = {key: result.floor for key, result in found.metrics.items()}
        means = {key: mean(one[key] for one in values) for key in values[0]}
        print(f"{'labels' if asked else 'plain'}, mean of {len(values)}:")
        for key, value in means.items():
            print(f"  {key:20} {value:.4g}  (floor {floors[key]:.4g})", flush=True)


def trained(data: str, recipe: str, out: Path, steps: int, seed: int, settings: Mapping[str, Any]) -> wgan.Run:
    """A run, trained if it is not there."""
    given = {**QUIET, "training.seed": seed, **settings}
    return wgan.train(data, recipe=recipe, steps=steps, out=out, settings=given, progress=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", choices=("angle", "labels"))
    parser.add_argument("--data", default="digits")
    parser.add_argument("--recipe", default="wgan-gp-digits")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("runs/conditions"))
    given = parser.parse_args()
    if given.question == "angle":
        angle(given.steps or 3000, given.seeds, given.out)
    else:
        labels(given.data, given.recipe, given.steps or 4000, given.seeds, given.out)


if __name__ == "__main__":
    main()
