"""Runs that work: every objective, on points, digits, coloured shapes and MNIST."""

from typing import Any

from zoo.bases import (
    CLIPPED,
    CLIPPED_MNIST,
    CONVOLUTIONS,
    DIGITS,
    LARGE_DIGITS,
    MNIST,
    NARROW,
    POINTS,
    RING,
    SMALL,
    both,
    colours,
    digits,
    grid,
    mnist,
    ring,
    swissroll,
)
from zoo.specimen import Setting, Specimen


def _objective(name: str, **fields: Any) -> Specimen:
    """An objective on the ring, and on digits."""
    chosen = {"objective.name": name, **{f"objective.{key}": value for key, value in fields.items()}}
    return Specimen(
        name,
        None,
        Setting("ring", ring, POINTS, 600, {**RING, **chosen}),
        Setting("digits", digits, DIGITS, 500, chosen),
    )


FLAT = {**SMALL, "objective.name": "r1", "training.critic_steps": 1, **both("betas", (0.0, 0.99))}

HEALTHY = (
    _objective("gan"),
    _objective("lsgan"),
    _objective("hinge"),
    _objective("wgan-gp", penalty_weight=1.0),
    _objective("wgan-lp", penalty_weight=1.0),
    _objective("dragan", penalty_weight=1.0),
    _objective("r1", penalty_weight=1.0),
    _objective("r3gan", penalty_weight=1.0),
    _objective("composed", loss="hinge", penalty="zero-centred", at=("real", "fake"), penalty_weight=1.0),
    Specimen(
        "wgan",
        None,
        Setting("ring", ring, POINTS, 600, {**RING, "objective.name": "wgan", "objective.clip": 0.1}),
        Setting("digits", digits, DIGITS, 500, CLIPPED),
    ),
    Specimen(
        "recipe-digits",
        None,
        Setting("digits", digits, DIGITS, 1500),
        Setting("narrow", digits, DIGITS, 1500, NARROW),
    ),
    Specimen(
        "recipe-toy",
        None,
        Setting("swissroll", swissroll, POINTS, 800, RING),
        Setting("grid", grid, POINTS, 1200, RING),
    ),
    Specimen(
        "mnist",
        None,
        Setting("large-digits", digits, MNIST, 300, LARGE_DIGITS),
        Setting("mnist", mnist, MNIST, 400, SMALL),
    ),
    Specimen(
        "mnist-r1",
        None,
        Setting("mnist", mnist, MNIST, 400, FLAT),
        Setting("batch-128", mnist, MNIST, 300, {**FLAT, "training.batch_size": 128}),
    ),
    # Two recipes whose beginnings look bad, and which work in the end (docs/results.md): the discriminator of the first
    # leads for a thousand steps, the second makes one blur for some hundreds.
    Specimen(
        "young-gan-mnist",
        None,
        Setting("recipe", mnist, "gan-mnist", 200),
        Setting("longer", mnist, "gan-mnist", 300),
    ),
    Specimen(
        "young-wgan-mnist",
        None,
        Setting("recipe", mnist, CLIPPED_MNIST, 120),
        Setting("longer", mnist, CLIPPED_MNIST, 200),
    ),
    Specimen(
        "convolutions",
        None,
        Setting("shapes", colours, DIGITS, 200, CONVOLUTIONS),
        Setting("layer-norm", colours, DIGITS, 200, {**CONVOLUTIONS, "networks.critic_norm": "layer"}),
    ),
)
