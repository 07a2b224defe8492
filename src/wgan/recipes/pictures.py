"""Recipes for colour pictures: DCGAN networks under four objectives, and the residual networks of WGAN-GP."""

from wgan.config import DataSettings, OutputSettings, RunConfig, TrainingSettings
from wgan.networks import DCGAN, ResNet
from wgan.objectives import GAN, WGAN, WGANGP, Composed
from wgan.training import SGD, Adam, RMSprop, Schedule


def wgan_gp_celeba() -> RunConfig:
    """WGAN-GP with DCGAN networks on faces, 64x64 RGB, after a tutorial on CelebA.

    As there: the shorter side scaled to 64 and the centre kept, widths 16, InstanceNorm in the critic, Adam 1e-4
    (0, 0.9), batch 64, 5 critic steps, penalty 10, a 7x7 grid of one fixed latent batch every 100 steps, 50 ms a frame.
    Deviations that mend the published code: every critic step has a fresh real batch, not one for all five; the
    generator step draws its own latents and frees its graph, instead of scoring the last critic step's fakes;
    normalisation scales in the generator start at one, not around zero. Other deviations: the three biases start at
    zero, not as PyTorch's own; batches are whole; a tenth of the pictures is held out; losses are means over 50 steps,
    not those of every hundredth batch; the animation has at most 120 grids, evenly chosen. Its grids are stretched to
    their own range and come from a generator in training mode; here `output.stretch` does the first, and the grids show
    an averaged generator, which is added, in evaluation mode. Its 5 epochs use each batch for five critic steps; with
    fresh ones the critic sees the data 25 times, which is what 25 epochs are here: 15,829 steps for 202,599 pictures.
    """
    adam = Adam(learning_rate=1e-4, betas=(0.0, 0.9))
    return RunConfig(
        recipe="wgan-gp-celeba",
        data=DataSettings(source="celeba", size=(64, 64), channels=3),
        networks=DCGAN(latent_size=100, generator_width=32, critic_width=16),
        objective=WGANGP(penalty_weight=10.0),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=15_829, epochs=25.0, batch_size=64, critic_steps=5),
        output=OutputSettings(sample_every=100, rows=7, columns=7, frame_milliseconds=50),
    )


def wgan_dcgan32() -> RunConfig:
    """WGAN with weight clipping on DCGAN networks, 32x32 RGB, after an explanation of the WGAN paper.

    As there: no sigmoid, no log, clipping after each update of the critic, no momentum; convolutions from N(0, 0.02)
    and BatchNorm scales from N(1, 0.02), no biases. The text names no sizes: RMSprop 5e-5, clipping to 0.01, 5 critic
    steps, batch 64, 100 latents and widths 64 are the paper's. It names no length either; 20,000 steps are ours. What
    its command line takes are settings here: saved weights to start from (`start.generator`, `start.critic`) load on
    any device. Deviations: they are files of tensors, not pickled networks; several GPUs are several processes
    (docs/scaling.md), not one that splits each batch. BatchNorm in the critic sees one batch at a time and keeps no
    running statistics, since a critic is never evaluated. A tenth of the pictures is held out. Added: an averaged
    generator, which is the one shown.
    """
    rmsprop = RMSprop(learning_rate=5e-5)
    return RunConfig(
        recipe="wgan-dcgan32",
        data=DataSettings(size=(32, 32), channels=3),
        networks=DCGAN(latent_size=100, critic_norm="batch", bias=False, scale_spread=0.02),
        objective=WGAN(clip=0.01),
        generator_optimizer=rmsprop,
        critic_optimizer=rmsprop,
        training=TrainingSettings(steps=20_000, batch_size=64, critic_steps=5),
    )


def dcgan_anime() -> RunConfig:
    """DCGAN on anime faces, 64x64 RGB, after a lab report.

    As there: BatchNorm at every stage of both networks, Adam 0.005, batch 512, one update of each player at a time,
    cross-entropy on logits, 100 epochs: 10,005 steps for its 51,223 pictures. Deviations: the loss is the mean over the
    batch, not the sum, which Adam does not see; pictures keep their form, and what does not fit a square is cut off;
    batches are whole; a tenth of the pictures is held out. What it does not name is that of the book that its networks
    come from: Adam's betas (0.5, 0.999), first weights and BatchNorm scales from N(0, 0.02). A grid every 100 steps is
    about one an epoch of its data. Added: an averaged generator, which is the one shown. The report calls this learning
    rate fragile.
    """
    adam = Adam(learning_rate=0.005, betas=(0.5, 0.999))
    return RunConfig(
        recipe="dcgan-anime",
        data=DataSettings(size=(64, 64), channels=3),
        networks=DCGAN(latent_size=100, critic_norm="batch", norm_first=True, bias=False, init="all-normal"),
        objective=GAN(),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=10_005, epochs=100.0, batch_size=512, critic_steps=1),
    )


