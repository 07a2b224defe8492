"""Rules for before the first step: on the settings, and on how the parts fit together."""

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import Setup

ERROR, WARNING = Severity.error, Severity.warning

HIGHEST_RATE = {"adam": 1e-2, "rmsprop": 2e-3, "sgd": 1.0}
"""At least four times what any working run of ours used, by optimiser."""
CLIPS = (1e-4, 0.5)
"""Arjovsky et al. 2017 use 0.01; our toys use 0.1."""
SMALL_BATCH, SMALL_DATA = 8, 1000
SLOW = 0.25
WIDE_DATA = 20.0


def critic_unconstrained(setup: Setup) -> Findings:
    """A Wasserstein critic that nothing keeps Lipschitz."""
    if setup.wasserstein and not setup.penalty_weight and not setup.clip:
        yield Finding(
            "critic-unconstrained",
            ERROR,
            "A Wasserstein loss with penalty weight 0 and no clipping: nothing bounds the critic's slope, so its loss "
            "falls for ever by scaling the scores up.",
            "Add the gradient penalty.",
            setup.wgan_gp(),
            reference="Arjovsky et al. 2017, eq. 2",
        )


def clip_bound(setup: Setup) -> Findings:
    """A clip bound that is too small for the critic to learn, or too large to bound its slope."""
    low, high = CLIPS
    if setup.clip and not low <= setup.clip <= high:
        small = setup.clip < low
        what = "leaves almost no difference between scores" if small else "bounds nothing: slopes grow with its powers"
        yield Finding(
            "clip-too-small" if small else "clip-too-large",
            ERROR,
            f"Weights are clipped to {setup.clip:g}, which {what}.",
            "Clip to 0.01 (pictures) or 0.1 (points), or use the gradient penalty, which needs no such choice.",
            setup.wgan_gp(),
            reference="Gulrajani et al. 2017, section 3 and figure 1b",
        )


def momentum_with_clipping(setup: Setup) -> Findings:
    """Momentum in a critic whose weights are clipped."""
    if setup.clip and setup.critic.momentum:
        yield Finding(
            "momentum-with-clipping",
            WARNING,
            f"The critic's weights are clipped, and its optimiser has momentum {setup.critic.momentum:g}: the paper "
            "found this unstable, since the critic's loss is not stationary.",
            "Use RMSprop, as the paper does.",
            ("critic_optimizer=rmsprop", "generator_optimizer=rmsprop"),
            reference="Arjovsky et al. 2017, section 4.2",
        )


def clipped_cross_entropy(setup: Setup) -> Findings:
    """Clipped weights under a loss that does not ask for clipping."""
    if setup.clip and setup.logits:
        yield Finding(
            "clipped-cross-entropy",
            WARNING,
            f"Weights are clipped to {setup.clip:g} under a cross-entropy: logits stay near 0, every probability near "
            "one half and the loss near log 2, so the gradient says little.",
            "Clip under the Wasserstein loss, or do not clip.",
            ("objective=wgan",) if "objective" not in setup.custom else (),
            reference="Arjovsky et al. 2017, algorithm 1",
        )


def penalty_on_cross_entropy(setup: Setup) -> Findings:
    """What is called WGAN-GP but has a cross-entropy loss."""
    if setup.game is not None and setup.logits and setup.slope_near_one and "line" in setup.game.at:
        yield Finding(
            "penalty-on-cross-entropy",
            WARNING,
            "The loss is a cross-entropy (BCE), and slopes between real and fake are held near one as in WGAN-GP. This "
            "is no Wasserstein distance, and its loss does not tell how good the samples are.",
            "Use the Wasserstein loss with this penalty.",
            setup.wgan_gp(),
            reference="Gulrajani et al. 2017, eq. 3; Fedus et al. 2018 try the mixture",
        )


