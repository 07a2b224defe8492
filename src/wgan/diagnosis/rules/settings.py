"""Rules on the settings, for before the first step."""

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import SAFE, Setup

ERROR, WARNING = Severity.error, Severity.warning

CLIPS = (1e-4, 0.5)
"""Arjovsky et al. 2017 use 0.01; our toys use 0.1."""
SMALL_BATCH = 8
SLOW = 0.25
MOMENTUM = 0.95


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


def momentum_too_high(setup: Setup) -> Findings:
    """Updates that remember a hundred others, in a game where each changes what the next should be."""
    players = {"generator": setup.generator, "critic": setup.critic}
    if high := [name for name, player in players.items() if player.momentum >= MOMENTUM]:
        found = " and ".join(f"{name}'s {players[name].momentum:g}" for name in high)
        yield Finding(
            "momentum-too-high",
            WARNING,
            f"The momentum is the {found}; published GANs use 0 to 0.5, a few 0.9. Updates overshoot what the other "
            "player has moved.",
            "Use Adam without momentum.",
            tuple(f"{name}_optimizer.betas=[0.0, 0.9]" for name in high if players[name].optimizer == "adam"),
            reference="Radford et al. 2016, section 4 (0.9 made training oscillate); Gulrajani et al. 2017 (0)",
        )


def clipped_cross_entropy(setup: Setup) -> Findings:
    """Clipped weights under a loss that does not ask for clipping."""
    if setup.clip and setup.logits:
        yield Finding(
            "clipped-cross-entropy",
            WARNING,
            f"Weights are clipped to {setup.clip:g} under a cross-entropy: logits stay near 0, every probability near "
            "one half and the loss near log 2, so the gradient says little.",
            "Do not clip: use the gradient penalty, with the Wasserstein loss.",
            setup.wgan_gp(),
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
    limits = {name: player.highest_rate for name, player in players.items()}
    excess = {name: setup.rate_rise * player.learning_rate / limits[name] for name, player in players.items()}
    if high := [name for name, times in excess.items() if times >= 1]:
        risen = f", and rises to {setup.rate_rise:g} times that" if setup.rate_rise > 1 else ""
        rates = [f"{name}_optimizer.learning_rate is {players[name].learning_rate:g}{risen}" for name in high]
        known = dict.fromkeys(f"{limits[name]:g} ({players[name].optimizer})" for name in high)
        at_first = [name for name in high if players[name].learning_rate >= limits[name]]
        yield Finding(
            "learning-rate-too-high",
            ERROR if max(excess.values()) >= 2 else WARNING,
            f"{' and '.join(rates)}; rates of {' and '.join(known)} and more hardly ever work.",
            "Use a lower rate.",
            (
                *(f"{name}_optimizer.learning_rate={limits[name] * SAFE:g}" for name in at_first),
                *(("schedule.learning_rate=1",) if setup.rate_rise > 1 else ()),
            ),
            reference="Lucic et al. 2018, section 5 (what searches over rates found)",
        )


def critic_too_slow(setup: Setup) -> Findings:
    """A Wasserstein critic that cannot follow the generator: it measures the distance to an earlier generator."""
    rate = setup.generator_steps * setup.generator.learning_rate
    pace = setup.critic_steps * setup.critic.learning_rate / rate
    if setup.wasserstein and setup.critic.optimizer == setup.generator.optimizer and pace < SLOW:
        yield Finding(
            "critic-too-slow",
            ERROR,
            f"In a step the critic has {_updates(setup.critic_steps)} of rate {setup.critic.learning_rate:g}, together "
            f"{pace:.2g} of the generator's {_updates(setup.generator_steps)} of rate "
            f"{setup.generator.learning_rate:g}; it should be near its optimum before each.",
            "Give the critic the generator's rate and five steps to one.",
            (
                f"critic_optimizer.learning_rate={setup.generator.learning_rate:g}",
                "training.critic_steps=5",
                *(("training.generator_steps=1",) if setup.generator_steps > 1 else ()),
            ),
            reference="Arjovsky et al. 2017, section 3 (train the critic to optimality)",
        )


def _updates(count: int) -> str:
    return "1 update" if count == 1 else f"{count} updates"


def batch_too_small(setup: Setup) -> Findings:
    """Batches of very few samples, the more so where BatchNorm compares them."""
    if setup.batch_size < SMALL_BATCH / 2 and not setup.wiring.batch_norm:
        yield Finding(
            "batch-too-small",
            WARNING,
            f"Batches hold {setup.batch_size}: each update follows the accidents of a few samples.",
            "Use batches of 16 or more.",
            ("training.batch_size=64",),
            reference="Bottou et al. 2018, section 4",
        )
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
