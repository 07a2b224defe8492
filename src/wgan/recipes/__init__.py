"""Recipes: a run is a function that returns its configuration.

To add one: write a function, add a line to the table below, run `make test`; the contract tests pick it up.
"""

from collections.abc import Callable

from wgan.config import RunConfig
from wgan.errors import unknown
from wgan.recipes.pictures import (
    dcgan_anime,
    wgan_dcgan32,
    wgan_gp_anime,
    wgan_gp_anime_as_published,
    wgan_gp_celeba,
    wgan_gp_cifar10,
    wgan_gp_cifar10_labels,
)
from wgan.recipes.r3gan import r3gan_32, r3gan_64, r3gan_128, r3gan_256
from wgan.recipes.science import wgan_gp_signals, wgan_gp_table, wgan_gp_volumes
from wgan.recipes.small import gan_mnist, wgan_gp_digits, wgan_gp_mnist, wgan_gp_toy, wgan_mnist

RECIPES: dict[str, Callable[[], RunConfig]] = {
    "wgan-gp-digits": wgan_gp_digits,
    "wgan-gp-toy": wgan_gp_toy,
    "gan-mnist": gan_mnist,
    "wgan-mnist": wgan_mnist,
    "wgan-gp-mnist": wgan_gp_mnist,
    "wgan-gp-celeba": wgan_gp_celeba,
    "wgan-dcgan32": wgan_dcgan32,
    "wgan-gp-cifar10": wgan_gp_cifar10,
    "wgan-gp-cifar10-labels": wgan_gp_cifar10_labels,
    "dcgan-anime": dcgan_anime,
    "wgan-gp-anime": wgan_gp_anime,
    "wgan-gp-anime-as-published": wgan_gp_anime_as_published,
    "r3gan-32": r3gan_32,
    "r3gan-64": r3gan_64,
    "r3gan-128": r3gan_128,
    "r3gan-256": r3gan_256,
    "wgan-gp-signals": wgan_gp_signals,
    "wgan-gp-volumes": wgan_gp_volumes,
    "wgan-gp-table": wgan_gp_table,
}

DEFAULT = "wgan-gp-digits"


def recipe(name: str) -> RunConfig:
    """The configuration of a recipe.

    Raises:
        InputError: no recipe has that name; offers the nearest.
    """
    if name not in RECIPES:
        raise unknown("recipe", name, RECIPES)
    return RECIPES[name]()