def summed_loss(setup: Setup) -> Findings:
    """A loss that grows with the batch, under an optimiser that does not normalise gradients."""
    sgd = "sgd" in (setup.critic.optimizer, setup.generator.optimizer)
    if setup.game is not None and setup.game.reduction == "sum" and sgd:
        yield Finding(
            "summed-loss",
            WARNING,
            f"Losses are summed over {setup.batch_size} samples for plain SGD: its rate of "
            f"{setup.critic.learning_rate:g} is one of {setup.batch_size * setup.critic.learning_rate:g} on the mean, "
            f"and the penalty, a mean, counts for 1/{setup.batch_size} of what it should.",
            "Average the losses, or use an optimiser that normalises gradients.",
            ("objective.reduction=mean", "critic_optimizer=adam", "generator_optimizer=adam"),
            reference="Bottou et al. 2018, section 4",
        )


def learning_rate(setup: Setup) -> Findings:
    """A learning rate at which no GAN of ours worked."""
    players = {"generator": setup.generator, "critic": setup.critic}
    limits = {name: HIGHEST_RATE.get(player.optimizer, 1.0) for name, player in players.items()}
    excess = {name: player.learning_rate / limits[name] for name, player in players.items()}
    if high := [name for name, times in excess.items() if times > 1]:
        rates = [f"{name}_optimizer.learning_rate is {players[name].learning_rate:g}" for name in high]
        known = dict.fromkeys(f"{limits[name]:g} ({players[name].optimizer})" for name in high)
        yield Finding(
            "learning-rate-too-high",
            ERROR if max(excess.values()) >= 2 else WARNING,
            f"{' and '.join(rates)}; rates above {' and '.join(known)} hardly ever work.",
            "Use a lower rate.",
            tuple(f"{name}_optimizer.learning_rate={limits[name] / 100:g}" for name in high),
            reference="Lucic et al. 2018, section 5 (what searches over rates found)",
        )


def critic_too_slow(setup: Setup) -> Findings:
    """A Wasserstein critic that cannot follow the generator: it measures the distance to an earlier generator."""
    pace = setup.critic_steps * setup.critic.learning_rate / setup.generator.learning_rate
    if setup.wasserstein and setup.critic.optimizer == setup.generator.optimizer and pace < SLOW:
        yield Finding(
            "critic-too-slow",
            ERROR,
            f"For each generator step the critic takes {setup.critic_steps} of rate {setup.critic.learning_rate:g}, "
            f"together {pace:.2g} of the generator's {setup.generator.learning_rate:g}; it should be near its optimum "
            "before each.",
            "Give the critic the generator's rate and five steps.",
            (f"critic_optimizer.learning_rate={setup.generator.learning_rate:g}", "training.critic_steps=5"),
            reference="Arjovsky et al. 2017, section 3 (train the critic to optimality)",
        )


