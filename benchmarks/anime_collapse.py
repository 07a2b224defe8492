"""A lab report on anime faces asks why its WGAN-GP collapsed, and more: its runs, and one change at a time.

    python benchmarks/anime_collapse.py FOLDER OUT [QUESTION ...] [--size 32] [--seeds 3] [--steps 3100]

    changes   the run as published for 600 critic steps, then with one setting changed at a time; first weights of two
              kinds
    weights   the same with first weights of two kinds, to the end of the report's story
    rates     its DCGAN at three learning rates, with first weights of two kinds
    balance   several generator updates for each of the critic's
    pace      its DCGAN as published alone, for the size that is asked for
    width     as published, at twice the widths, and with two and four times the rate: what wider networks do to SGD

A quarter of the recipes' widths, so that a run is minutes on one core. The batch is 64, not 512: SGD's learning rate is
eight times that of the recipe and the penalty weight an eighth, so that a sum over the batch has the report's expected
gradients. 100 steps are one of the report's epochs. A run stops to be measured, from 2,000 samples, and goes on:

    spread      the mean distance between two pictures, as a share of that between two real ones: 0 when all are alike
    thumbnails  the Frechet distance to the real pictures, both as 16x16 grey thumbnails in [-1, 1]
    saturated   the share of values beyond 0.99 on either side, where tanh passes next to no gradient
    brightness  the mean of all values, from -1 for black to 1

What is measured stays in OUT as JSON, a file for each run, and is not measured again.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import sqrtm

import wgan
from wgan.data import Array, open_pack, open_source

SAMPLES = 2000
PUBLISHED, DCGAN_RECIPE = "wgan-gp-anime-as-published", "dcgan-anime"
SMALL: dict[str, Any] = {
    "networks.generator_width": 16,
    "networks.critic_width": 16,
    "training.batch_size": 64,
    "training.ema_decay": 0.0,
    "output.log_every": 10,
    "precision": "fp32",
    "compile": "off",
    "threads": 1,
}
SUMMED: dict[str, Any] = {
    "generator_optimizer.learning_rate": 8e-3,
    "critic_optimizer.learning_rate": 8e-3,
    "objective.penalty_weight": 1.25,
}
MEAN = {
    "objective.reduction": "mean",
    "objective.penalty_weight": 10.0,
    "generator_optimizer.learning_rate": 1e-3,
    "critic_optimizer.learning_rate": 1e-3,
}
ADAM = {
    f"{player}_optimizer.{name}": value
    for player in ("generator", "critic")
    for name, value in {"name": "adam", "learning_rate": 1e-4, "betas": (0.0, 0.9)}.items()
}
OURS, D2L = {"networks.init": "own"}, {"networks.init": "all-normal"}
INITS = {"d2l": D2L, "ours": OURS}
CHANGES: dict[str, dict[str, Any]] = {
    "published": {},
    "wasserstein": {"objective.loss": "wasserstein"},
    "instance": {"networks.critic_norm": "instance"},
    "adam": ADAM,
    "mean": MEAN,
    "five": {"training.critic_steps": 5},
    "mended": {
        "objective.loss": "wasserstein",
        "networks.critic_norm": "instance",
        "training.critic_steps": 5,
        **MEAN,
        **ADAM,
    },
}
"""What differs from the recipe `wgan-gp-anime-as-published`."""


class Case(NamedTuple):
    """A run to be measured."""

    name: str
    recipe: str
    settings: dict[str, Any]
    steps: int
    every: int


def _rates(rate: float) -> dict[str, Any]:
    return {f"{player}_optimizer.learning_rate": rate for player in ("generator", "critic")}


def cases(question: str, steps: int) -> Iterator[Case]:
    """The runs that answer a question."""
    if question == "changes":
        for (kind, init), (name, change) in product(INITS.items(), CHANGES.items()):
            count = 600 // change.get("training.critic_steps", 1)
            yield Case(f"{name}-{kind}", PUBLISHED, SUMMED | init | change, count, count)
    elif question == "weights":
        for name, init in INITS.items():
            yield Case(f"weights-{name}", PUBLISHED, SUMMED | init, steps, 100)
    elif question == "rates":
        for (name, init), rate in product(INITS.items(), (0.001, 0.005, 0.01)):
            yield Case(f"dcgan-{name}-{rate:g}", DCGAN_RECIPE, init | _rates(rate), steps, 100)
    elif question == "pace":
        yield Case("dcgan-d2l-0.005", DCGAN_RECIPE, D2L | _rates(0.005), steps, 100)
    elif question == "width":
        for times in (4, 2):
            yield Case(f"faster-{times}", PUBLISHED, SUMMED | D2L | _rates(times * 8e-3), steps, 100)
        half = {"networks.generator_width": 32, "networks.critic_width": 32}
        yield Case("width-d2l", PUBLISHED, SUMMED | D2L | half, steps, 100)
    elif question == "balance":
        for count in (3, 5):
            change = {"training.generator_steps": count}
            yield Case(f"generator-steps-{count}", PUBLISHED, SUMMED | D2L | change, steps, 100)


class Measure:
    """Measures samples against real pictures of a folder."""

    def __init__(self, folder: str, size: int) -> None:
        pack = open_pack(open_source(folder), (size, size), 3)
        chosen = np.random.default_rng(0).permutation(len(pack))[: 2 * SAMPLES]
        real = pack.samples_at(chosen).numpy()
        one, self._real = real[: len(real) // 2], real[len(real) // 2 :]
        self.floor = frechet(thumbnails(one), thumbnails(self._real))

    def __call__(self, images: Array) -> dict[str, float]:
        return {
            "spread": spread(images) / spread(self._real),
            "thumbnails": frechet(thumbnails(images), thumbnails(self._real)),
            "saturated": float((np.abs(images) > 0.99).mean()),
            "brightness": float(images.mean()),
        }


def spread(images: Array) -> float:
    """The mean distance between two of them, over pairs of neighbours in the order given."""
    return float(np.linalg.norm((images[1:] - images[:-1]).reshape(len(images) - 1, -1), axis=1).mean())


def thumbnails(images: Array) -> Array:
    """(N, 3, side, side) to (N, 256): grey, 16x16."""
    grey, part = images.mean(axis=1), images.shape[-1] // 16
    return grey.reshape(len(grey), 16, part, 16, part).mean(axis=(2, 4)).reshape(len(grey), -1)


def frechet(a: Array, b: Array) -> float:
    """The Frechet distance between the Gaussians of their means and covariances."""
    product = sqrtm(np.cov(a, rowvar=False) @ np.cov(b, rowvar=False)).real
    difference = a.mean(axis=0) - b.mean(axis=0)
    return float(difference @ difference + np.trace(np.cov(a, rowvar=False) + np.cov(b, rowvar=False) - 2 * product))


def measured(folder: str, out: Path, case: Case, measure: Measure, size: int, seed: int) -> list[dict[str, Any]]:
    """What came of a run, each time it stopped; the networks of each stop stay beside its run."""
    place = out / f"{size}" / f"{case.name}-{seed}"
    kept = place.with_name(f"{place.name}.json")
    lines: list[dict[str, Any]] = json.loads(kept.read_text()) if kept.exists() else []
    settings = SMALL | {"data.size": (size, size), "training.seed": seed, "output.sample_every": 100} | case.settings
    first = lines[-1]["step"] + case.every if lines else case.every
    for step in range(first, case.steps + 1, case.every):
        if lines and "failed" in lines[-1]:
            break
        try:
            run = wgan.train(folder, recipe=case.recipe, out=place, steps=step, settings=settings, progress=False)
        except wgan.TrainingError as error:
            lines.append({"step": step, "failed": str(error)})
        else:
            rows = [row for row in run.metrics() if step - case.every < row["step"] <= step]
            losses = {name: float(np.mean([row[name] for row in rows])) for name in ("critic_loss", "generator_loss")}
            lines.append({"step": step, **measure(run.sample(SAMPLES).numpy()), **losses})
            if not step % (5 * case.every):
                shutil.copy(place / "checkpoints" / f"{step:09}.pt", place.with_name(f"{place.name}-{step}.pt"))
        kept.write_text(json.dumps(lines))
        print(f"{size} {case.name:22} seed {seed}  {_told(lines[-1])}", flush=True)
    return lines


def _told(line: dict[str, Any]) -> str:
    return "   ".join(f"{name} {value:.4g}" if not isinstance(value, str) else value for name, value in line.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("out", type=Path)
    parser.add_argument("questions", nargs="*", default=["changes"])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--steps", type=int, default=3100)
    given = parser.parse_args()
    measure = Measure(given.folder, given.size)
    print(f"real  spread 1.00   thumbnails {measure.floor:.2f}  one half against the other")
    for question in given.questions:
        for seed, case in product(range(given.seeds), cases(question, given.steps)):
            measured(given.folder, given.out, case, measure, given.size, seed)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(__doc__)  # it needs pictures that do not come with the program
    else:
        main()
