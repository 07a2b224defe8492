"""What the specimens start from: small working set-ups, each a recipe with smaller networks or fewer steps."""

from pathlib import Path
from typing import Any

from zoo.data import SHARED, shapes

Settings = dict[str, Any]

DIGITS, POINTS, MNIST, CLIPPED_MNIST = "wgan-gp-digits", "wgan-gp-toy", "wgan-gp-mnist", "wgan-mnist"


def both(name: str, value: Any) -> Settings:
    """The same setting for both players' optimisers."""
    return {f"{player}_optimizer.{name}": value for player in ("generator", "critic")}


def digits() -> str:
    """The bundled digits, 8x8."""
    return "digits"


def ring() -> str:
    """Eight Gaussians on a ring."""
    return "toy:ring8"


def grid() -> str:
    """Twenty-five Gaussians on a grid."""
    return "toy:grid25"


def swissroll() -> str:
    """Points on a spiral."""
    return "toy:swissroll"


def circle() -> str:
    """Points of a circle, which know their angle."""
    return "toy:circle"


def mnist() -> Path:
    """MNIST, if it is beside the checkout."""
    return SHARED / "mnist"


def anime() -> Path:
    """Anime faces, if they are beside the checkout."""
    return SHARED / "anime_faces"


def colours() -> Any:
    """Coloured shapes, 16x16."""
    return shapes(4000, 16)


NARROW: Settings = {
    "networks.generator_widths": (128, 128),
    "networks.critic_widths": (128, 128),
    "networks.latent_size": 8,
}
"""Half as wide as the recipe for digits, with one layer less and half as many latents."""

RING: Settings = {"training.batch_size": 128}

SMALL: Settings = {
    "networks.generator_widths": (128, 256),
    "networks.critic_widths": (256, 128),
    "networks.latent_size": 32,
    "training.critic_steps": 2,
    **both("learning_rate", 1e-3),
}
"""In the recipes for MNIST: a twentieth of the work."""

LARGE_DIGITS: Settings = {**SMALL, "data.size": (32, 32)}
"""In the recipe for MNIST: the bundled digits, enlarged to 32x32."""

CONVOLUTIONS: Settings = {
    "data.size": (16, 16),
    "data.channels": 3,
    "networks.name": "dcgan",
    "networks.generator_width": 32,
    "networks.critic_width": 32,
    "networks.latent_size": 16,
}
"""In the recipe for digits: DCGAN networks for 16x16."""

CLIPPED: Settings = {
    "objective.name": "wgan",
    "objective.clip": 0.01,
    **both("name", "rmsprop"),
    **both("learning_rate", 1e-3),
    "training.critic_steps": 5,
}
"""WGAN as in its paper, at a rate for short runs."""

PUBLISHED: Settings = {
    "data.size": (32, 32),
    "networks.generator_width": 16,
    "networks.critic_width": 16,
    "training.batch_size": 64,
    **both("learning_rate", 8e-3),
    "objective.penalty_weight": 1.25,
}
"""In the recipe of the run that collapsed: a quarter of the widths, half of the size, batches of 64 with the expected
gradients of the published sum over 512 (benchmarks/anime_collapse.py)."""