def wgan_gp_anime() -> RunConfig:
    """WGAN-GP on anime faces, 64x64 RGB: what the lab report tried, as the paper has it.

    The report's networks and sizes. What differs from its run, which collapsed after ten epochs: the Wasserstein loss
    instead of cross-entropy on the critic's scores; InstanceNorm in the critic, since a penalty per sample asks that
    scores do not depend on the rest of the batch; the mean over the batch instead of the sum; Adam 1e-4 (0, 0.9)
    instead of SGD; 5 critic steps; batch 64; normalisation scales that start at one; 40,000 steps, whatever the number
    of pictures, a tenth of which is held out; and an averaged generator, which is the one shown.
    `wgan-gp-anime-as-published` is its run; docs/results.md tells them apart.
    """
    adam = Adam(learning_rate=1e-4, betas=(0.0, 0.9))
    return RunConfig(
        recipe="wgan-gp-anime",
        data=DataSettings(size=(64, 64), channels=3),
        networks=DCGAN(latent_size=100, critic_norm="instance", norm_first=True, bias=False),
        objective=WGANGP(penalty_weight=10.0),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=40_000, batch_size=64, critic_steps=5),
    )


def wgan_gp_anime_as_published() -> RunConfig:
    """The lab report's WGAN-GP on anime faces, which fails: kept so that its failure can be shown and explained.

    As there: cross-entropy on the critic's scores, summed over a batch of 512; a one-centred penalty of weight 10 on
    the line, though BatchNorm in the critic mixes the samples that it is taken for; SGD 0.001 for both players; one
    update of each player at a time; no averaged generator; 100 epochs, 10,005 steps for its 51,223 pictures. First
    weights, which it does not name, are those of `dcgan-anime`. Deviations: batches are whole, and a tenth of the
    pictures is held out. Start from `wgan-gp-anime`.
    """
    sgd = SGD(learning_rate=0.001)
    return RunConfig(
        recipe="wgan-gp-anime-as-published",
        data=DataSettings(size=(64, 64), channels=3),
        networks=DCGAN(latent_size=100, critic_norm="batch", norm_first=True, bias=False, init="all-normal"),
        objective=Composed(loss="non-saturating", penalty="one-centred", at=("line",), reduction="sum"),
        generator_optimizer=sgd,
        critic_optimizer=sgd,
        training=TrainingSettings(steps=10_005, epochs=100.0, batch_size=512, critic_steps=1, ema_decay=0.0),
        ignore=("critic-mixes-samples",),
    )


def wgan_gp_cifar10() -> RunConfig:
    """WGAN-GP with residual networks on CIFAR-10, 32x32 RGB: the strongest networks here.

    Gulrajani et al. 2017, appendix F, without labels: Adam 2e-4 (0, 0.9) falling linearly to zero, batch 64, 5 critic
    steps, 100,000 generator steps. Deviation: the generator's batch is 64 too, not 128. Added: an averaged generator.
    """
    adam = Adam(learning_rate=2e-4, betas=(0.0, 0.9))
    return RunConfig(
        recipe="wgan-gp-cifar10",
        data=DataSettings(source="cifar10", size=(32, 32), channels=3),
        networks=ResNet(latent_size=128, generator_width=128, critic_width=128),
        objective=WGANGP(penalty_weight=10.0),
        generator_optimizer=adam,
        critic_optimizer=adam,
        training=TrainingSettings(steps=100_000, batch_size=64, critic_steps=5),
        schedule=Schedule(steps=100_000, shape="linear", learning_rate=0.0),
    )


def wgan_gp_cifar10_labels() -> RunConfig:
    """WGAN-GP with residual networks on CIFAR-10, asked for one of its ten classes.

    Gulrajani et al. 2017, section 5.4, has labels in the generator's normalisation and an auxiliary classifier in the
    critic, for an inception score of 8.42, where it has 7.86 without labels. Deviation: projection in place of the
    classifier (Miyato & Koyama 2018), which needs no weight between two losses. All else is `wgan-gp-cifar10`.
    """
    plain = wgan_gp_cifar10()
    return plain.model_copy(
        update={
            "recipe": "wgan-gp-cifar10-labels",
            "data": plain.data.model_copy(update={"condition": ("label",)}),
        }
    )
