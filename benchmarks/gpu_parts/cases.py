"""What is tried: a recipe of each family of networks under four objectives, full or small enough for a CPU."""

from typing import Any

import torch

from wgan.config import RunConfig
from wgan.recipes import recipe
from wgan.types import DataShape

FAMILIES = {
    "MLP": "wgan-gp-mnist",
    "small conv": "gan-mnist",
    "DCGAN, InstanceNorm": "wgan-gp-celeba",
    "DCGAN, BatchNorm": "dcgan-anime",
    "ResNet": "wgan-gp-cifar10",
    "grouped blocks": "r3gan-64",
}
"""The recipe whose networks stand for a family."""
OBJECTIVES = ("wgan-gp", "wgan", "r3gan", "dragan")
TIMED = ("wgan-gp-mnist", "wgan-gp-celeba", "wgan-gp-anime", "dcgan-anime", "wgan-gp-cifar10")
TRAINED = ("wgan-gp-celeba", "wgan-gp-anime", "dcgan-anime")

_SMALL_DCGAN = {"networks.generator_width": 4, "networks.critic_width": 4, "data.size": (16, 16)}
SMALL: dict[str, dict[str, Any]] = {
    "wgan-gp-mnist": {"networks.generator_widths": (16, 32), "networks.critic_widths": (32, 16)},
    "gan-mnist": {},
    "wgan-gp-celeba": _SMALL_DCGAN,
    "wgan-gp-anime": _SMALL_DCGAN,
    "dcgan-anime": _SMALL_DCGAN,
    "wgan-gp-cifar10": {"networks.generator_width": 8, "networks.critic_width": 8},
    "r3gan-64": {
        "networks.generator_width": 8,
        "networks.critic_width": 8,
        "networks.blocks": 1,
        "networks.group": 4,
        "data.size": (16, 16),
    },
}
SMALL_BATCH = 8


def settings(name: str, *, small: bool) -> dict[str, Any]:
    """The settings that make a recipe small."""
    return {**SMALL[name], "training.batch_size": SMALL_BATCH} if small else {}


def case(name: str, *, small: bool, **more: Any) -> RunConfig:
    """A recipe, full or small, with more settings by dotted key, with two underscores for each dot."""
    changed = {key.replace("__", "."): value for key, value in more.items()}
    return recipe(name).with_settings({**settings(name, small=small), **changed})


def shape_of(config: RunConfig) -> DataShape:
    """The shape of the samples that a recipe was written for."""
    assert config.data.size is not None
    assert config.data.channels is not None
    return (config.data.channels, *config.data.size)


def device_of(given: dict[str, Any]) -> torch.device:
    """The device of a work."""
    return torch.device(given["device"])
