"""What is wrong with the settings: told by reading them, before the first step."""

from wgan.diagnosis.finding import Finding, Severity
from wgan.diagnosis.rules.advice import wgan_gp
from wgan.diagnosis.setup import Setup

ERROR, WARNING = Severity.error, Severity.warning

HIGHEST_RATE = {"adam": 1e-2, "rmsprop": 2e-3, "sgd": 1.0}
"""Four times and more what any run of ours that works has used, for each optimiser."""
CLIPS = (1e-4, 0.5)
"""Arjovsky et al. 2017 use 0.01; our toys 0.1."""
SMALL_DATA = 1000
SLOW = 0.25


def critic_unconstrained(setup: Setup) -> Finding | None:
    """A Wasserstein critic that nothing keeps Lipschitz."""
    if setup.game is None or not setup.wasserstein or setup.game.penalty_weight or setup.clip:
        return None
    return Finding(
        "critic-unconstrained",
        ERROR,
        "A Wasserstein loss with penalty weight 0 and no clipping: nothing bounds the critic's slope, so that its "
        "loss falls for ever by scaling the scores up.",
        "Add the gradient penalty.",
        wgan_gp(setup),
        reference="Arjovsky et al. 2017, eq. 2",
    )


def clip_bound(setup: Setup) -> Finding | None:
    """A bound that leaves the critic no room, or no bound."""
    low, high = CLIPS
    if not setup.clip or low <= setup.clip <= high:
        return None
    small = setup.clip < low
    what = "leaves the scores next to nothing to differ by" if small else "bounds nothing: slopes grow with its powers"
    return Finding(
        "clip-too-small" if small else "clip-too-large",
        ERROR,
        f"Weights are clipped to {setup.clip:g}, which {what}.",
        "Clip to 0.01 (pictures) or 0.1 (points), or use the gradient penalty, which needs no such choice.",
        wgan_gp(setup),
        reference="Gulrajani et al. 2017, section 3 and figure 1b",
    )


def momentum_with_clipping(setup: Setup) -> Finding | None:
    """Momentum in a critic whose weights are clipped."""
    if not setup.clip or not setup.critic.momentum:
        return None
    return Finding(
        "momentum-with-clipping",
        WARNING,
        f"The critic's weights are clipped, and its optimiser has momentum {setup.critic.momentum:g}: the paper found "
        "training unstable with it, since the critic's loss changes under it all the time.",
        "Use RMSprop, as the paper does.",
        ("critic_optimizer=rmsprop", "generator_optimizer=rmsprop"),
        reference="Arjovsky et al. 2017, section 4.2",
    )


def clipped_cross_entropy(setup: Setup) -> Finding | None:
    """Weights clipped for a loss that does not ask for it."""
    if not (setup.clip and setup.logits):
        return None
    return Finding(
        "clipped-cross-entropy",
        WARNING,
        f"Weights are clipped to {setup.clip:g} under a cross-entropy: the logits stay near 0, every probability near "
        "one half, and the loss near log 2, so that its gradient says little.",
        "Clip under the Wasserstein loss, or do not clip.",
        ("objective=wgan",) if "objective" not in setup.custom else (),
        reference="Arjovsky et al. 2017, algorithm 1",
    )


def penalty_on_cross_entropy(setup: Setup) -> Finding | None:
    """What is called WGAN-GP and is not: document 004's defect."""
    game = setup.game
    if game is None or not (setup.logits and setup.slope_near_one and "line" in game.at):
        return None
    return Finding(
        "penalty-on-cross-entropy",
        WARNING,
        "The loss is a cross-entropy (BCE), and slopes between real and fake are held near one as in WGAN-GP: this is "
        "no Wasserstein distance, and its loss does not tell how good the samples are.",
        "Use the Wasserstein loss under this penalty.",
        wgan_gp(setup),
        reference="Gulrajani et al. 2017, eq. 3; Fedus et al. 2018 try the mixture",
    )


def summed_loss(setup: Setup) -> Finding | None:
    """A loss that grows with the batch, for an optimiser that does not divide by it."""
    plain = "sgd" in (setup.critic.optimizer, setup.generator.optimizer)
    if setup.game is None or setup.game.reduction != "sum" or not plain:
        return None
    rate = setup.batch_size * setup.critic.learning_rate
    return Finding(
        "summed-loss",
        WARNING,
        f"Losses are summed over {setup.batch_size} samples for plain SGD: its rate of "
        f"{setup.critic.learning_rate:g} is one of {rate:g} on the mean, and the penalty, a mean, counts for "
        f"1/{setup.batch_size} of what it should.",
        "Average the losses, or use an optimiser that divides by the gradients' size.",
        ("objective.reduction=mean", "critic_optimizer=adam", "generator_optimizer=adam"),
        reference="Bottou et al. 2018, section 4",
    )


def learning_rate(setup: Setup) -> Finding | None:
    """A rate at which no GAN has been seen to work."""
    players = {"generator": setup.generator, "critic": setup.critic}
    excess = {name: player.learning_rate / HIGHEST_RATE.get(player.optimizer, 1.0) for name, player in players.items()}
    high = [name for name, times in excess.items() if times > 1]
    if not high:
        return None
    rates = [f"{name}_optimizer.learning_rate is {players[name].learning_rate:g}" for name in high]
    limits = {players[name].optimizer: HIGHEST_RATE.get(players[name].optimizer, 1.0) for name in high}
    return Finding(
        "learning-rate-too-high",
        ERROR if max(excess.values()) >= 2 else WARNING,
        f"{' and '.join(rates)}; rates above "
        f"{' and '.join(f'{limit:g} ({optimizer})' for optimizer, limit in limits.items())} hardly ever work.",
        "Use a lower rate.",
        tuple(f"{name}_optimizer.learning_rate={limits[players[name].optimizer] / 100:g}" for name in high),
        reference="Lucic et al. 2018, section 5 (what searches over rates found)",
    )


def critic_too_slow(setup: Setup) -> Finding | None:
    """A Wasserstein critic that cannot follow the generator: its distance is one to where the generator was."""
    pace = setup.critic_steps * setup.critic.learning_rate / setup.generator.learning_rate
    if not setup.wasserstein or setup.critic.optimizer != setup.generator.optimizer or pace >= SLOW:
        return None
    return Finding(
        "critic-too-slow",
        ERROR,
        f"For each generator step the critic takes {setup.critic_steps} of rate {setup.critic.learning_rate:g}, "
        f"together {pace:.2g} of the generator's {setup.generator.learning_rate:g}; it should be near its best before "
        "each.",
        "Give the critic the generator's rate and five steps.",
        (f"critic_optimizer.learning_rate={setup.generator.learning_rate:g}", "training.critic_steps=5"),
        reference="Arjovsky et al. 2017, section 3 (train the critic to optimality)",
    )


def dataset_too_small(setup: Setup) -> Finding | None:
    """So few samples that the critic can know each by heart."""
    if setup.train_count >= SMALL_DATA:
        return None
    return Finding(
        "dataset-too-small",
        WARNING,
        f"There are {setup.train_count:,} samples to train on: with fewer than about {SMALL_DATA:,} the critic learns "
        "them by heart, and no longer what they have in common.",
        "Get more data, mirror pictures (--set data.flip=true) where left and right mean the same, and stop early.",
        (),
        reference="Karras et al. 2020 (ADA), figure 1",
    )
