"""Rules on the settings, for before the first step."""

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import SAFE, Setup
from wgan.diagnosis.words import player_word
from wgan.language import say

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
            say(
                "A Wasserstein loss with penalty weight 0 and no clipping: nothing bounds the critic's "
                "slope, so its loss falls for ever by scaling the scores up."
            ),
            say("Add the gradient penalty."),
            setup.wgan_gp(),
            reference="Arjovsky et al. 2017, eq. 2",
        )


def clip_bound(setup: Setup) -> Findings:
    """A clip bound that is too small for the critic to learn, or too large to bound its slope."""
    low, high = CLIPS
    if setup.clip and not low <= setup.clip <= high:
        small = setup.clip < low
        if small:
            what = say(
                "Weights are clipped to {clip:g}, which leaves almost no difference between scores.", clip=setup.clip
            )
        else:
            what = say(
                "Weights are clipped to {clip:g}, which bounds nothing: slopes grow with its powers.", clip=setup.clip
            )
        yield Finding(
            "clip-too-small" if small else "clip-too-large",
            ERROR,
            what,
            say("Clip to 0.01 (pictures) or 0.1 (points), or use the gradient penalty, which needs no such choice."),
            setup.wgan_gp(),
            reference="Gulrajani et al. 2017, section 3 and figure 1b",
        )


def momentum_with_clipping(setup: Setup) -> Findings:
    """Momentum in a critic whose weights are clipped."""
    if setup.clip and setup.critic.momentum:
        yield Finding(
            "momentum-with-clipping",
            WARNING,
            say(
                "The critic's weights are clipped, and its optimiser has momentum {momentum:g}: the paper "
                "found this unstable, since the critic's loss is not stationary.",
                momentum=setup.critic.momentum,
            ),
            say("Use RMSprop, as the paper does."),
            ("critic_optimizer=rmsprop", "generator_optimizer=rmsprop"),
            reference="Arjovsky et al. 2017, section 4.2",
        )


def momentum_too_high(setup: Setup) -> Findings:
    """Updates that remember a hundred others, in a game where each changes what the next should be."""
    players = {"generator": setup.generator, "critic": setup.critic}
    if high := [name for name, player in players.items() if player.momentum >= MOMENTUM]:
        found = say(" and ").join(
            say("{player}'s {momentum:g}", player=player_word(name), momentum=players[name].momentum) for name in high
        )
        yield Finding(
            "momentum-too-high",
            WARNING,
            say(
                "The momentum is the {found}; published GANs use 0 to 0.5, a few 0.9. Updates overshoot what "
                "the other player has moved.",
                found=found,
            ),
            say("Use Adam without momentum."),
            tuple(f"{name}_optimizer.betas=[0.0, 0.9]" for name in high if players[name].optimizer == "adam"),
            reference="Radford et al. 2016, section 4 (0.9 made training oscillate); Gulrajani et al. 2017 (0)",
        )


def clipped_cross_entropy(setup: Setup) -> Findings:
    """Clipped weights under a loss that does not ask for clipping."""
    if setup.clip and setup.logits:
        yield Finding(
            "clipped-cross-entropy",
            WARNING,
            say(
                "Weights are clipped to {clip:g} under a cross-entropy: logits stay near 0, every "
                "probability near one half and the loss near log 2, so the gradient says little.",
                clip=setup.clip,
            ),
            say("Do not clip: use the gradient penalty, with the Wasserstein loss."),
            setup.wgan_gp(),
            reference="Arjovsky et al. 2017, algorithm 1",
        )


