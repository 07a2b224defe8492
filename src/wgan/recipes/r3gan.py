"""Recipes of R3GAN: its networks, its objective and its schedules, for one GPU, and a small one for CPUs."""

from wgan.config import DataSettings, RunConfig, TrainingSettings
from wgan.networks import R3GAN as Pair
from wgan.objectives import R3GAN
from wgan.training import Adam, Schedule


def r3gan_64() -> RunConfig:
    """R3GAN at 64x64 RGB, for one GPU.

    Huang et al. 2024 on FFHQ-64: its networks (22 M parameters each), Adam (0, 0.9), batch 256, one update of each
    player at a time. By half a cosine wave, gamma goes from 2 to 0.2, the learning rate from 2e-4 to 5e-5, Adam's
    second beta from 0.9 to 0.99, and the half-life of the averaged generator from nothing to its full length.
    Deviations: the wave takes the whole run, 20,000 steps or 5.1 million pictures, where theirs takes the first 20
    million of a longer one; so the average's half-life ends at 0.18 million pictures, not 0.5; the generator ends in
    tanh; a tenth of the pictures is held out. Theirs are mirrored (`data.flip=true`) and augmented by the changes of
    Karras et al. 2020, each with a probability that goes from 0 to 0.3 on the same wave. Here neither is the default,
    for data that must not be mirrored; `--augment ada` makes fewer kinds of changes, as often as overfitting asks for.
    """
    return _published("r3gan-64", side=64, gamma=2.0, steps=20_000, batch=256)


def r3gan_128() -> RunConfig:
    """R3GAN at 128x128 RGB, for one GPU.

    Between `r3gan-64` and `r3gan-256`: the paper has nothing at this size. Gamma starts at 17, the geometric mean of
    its 2 and 150. Batch 128 and 40,000 steps see as many pictures as `r3gan-64` does.
    """
    return _published("r3gan-128", side=128, gamma=17.0, steps=40_000, batch=128)


def r3gan_256() -> RunConfig:
    """R3GAN at 256x256 RGB, for one GPU.

    Huang et al. 2024 on FFHQ-256: its networks (23 M parameters each), and gamma from 150 to 15. All else is
    `r3gan-64`. Deviations beside those there: batch 64, not 256, and 80,000 steps for as many pictures.
    """
    return _published("r3gan-256", side=256, gamma=150.0, steps=80_000, batch=64)


def r3gan_32() -> RunConfig:
    """R3GAN at 32x32 RGB, small enough for two cores of a CPU and half an hour.

    One block a stage, and widths 96, 48, 24, 12 from the base on, where the paper has two blocks and 768 throughout: a
    two-hundredth of its weights. The learning rate is 1e-3 to 2.5e-4, for few steps of small networks; batch 32; gamma
    goes from 0.5 to 0.05, a quarter of the paper's at 64x64, as there are a quarter of the values. Schedules and all
    else are those of `r3gan-64`, over 2,000 steps.
    """
    return _recipe(
        "r3gan-32",
        side=32,
        networks=Pair(generator_width=96, critic_width=96, wide=1, blocks=1),
        gamma=0.5,
        rate=1e-3,
        training=TrainingSettings(steps=2000, batch_size=32, critic_steps=1, ema_decay=0.99),
    )


def _published(name: str, *, side: int, gamma: float, steps: int, batch: int) -> RunConfig:
    # A half-life of 177,000 pictures: 693 steps of 256.
    training = TrainingSettings(steps=steps, batch_size=batch, critic_steps=1, ema_decay=0.999 ** (batch / 256))
    return _recipe(name, side=side, networks=Pair(), gamma=gamma, rate=2e-4, training=training)


def _recipe(
    name: str, *, side: int, networks: Pair, gamma: float, rate: float, training: TrainingSettings
) -> RunConfig:
    """The schedules of the paper over the whole run: gamma to a tenth, the learning rate to a quarter."""
    adam = Adam(learning_rate=rate, betas=(0.0, 0.9))
    return RunConfig(
        recipe=name,
        data=DataSettings(size=(side, side), channels=3),
        networks=networks,
        objective=R3GAN(penalty_weight=gamma),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=training,
        schedule=Schedule(
            steps=training.steps,
            shape="cosine",
            learning_rate=0.25,
            penalty_weight=0.1,
            beta2=0.99,
            growing_average=True,
        ),
    )
