"""Runs that work: every objective, on points, digits and real pictures."""

from typing import Any

from zoo.bases import CONVOLUTIONS, NARROW, RING, colours, digits, grid, mnist, ring
from zoo.specimen import Setting, Specimen

DIGITS, POINTS = "wgan-gp-digits", "wgan-gp-toy"


def _on_points(name: str, steps: int = 800, **fields: Any) -> Specimen:
    """An objective on the ring, and on digits."""
    objective = {"objective.name": name, **{f"objective.{key}": value for key, value in fields.items()}}
    return Specimen(
        name,
        None,
        Setting("ring", ring, POINTS, steps, {**RING, **objective}),
        Setting("digits", digits, DIGITS, steps, objective),
    )


HEALTHY = (
    _on_points("gan"),
    _on_points("lsgan"),
    _on_points("hinge"),
    _on_points("wgan", clip=0.1),
    _on_points("wgan-gp", penalty_weight=1.0),
    _on_points("wgan-lp", penalty_weight=1.0),
    _on_points("dragan", penalty_weight=1.0),
    _on_points("r1", penalty_weight=1.0),
    _on_points("r3gan", penalty_weight=1.0),
    _on_points("composed", loss="hinge", penalty="zero-centred", at=("real", "fake"), penalty_weight=1.0),
    Specimen(
        "digits",
        None,
        Setting("recipe", digits, DIGITS, 1500),
        Setting("narrow", digits, DIGITS, 1500, NARROW),
    ),
    Specimen(
        "gan-mnist",
        None,
        Setting("recipe", mnist, "gan-mnist", 300),
        Setting("batch-128", mnist, "gan-mnist", 200, {"training.batch_size": 128}),
    ),
    Specimen(
        "wgan-mnist",
        None,
        Setting("recipe", mnist, "wgan-mnist", 300),
        Setting("fast", mnist, "wgan-mnist", 300, {"training.critic_steps": 3}),
    ),
    Specimen(
        "wgan-gp-mnist",
        None,
        Setting("recipe", mnist, "wgan-gp-mnist", 200),
        Setting("two-steps", mnist, "wgan-gp-mnist", 300, {"training.critic_steps": 2}),
    ),
    Specimen(
        "grid",
        None,
        Setting("ring-roll", lambda: "toy:swissroll", POINTS, 800, RING),
        Setting("grid", grid, POINTS, 1500, RING),
    ),
    Specimen(
        "convolutions",
        None,
        Setting("shapes", colours, DIGITS, 300, CONVOLUTIONS),
        Setting("mnist", mnist, DIGITS, 300, {**CONVOLUTIONS, "networks.critic_norm": "layer"}),
    ),
)