def penalty_on_cross_entropy(setup: Setup) -> Findings:
    """What is called WGAN-GP but has a cross-entropy loss."""
    if setup.game is not None and setup.logits and setup.slope_near_one and "line" in setup.game.at:
        yield Finding(
            "penalty-on-cross-entropy",
            WARNING,
            say(
                "The loss is a cross-entropy (BCE), and slopes between real and fake are held near one as in "
                "WGAN-GP. This is no Wasserstein distance, and its loss does not tell how good the samples "
                "are."
            ),
            say("Use the Wasserstein loss with this penalty."),
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
            say(
                "Losses are summed over {batch_size} samples for plain SGD: its rate of {critic_rate:g} is "
                "one of {mean_rate:g} on the mean, and the penalty, a mean, counts for 1/{batch_size} of "
                "what it should.",
                batch_size=setup.batch_size,
                critic_rate=setup.critic.learning_rate,
                mean_rate=setup.batch_size * setup.critic.learning_rate,
            ),
            say("Average the losses, or use an optimiser that normalises gradients."),
            ("objective.reduction=mean", "critic_optimizer=adam", "generator_optimizer=adam"),
            reference="Bottou et al. 2018, section 4",
        )


def learning_rate(setup: Setup) -> Findings:
    """A learning rate at which no GAN of ours worked."""
    players = {"generator": setup.generator, "critic": setup.critic}
    limits = {name: player.highest_rate for name, player in players.items()}
    excess = {name: setup.rate_rise * player.learning_rate / limits[name] for name, player in players.items()}
    if high := [name for name, times in excess.items() if times >= 1]:
        risen = say(", and rises to {times:g} times that", times=setup.rate_rise) if setup.rate_rise > 1 else ""
        rates = say(" and ").join(
            say(
                "{setting} is {rate:g}{risen}",
                setting=f"{name}_optimizer.learning_rate",
                rate=players[name].learning_rate,
                risen=risen,
            )
            for name in high
        )
        known = say(" and ").join(dict.fromkeys(f"{limits[name]:g} ({players[name].optimizer})" for name in high))
        at_first = [name for name in high if players[name].learning_rate >= limits[name]]
        yield Finding(
            "learning-rate-too-high",
            ERROR if max(excess.values()) >= 2 else WARNING,
            say("{rates}; rates of {known} and more hardly ever work.", rates=rates, known=known),
            say("Use a lower rate."),
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
            say(
                "In a step the critic has {critic_updates} of rate {critic_rate:g}, together {pace:.2g} of "
                "the generator's {generator_updates} of rate {generator_rate:g}; it should be near its "
                "optimum before each.",
                critic_updates=_updates(setup.critic_steps),
                critic_rate=setup.critic.learning_rate,
                pace=pace,
                generator_updates=_updates(setup.generator_steps),
                generator_rate=setup.generator.learning_rate,
            ),
            say("Give the critic the generator's rate and five steps to one."),
            (
                f"critic_optimizer.learning_rate={setup.generator.learning_rate:g}",
                "training.critic_steps=5",
                *(("training.generator_steps=1",) if setup.generator_steps > 1 else ()),
            ),
            reference="Arjovsky et al. 2017, section 3 (train the critic to optimality)",
        )


def _updates(count: int) -> str:
    return say("1 update") if count == 1 else say("{count} updates", count=count)


def batch_too_small(setup: Setup) -> Findings:
    """Batches of very few samples, the more so where BatchNorm compares them."""
    if setup.batch_size < SMALL_BATCH / 2 and not setup.wiring.batch_norm:
        yield Finding(
            "batch-too-small",
            WARNING,
            say(
                "Batches hold {batch_size}: each update follows the accidents of a few samples.",
                batch_size=setup.batch_size,
            ),
            say("Use batches of 16 or more."),
            ("training.batch_size=64",),
            reference="Bottou et al. 2018, section 4",
        )
    if setup.wiring.batch_norm and setup.batch_size < SMALL_BATCH:
        yield Finding(
            "batch-too-small",
            ERROR if setup.batch_size < SMALL_BATCH / 2 else WARNING,
            say(
                "The generator normalises over batches of {batch_size}: the few other samples decide what a "
                "sample looks like.",
                batch_size=setup.batch_size,
            ),
            say("Use batches of 16 or more, or a generator without BatchNorm."),
            ("training.batch_size=64",),
            reference="Wu & He 2018, figure 1",
        )
