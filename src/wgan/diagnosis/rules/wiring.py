"""What is wrong with how the parts fit together: told by trying them, before the first step."""

from wgan.diagnosis.finding import Finding, Severity
from wgan.diagnosis.rules.advice import independent_scores
from wgan.diagnosis.setup import Setup

ERROR, WARNING = Severity.error, Severity.warning
SMALL_BATCH = 8
WIDE_DATA = 20.0


def generator_gets_no_gradient(setup: Setup) -> Finding | None:
    """A generator cut off from its own loss (`detach`, `no_grad`): document 001's defect."""
    if setup.wiring.reaches_generator:
        return None
    return Finding(
        "generator-gets-no-gradient",
        ERROR,
        "The gradient of the generator's loss does not reach a single weight of the generator.",
        "Look for detach(), no_grad(), .data or .item() between the generator's output and `generator_loss`.",
        reference="Goodfellow et al. 2014, algorithm 1",
    )


def wrong_sign(setup: Setup) -> Finding | None:
    """Networks that want the opposite of what they should."""
    wiring = setup.wiring
    if wiring.prefers_real and wiring.seeks_high_scores:
        return None
    if wiring.seeks_high_scores:
        what = "The critic's loss falls when *fake* samples are scored higher, which is what the generator wants too"
    elif wiring.prefers_real:
        what = "The generator's loss falls when its samples are scored *lower*: it learns to be found out"
    else:
        what = "Both players take high scores for fake; here they are real, so that every distance has the wrong sign"
    return Finding(
        "wrong-sign",
        ERROR,
        f"{what} (tried on a critic whose scores are known).",
        "The critic minimises mean C(fake) - mean C(real), the generator -mean C(fake).",
        reference="Arjovsky et al. 2017, algorithm 1",
    )


def critic_mixes_samples(setup: Setup) -> Finding | None:
    """A penalty on single slopes, and a critic in which a score depends on the whole batch."""
    if not (setup.wiring.mixes_samples and setup.wiring.penalised):
        return None
    return Finding(
        "critic-mixes-samples",
        ERROR,
        "The critic mixes the samples of a batch: a sample's score changes with the others beside it (BatchNorm does "
        "that). The penalty needs each score to depend on one sample alone.",
        "Use InstanceNorm, LayerNorm or no normalisation in the critic.",
        independent_scores(setup),
        reference="Gulrajani et al. 2017, section 4",
    )


def penalty_norm_axis(setup: Setup) -> Finding | None:
    """A norm over channels only, or over the whole batch: the most copied defect of WGAN-GP code."""
    if setup.wiring.whole_slope:
        return None
    return Finding(
        "penalty-norm-axis",
        ERROR,
        "Linear critics of one and the same slope get different penalties, by the direction of the slope or the size "
        "of the batch: the norm is not taken over all axes of one sample.",
        "Take gradient.flatten(1).norm(dim=1), or wgan.slopes(critic, x).",
        reference="Gulrajani et al. 2017, eq. 3",
    )


def bounded_critic(setup: Setup) -> Finding | None:
    """A sigmoid or tanh at the end of a critic."""
    if not setup.wiring.bounded_scores:
        return None
    return Finding(
        "bounded-critic",
        WARNING if setup.game is None else ERROR,
        "The critic's scores cannot leave [-1, 1], whatever its weights: it ends in a sigmoid or a tanh.",
        "Let the critic end in its last linear layer or convolution: a score is not a probability.",
        reference="Arjovsky et al. 2017, section 3",
    )


def data_range(setup: Setup) -> Finding | None:
    """Data where the generator cannot get to."""
    wiring = setup.wiring
    width = max(wiring.data_high - wiring.data_low, 1e-12)
    beyond = max(0.0, wiring.generator_low - wiring.data_low) + max(0.0, wiring.data_high - wiring.generator_high)
    data = f"the data lie in [{wiring.data_low:.3g}, {wiring.data_high:.3g}]"
    if beyond / width > 0.02:
        return Finding(
            "data-outside-generator-range",
            ERROR if beyond / width > 0.2 else WARNING,
            f"The generator can only make values in [{wiring.generator_low:.3g}, {wiring.generator_high:.3g}], and "
            f"{data}: it cannot reach {beyond / width:.0%} of their range.",
            "Scale the data to the generator's range, or end the generator in what reaches theirs (tanh for [-1, 1]).",
            reference="Radford et al. 2016, section 4",
        )
    if max(abs(wiring.data_low), abs(wiring.data_high)) > WIDE_DATA:
        return Finding(
            "data-not-normalised",
            WARNING,
            f"A generator starts with values around 0 of size 1, and {data}.",
            "Subtract the mean from the data and divide by their standard deviation.",
            reference="LeCun et al. 1998, section 4.3",
        )
    return None


def batch_too_small(setup: Setup) -> Finding | None:
    """A norm over next to nothing."""
    if not setup.wiring.batch_norm or setup.batch_size >= SMALL_BATCH:
        return None
    return Finding(
        "batch-too-small",
        ERROR if setup.batch_size < SMALL_BATCH / 2 else WARNING,
        f"The generator normalises over batches of {setup.batch_size}: what a sample looks like is decided by the "
        "few beside it.",
        "Use batches of 16 or more, or a generator without BatchNorm.",
        ("training.batch_size=64",),
        reference="Wu & He 2018, figure 1",
    )
