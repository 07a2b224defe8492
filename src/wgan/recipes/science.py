"""Recipes for data that are no pictures: signals, volumes, tables. They are named for a kind of data, not for a set."""

from wgan.config import DataSettings, RunConfig, TrainingSettings
from wgan.networks import DCGAN, MLP
from wgan.objectives import WGANGP
from wgan.training import Adam


def wgan_gp_signals() -> RunConfig:
    """WGAN-GP with one-dimensional DCGAN networks on signals: waveforms, spectra, EEG and ECG.

    Gulrajani et al. 2017 for the objective, with two critic steps in place of five and a rate of 2e-4, which is faster
    on two cores; at 1e-3, signals collapsed. The critic has LayerNorm: with InstanceNorm it starts steep on long smooth
    signals, and without any it learnt nothing in 1,500 steps (docs/log.md).
    """
    return _convolutional("wgan-gp-signals", DataSettings(kind="signal", size=(128,), channels=1), rate=2e-4)


def wgan_gp_volumes() -> RunConfig:
    """WGAN-GP with three-dimensional DCGAN networks on volumes: materials, scans, calorimeters.

    As `wgan-gp-signals`, with a rate of 1e-3: at 2e-4, volumes of 0 and 1 did not get beyond 0.5 in 1,200 steps.
    """
    return _convolutional("wgan-gp-volumes", DataSettings(kind="volume", size=(16, 16, 16), channels=1), rate=1e-3)


def _convolutional(recipe: str, data: DataSettings, *, rate: float) -> RunConfig:
    adam = Adam(learning_rate=rate, betas=(0.0, 0.9))
    return RunConfig(
        recipe=recipe,
        data=data,
        networks=DCGAN(latent_size=64, generator_width=16, critic_width=16, critic_norm="layer"),
        objective=WGANGP(),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=10_000, batch_size=64, critic_steps=2, ema_decay=0.999),
    )


def wgan_gp_table() -> RunConfig:
    """WGAN-GP with MLPs on tables: numeric columns, each standardised, and as many latents as columns.

    As `wgan-gp-toy`, which is for points in the plane, with wider layers. Fewer latents than columns would leave out
    directions in which the data vary.
    """
    widths = (256, 256, 256)
    adam = Adam(learning_rate=5e-4, betas=(0.0, 0.9))
    return RunConfig(
        recipe="wgan-gp-table",
        data=DataSettings(kind="points"),
        networks=MLP(latent_size=12, generator_widths=widths, critic_widths=widths, batch_norm=False, leak=0.0),
        objective=WGANGP(penalty_weight=1.0),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=8000, batch_size=256, critic_steps=2, ema_decay=0.999),
    )
