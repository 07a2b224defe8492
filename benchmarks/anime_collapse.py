"""Why a tutorial's WGAN-GP on anime faces failed: its settings, and one change at a time.

    python benchmarks/anime_collapse.py FOLDER OUT [VARIANT ...]

A quarter of the recipe's widths, so that a variant is minutes on two cores; the same seed and 600 critic steps for all.
The batch is 64, not 512: SGD's learning rate is eight times that of the recipe and the penalty weight an eighth, so
that a sum over the batch has the tutorial's expected gradients. Runs stay in OUT and are gone on with. Three numbers
for each, from 2,000 samples:

    spread      the mean distance between two pictures, as a share of that between two real ones: 0 when all are alike
    thumbnails  the Frechet distance to the real pictures, both as 16x16 grey thumbnails in [-1, 1]
    saturated   the share of values beyond 0.99 on either side, where tanh passes next to no gradient
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import sqrtm

import wgan
from wgan.data import Array, open_pack, open_source

CRITIC_STEPS = 600
SAMPLES = 2000
SMALL: dict[str, Any] = {
    "networks.generator_width": 16,
    "networks.critic_width": 16,
    "training.batch_size": 64,
    "generator_optimizer.learning_rate": 8e-3,
    "critic_optimizer.learning_rate": 8e-3,
    "objective.penalty_weight": 1.25,
    "output.sample_every": 50,
    "output.log_every": 10,
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
VARIANTS: dict[str, dict[str, Any]] = {
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


def train(folder: str, out: Path, variant: str) -> wgan.Run:
    settings = SMALL | VARIANTS[variant]
    steps = CRITIC_STEPS // settings.get("training.critic_steps", 1)
    recipe, place = "wgan-gp-anime-as-published", out / variant
    return wgan.train(folder, recipe=recipe, out=place, steps=steps, settings=settings, progress=False)


def spread(images: Array) -> float:
    """The mean distance between two of them, over pairs of neighbours in the order given."""
    return float(np.linalg.norm((images[1:] - images[:-1]).reshape(len(images) - 1, -1), axis=1).mean())


def thumbnails(images: Array) -> Array:
    """(N, 3, 64, 64) to (N, 256): grey, 16x16."""
    grey = images.mean(axis=1)
    return grey.reshape(len(grey), 16, 4, 16, 4).mean(axis=(2, 4)).reshape(len(grey), -1)


def frechet(a: Array, b: Array) -> float:
    """The Frechet distance between the Gaussians of their means and covariances."""
    product = sqrtm(np.cov(a, rowvar=False) @ np.cov(b, rowvar=False)).real
    difference = a.mean(axis=0) - b.mean(axis=0)
    return float(difference @ difference + np.trace(np.cov(a, rowvar=False) + np.cov(b, rowvar=False) - 2 * product))


def main(folder: str, out: str, *variants: str) -> None:
    pack = open_pack(open_source(folder), (64, 64), 3)
    chosen = np.random.default_rng(0).permutation(len(pack))[: 2 * SAMPLES]
    real = pack.samples_at(chosen).numpy()
    one, other = real[: len(real) // 2], real[len(real) // 2 :]
    distance = frechet(thumbnails(one), thumbnails(other))
    print(f"real         spread 1.00   thumbnails {distance:8.2f}  one half against the other")
    for variant in variants or VARIANTS:
        try:
            images = train(folder, Path(out), variant).sample(SAMPLES).numpy()
        except wgan.TrainingError as error:
            print(f"{variant:12} failed: {error}", flush=True)
            continue
        distance = frechet(thumbnails(images), thumbnails(other))
        print(
            f"{variant:12} spread {spread(images) / spread(other):.2f}   thumbnails {distance:8.2f}   "
            f"saturated {(np.abs(images) > 0.99).mean():.3f}",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__)  # it needs pictures that do not come with the program
    else:
        main(*sys.argv[1:])
