"""What the specimens start from: small working set-ups, each a recipe with smaller networks or fewer steps."""

from pathlib import Path
from typing import Any

from zoo.data import MNIST, shapes

Settings = dict[str, Any]


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


def mnist() -> Path:
    """MNIST, where it lies beside the checkout."""
    return MNIST


def colours() -> Any:
    """Coloured shapes, 16x16."""
    return shapes(4000, 16)


NARROW: Settings = {
    "networks.generator_widths": (128, 128),
    "networks.critic_widths": (128, 128),
    "networks.latent_size": 8,
}
"""Half as wide and a layer less than the recipe for digits, latents half as large."""

RING: Settings = {"training.batch_size": 128}

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
    **both("learning_rate", 5e-5),
    "training.critic_steps": 5,
}
"""WGAN as its paper has it."""
