"""Recipes: a run is a function that returns its configuration.

To add one: write a function, add a line to the table at the end, run `make test`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from wgan.config import DataSettings, OutputSettings, RunConfig, TrainingSettings
from wgan.data import Source, open_source, plain, target_shape
from wgan.errors import InputError, unknown
from wgan.networks import DCGAN, MLP
from wgan.networks.dcgan import plan
from wgan.objectives import WGANGP
from wgan.training import Adam
from wgan.types import DataShape, Progress


def wgan_gp_digits() -> RunConfig:
    """WGAN-GP with small MLPs on 8x8 digits: no network needed, readable in about a minute on two cores.

    Deviations from Gulrajani et al. 2017: two critic steps and a learning rate of 1e-3, which give better digits than
    five and 1e-4 in the same time, and BatchNorm in the generator (docs/log.md has the figures).
    """
    adam = Adam(learning_rate=1e-3)
    widths = (256, 256, 256)
    return RunConfig(
        recipe="wgan-gp-digits",
        data=DataSettings(source="digits", size=(8, 8), channels=1),
        networks=MLP(latent_size=16, generator_widths=widths, critic_widths=widths),
        objective=WGANGP(),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=4000, batch_size=64, critic_steps=2, ema_decay=0.999),
        output=OutputSettings(rows=8, columns=10),
    )


def wgan_gp_mnist() -> RunConfig:
    """WGAN-GP with MLPs on MNIST, 28x28: the settings of the most copied WGAN-GP script.

    Gulrajani et al. 2017, eq. 3, on the MLPs that tutorials train by clipping. Deviations from the script: real data
    are scored high; the generator's step has latents of its own, not those the critic was just trained on;
    BatchNorm's epsilon is 1e-5 and not 0.8, which was meant as a momentum; the averaged generator is what is shown.
    37,500 generator steps are what its 200 epochs of 938 batches come to, one generator step every five batches.
    """
    adam = Adam(learning_rate=2e-4, betas=(0.5, 0.999))
    return RunConfig(
        recipe="wgan-gp-mnist",
        data=DataSettings(size=(28, 28), channels=1),
        networks=MLP(latent_size=100, generator_widths=(128, 256, 512, 1024), critic_widths=(512, 256)),
        objective=WGANGP(),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=37_500, batch_size=64),
        output=OutputSettings(sample_every=400, checkpoint_every=1000),
    )


def wgan_gp_celeba() -> RunConfig:
    """WGAN-GP with DCGAN networks on faces, 64x64 RGB, after a tutorial on CelebA.

    As there: widths 16, InstanceNorm in the critic, Adam 1e-4 (0, 0.9), batch 64, 5 critic steps, penalty 10, a 7x7
    grid of one fixed latent batch every 100 steps, 50 ms a frame. Deviations, each a mend of the published code:
    every critic step has a fresh real batch, not one for all five; the generator step draws its own latents and
    frees its graph, instead of scoring the last critic step's fakes; normalisation scales start at one, not around
    zero. Added: an averaged generator, which is the one shown. 15,800 steps are its 5 epochs of 202,599 pictures in
    batches of 64, one generator step for each.
    """
    adam = Adam(learning_rate=1e-4, betas=(0.0, 0.9))
    return RunConfig(
        recipe="wgan-gp-celeba",
        data=DataSettings(size=(64, 64), channels=3),
        networks=DCGAN(latent_size=100, generator_width=32, critic_width=16),
        objective=WGANGP(penalty_weight=10.0),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=15_800, batch_size=64, critic_steps=5),
        output=OutputSettings(sample_every=100, rows=7, columns=7, frame_milliseconds=50),
    )


def wgan_gp_toy() -> RunConfig:
    """WGAN-GP on points in the plane: all modes of `toy:ring8` in under a minute on two cores.

    Deviations from the toy experiments of Gulrajani et al. 2017 (four layers of 512, penalty 0.1, five critic steps,
    100,000 steps): smaller networks, a larger learning rate, two critic steps, penalty 1, and an averaged generator,
    which stands still where the generator itself circles.
    """
    widths = (128, 128, 128)
    adam = Adam(learning_rate=1e-3, betas=(0.0, 0.9))
    return RunConfig(
        recipe="wgan-gp-toy",
        data=DataSettings(source="toy:ring8"),
        networks=MLP(latent_size=2, generator_widths=widths, critic_widths=widths, batch_norm=False, leak=0.0),
        objective=WGANGP(penalty_weight=1.0),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=3000, batch_size=256, critic_steps=2, ema_decay=0.99),
    )


RECIPES: dict[str, Callable[[], RunConfig]] = {
    "wgan-gp-digits": wgan_gp_digits,
    "wgan-gp-mnist": wgan_gp_mnist,
    "wgan-gp-celeba": wgan_gp_celeba,
    "wgan-gp-toy": wgan_gp_toy,
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


def recipe_for(shape: DataShape) -> tuple[RunConfig, str]:
    """The recipe for data of which nothing but the shape of a sample is known, fitted to it, and why it was chosen."""
    if len(shape) == 1:
        return wgan_gp_toy(), "the data are points"
    channels, height, width = shape
    own = {"data.size": (height, width), "data.channels": channels}
    if max(height, width) <= 12:
        return wgan_gp_digits().with_settings(own), f"pictures of {height}x{width} are small enough for small MLPs"
    if channels == 1 and max(height, width) <= 28:
        return wgan_gp_mnist().with_settings(own), f"grey pictures of {height}x{width} are within reach of MLPs"
    if max(height, width) <= 64 and _dcgan_makes(shape):
        return wgan_gp_celeba().with_settings(own), f"pictures of {height}x{width} want convolutions"
    why = f"pictures of {height}x{width} want convolutions; they are made 64x64, which --size changes"
    return wgan_gp_celeba().with_settings({"data.channels": channels}), why


def _dcgan_makes(shape: DataShape) -> bool:
    try:
        plan(shape)
    except InputError:
        return False
    return True


def usual_shape(config: RunConfig) -> DataShape:
    """The shape of the data that a recipe was written for."""
    if config.data.size and config.data.channels:
        return (config.data.channels, *config.data.size)
    return target_shape(open_source(config.data.source).survey(), config.data.size, config.data.channels)


class Choice(NamedTuple):
    """A configuration, the data it is for, and why this recipe, if nobody named one."""

    config: RunConfig
    source: Source
    why: str | None


def choose(
    data: Any = None,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Progress = plain,
) -> Choice:
    """The configuration that data, a recipe's name and settings by dotted key come to; each may be left out.

    Raises:
        InputError: one of them is not known, out of range, or the recipe needs data.
    """
    why = None
    if name is None and data is None:
        name = DEFAULT
    if name is not None:
        config = recipe(name)
        data = config.data.source if data is None else data
        if data is None:
            raise InputError(f"The recipe {name} needs pictures: wgan train FOLDER --recipe {name}.")
        source = open_source(data)
    else:
        source = open_source(data)
        config, why = recipe_for(target_shape(source.survey(progress), None, None))
    named = str(data) if isinstance(data, str | Path) else None
    config = config.with_settings(settings or {})
    config = config.model_copy(update={"data": config.data.model_copy(update={"source": named})})
    return Choice(config, source, why)
