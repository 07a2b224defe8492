"""Recipes for small data: bundled digits and points in the plane, which take a minute or less, and MNIST."""

from wgan.config import DataSettings, OutputSettings, RunConfig, TrainingSettings
from wgan.networks import MLP, SmallConv
from wgan.objectives import GAN, WGAN, WGANGP
from wgan.training import Adam, RMSprop


def wgan_gp_digits() -> RunConfig:
    """WGAN-GP with small MLPs on 8x8 digits: no network needed, readable in about half a minute on two cores.

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
        training=TrainingSettings(steps=2000, batch_size=64, critic_steps=2, ema_decay=0.999),
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


def gan_mnist() -> RunConfig:
    """The original GAN with convolutions on MNIST, 28x28, after a tutorial.

    As there: non-saturating cross-entropy, Adam 1e-3 for the generator and 1e-4 for the discriminator, batch 64, one
    update of each player at a time, the generator in evaluation mode while it makes fakes for the discriminator, a grid
    of 8 columns each 937 steps, its epoch, and 100 epochs. Deviations: the critic normalises each sample by itself
    (LayerNorm), with as many parameters, where the tutorial has BatchNorm: with that, real and fake each in a batch of
    their own, the critic wins outright and all pictures are alike (docs/results.md). Pictures lie in [-1, 1] and the
    generator ends in tanh, where the tutorial has [0, 1] and a sigmoid. Each epoch has another order, where the
    tutorial's have the order of the files; batches go on over the end of an epoch, where it drops the last pictures, so
    100 epochs are 93,750 steps, not 93,700. The grid is of one fixed latent batch, not of new ones; mean losses come
    every 100 steps, not every epoch. Added is an averaged generator, which is the one shown, in evaluation mode.
    """
    return RunConfig(
        recipe="gan-mnist",
        data=DataSettings(source="mnist", size=(28, 28), channels=1),
        networks=SmallConv(latent_size=100),
        objective=GAN(),
        generator_optimizer=Adam(learning_rate=1e-3, betas=(0.9, 0.999)),
        critic_optimizer=Adam(learning_rate=1e-4, betas=(0.9, 0.999)),
        training=TrainingSettings(steps=93_750, epochs=100.0, batch_size=64, critic_steps=1, evaluation_fakes=True),
        output=OutputSettings(log_every=100, sample_every=937, checkpoint_every=937, rows=8, columns=8),
    )


def wgan_mnist() -> RunConfig:
    """WGAN with weight clipping on MLPs, MNIST at 28x28, after a tutorial.

    As there: RMSprop 5e-5, every parameter of the critic clipped to 0.01 after each of its updates, 5 critic steps,
    batch 64, a 5x5 grid every 400 batches (80 generator steps), 100 ms a frame, 200 epochs: 37,500 generator steps, one
    for five batches. Deviations that mend the published code: the generator is trained (there, its fakes are detached
    before its own loss, so it never is); the generator's step draws latents of its own, not the critic's. Other
    deviations: batches are whole; the grids are of one fixed latent batch, not of the batch just trained on, and in the
    range of the data, not stretched to their own (`output.stretch` does that); files are named by step, not by epoch
    and batch; the animation has at most 120 grids. Added: an averaged generator, which is the one shown.
    """
    rmsprop = RMSprop(learning_rate=5e-5)
    return RunConfig(
        recipe="wgan-mnist",
        data=DataSettings(source="mnist", size=(28, 28), channels=1),
        networks=MLP(latent_size=100, generator_widths=(128, 256, 512, 1024), critic_widths=(512, 256)),
        objective=WGAN(clip=0.01),
        generator_optimizer=rmsprop,
        critic_optimizer=rmsprop,
        training=TrainingSettings(steps=37_500, epochs=200.0, batch_size=64, critic_steps=5),
        output=OutputSettings(sample_every=80, checkpoint_every=1000, rows=5, columns=5),
    )


def wgan_gp_mnist() -> RunConfig:
    """WGAN-GP with MLPs on MNIST, 28x28: the settings of the most copied WGAN-GP script.

    Gulrajani et al. 2017, eq. 3, on the MLPs that tutorials train by clipping. 200 epochs are 37,500 generator steps,
    one for five batches. Deviations from the script: the generator's step has latents of its own, not those the critic
    was just trained on; BatchNorm's epsilon is 1e-5 and not 0.8, which was meant as a momentum; batches are whole;
    grids come every 400 generator steps, not every 400 batches, in the range of the data and not stretched to their
    own; the averaged generator is what is shown.
    """
    adam = Adam(learning_rate=2e-4, betas=(0.5, 0.999))
    return RunConfig(
        recipe="wgan-gp-mnist",
        data=DataSettings(source="mnist", size=(28, 28), channels=1),
        networks=MLP(latent_size=100, generator_widths=(128, 256, 512, 1024), critic_widths=(512, 256)),
        objective=WGANGP(),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=37_500, epochs=200.0, batch_size=64),
        output=OutputSettings(sample_every=400, checkpoint_every=1000),
    )