def dataset_too_small(setup: Setup) -> Findings:
    """So few samples that the critic can memorise each."""
    if setup.train_count < SMALL_DATA:
        yield Finding(
            "dataset-too-small",
            WARNING,
            f"There are {setup.train_count:,} samples to train on: with fewer than about {SMALL_DATA:,} the critic "
            "memorises them instead of learning what they have in common.",
            "Get more data, mirror pictures (--set data.flip=true) where left and right mean the same, and stop early.",
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def generator_gets_no_gradient(setup: Setup) -> Findings:
    """A generator that is cut off from its own loss (`detach`, `no_grad`)."""
    if not setup.wiring.reaches_generator:
        yield Finding(
            "generator-gets-no-gradient",
            ERROR,
            "The gradient of the generator's loss does not reach a single weight of the generator.",
            "Look for detach(), no_grad(), .data or .item() between the generator's output and `generator_loss`.",
            reference="Goodfellow et al. 2014, algorithm 1",
        )


def wrong_sign(setup: Setup) -> Findings:
    """Players that want the opposite of what they should."""
    wiring = setup.wiring
    if wiring.prefers_real and wiring.seeks_high_scores:
        return
    if wiring.seeks_high_scores:
        what = "The critic's loss falls when *fake* samples are scored higher, which is what the generator wants too"
    elif wiring.prefers_real:
        what = "The generator's loss falls when its samples are scored *lower*: it learns to be found out"
    else:
        what = "Both players take high scores for fake; here they mean real, so every distance has the wrong sign"
    yield Finding(
        "wrong-sign",
        ERROR,
        f"{what} (tried on a critic whose scores are known).",
        "The critic minimises mean C(fake) - mean C(real), the generator -mean C(fake).",
        reference="Arjovsky et al. 2017, algorithm 1",
    )


def critic_mixes_samples(setup: Setup) -> Findings:
    """A penalty per sample, and a critic in which a score depends on the whole batch."""
    if setup.wiring.mixes_samples and setup.wiring.penalised:
        yield Finding(
            "critic-mixes-samples",
            ERROR,
            "The critic mixes the samples of a batch: a score changes with the other samples (BatchNorm does that). "
            "The penalty needs each score to depend on one sample alone.",
            "Use InstanceNorm, LayerNorm or no normalisation in the critic.",
            setup.independent_scores(),
            reference="Gulrajani et al. 2017, section 4",
        )


def penalty_norm_axis(setup: Setup) -> Findings:
    """A norm over channels only, or over the whole batch: the most copied defect of WGAN-GP code."""
    if not setup.wiring.whole_slope:
        yield Finding(
            "penalty-norm-axis",
            ERROR,
            "Linear critics of the same slope get different penalties, depending on the direction of the slope or the "
            "size of the batch: the norm is not taken over all axes of one sample.",
            "Take gradient.flatten(1).norm(dim=1), or wgan.slopes(critic, x).",
            reference="Gulrajani et al. 2017, eq. 3",
        )


def bounded_critic(setup: Setup) -> Findings:
    """A sigmoid or tanh at the end of a critic."""
    if setup.wiring.bounded_scores:
        yield Finding(
            "bounded-critic",
            WARNING if setup.game is None else ERROR,
            "The critic's scores cannot leave [-1, 1], whatever its weights: it ends in a sigmoid or a tanh.",
            "Let the critic end in its last linear layer or convolution: a score is not a probability.",
            reference="Arjovsky et al. 2017, section 3",
        )


def data_range(setup: Setup) -> Findings:
    """Data that the generator cannot reach."""
    wiring = setup.wiring
    width = max(wiring.data_high - wiring.data_low, 1e-12)
    beyond = max(0.0, wiring.generator_low - wiring.data_low) + max(0.0, wiring.data_high - wiring.generator_high)
    data = f"the data lie in [{wiring.data_low:.3g}, {wiring.data_high:.3g}]"
    if beyond / width > 0.02:
        yield Finding(
            "data-outside-generator-range",
            ERROR if beyond / width > 0.2 else WARNING,
            f"The generator can only make values in [{wiring.generator_low:.3g}, {wiring.generator_high:.3g}], and "
            f"{data}: it cannot reach {beyond / width:.0%} of their range.",
            "Scale the data to the generator's range, or end the generator in a layer with theirs (tanh for [-1, 1]).",
            reference="Radford et al. 2016, section 4",
        )
    elif max(abs(wiring.data_low), abs(wiring.data_high)) > WIDE_DATA:
        yield Finding(
            "data-not-normalised",
            WARNING,
            f"A generator starts with values around 0 of size 1, and {data}.",
            "Subtract the mean from the data and divide by their standard deviation.",
            reference="LeCun et al. 1998, section 4.3",
        )


def batch_too_small(setup: Setup) -> Findings:
    """BatchNorm over very few samples."""
    if setup.wiring.batch_norm and setup.batch_size < SMALL_BATCH:
        yield Finding(
            "batch-too-small",
            ERROR if setup.batch_size < SMALL_BATCH / 2 else WARNING,
            f"The generator normalises over batches of {setup.batch_size}: the few other samples decide what a sample "
            "looks like.",
            "Use batches of 16 or more, or a generator without BatchNorm.",
            ("training.batch_size=64",),
            reference="Wu & He 2018, figure 1",
        )
