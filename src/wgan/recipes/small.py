"""Recipes that need no data of your own and take about a minute: bundled digits, and points in the plane."""

from wgan.config import DataSettings, OutputSettings, RunConfig, TrainingSettings
from wgan.networks import MLP
from wgan.objectives import WGANGP
from wgan.training import Adam


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
