"""What the numbers of a run say of its networks: gradients, updates, slopes, scores."""

import numpy as np

from wgan.diagnosis.finding import Finding, Severity
from wgan.diagnosis.history import RECENT, History
from wgan.diagnosis.rules.advice import lower_rates, rates, wgan_gp
from wgan.diagnosis.setup import Setup

ERROR, WARNING = Severity.error, Severity.warning
PLAYERS = ("generator", "critic")

STANDS = 1e-6
"""A relative change of the weights at which it takes a million steps to get anywhere."""
LOW_RATE = 1e-6
LEAP = 0.2
"""A relative change of the weights in one update after which little of them is left."""
FAR = 0.25
"""An energy distance at which nobody takes the samples for the data."""
EXPLODED = 1e4
FLAT = 1e-6
"""A slope at samples from which no generator learns."""
SPAN = 1e5
"""How much smaller the gradient of one layer may be than that of another."""
STEEP = 2.0


def non_finite(setup: Setup, history: History) -> Finding | None:
    """A run that ended because a number was no longer one."""
    if history.failure is None:
        return None
    return Finding(
        "non-finite",
        ERROR,
        f"The run ended: {history.failure['what']}",
        "Lower both learning rates; if it comes back, look at what stands below for a cause.",
        lower_rates(setup),
        history.failure["step"],
        "Goodfellow et al. 2016, section 8.2.4 (cliffs and exploding gradients)",
    )


def rolled_back(setup: Setup, history: History) -> Finding | None:
    """A run that left every bound, and went on from an earlier step with lower learning rates."""
    if not history.rollbacks or history.failure is not None:  # what ended it says more
        return None
    last = history.rollbacks[-1]
    return Finding(
        "rolled-back",
        WARNING,
        f"The run went back to step {last['to']}. {last['what']} Learning rates are {last['rates']:g} times those "
        "of the settings since.",
        "What follows was trained with lower rates than the settings say; a new run had better start with them.",
        rates(setup, last["rates"], "generator", "critic"),
        last["step"],
        "Goodfellow et al. 2016, section 8.2.4 (cliffs and exploding gradients)",
    )


def generator_not_updating(setup: Setup, history: History) -> Finding | None:
    """A generator that stays what it was."""
    update = history.column("generator_update")
    if not history.recent("generator_update") <= STANDS:
        return None
    return Finding(
        "generator-not-updating",
        ERROR,
        f"A step changes the generator's weights by {update[-1]:.1g} of their length.",
        "Look whether the generator's loss reaches it (detach, no_grad), and at its learning rate.",
        ("generator_optimizer.learning_rate=1e-4",) if setup.generator.learning_rate < LOW_RATE else (),
        history.since(update <= STANDS),
        "Goodfellow et al. 2014, algorithm 1",
    )


def dead_critic(setup: Setup, history: History) -> Finding | None:
    """A critic that says the same of everything, or that no longer learns."""
    spread, slope, update = (history.recent(name) for name in ("score_spread", "slope", "critic_update"))
    if spread <= 1e-7 or slope <= 1e-9:
        what = f"Scores differ by {spread:.1g} and slopes are {slope:.1g}: the critic says the same of every sample"
        since = history.since((history.column("score_spread") <= 1e-7) | (history.column("slope") <= 1e-9))
    elif update <= STANDS:
        what = f"A step changes the critic's weights by {update:.1g} of their length: it does not learn"
        since = history.since(history.column("critic_update") <= STANDS)
    else:
        return None
    return Finding(
        "dead-critic",
        ERROR,
        f"{what}, and the generator learns nothing from it.",
        "Raise its learning rate or its clip bound, or give it LeakyReLU and other first weights.",
        ("critic_optimizer.learning_rate=1e-4",) if setup.critic.learning_rate < LOW_RATE else (),
        since,
        "Arjovsky & Bottou 2017, section 2",
    )


def exploding(setup: Setup, history: History) -> Finding | None:
    """Gradients beyond every measure."""
    recent = [_largest(history, line) for line in _recent_lines(history)]
    if not recent or np.median([norm for norm, *_ in recent]) < EXPLODED:
        return None
    norm, player, layer = max(recent)
    norms = np.array([_largest(history, line)[0] for line in range(len(history))])
    return Finding(
        "exploding-gradients",
        ERROR,
        f"The gradient of the {player}'s {layer} has had norm {norm:.2g} within the last {RECENT} lines.",
        "Lower the learning rates; under clipping, clip to less; without a penalty, add one.",
        lower_rates(setup),
        history.since(norms >= EXPLODED),
        "Gulrajani et al. 2017, figure 1b; Pascanu et al. 2013",
    )


def vanishing(setup: Setup, history: History) -> Finding | None:
    """Layers that the gradient does not get to."""
    for player in PLAYERS:
        spans = [_span(history, player, line) for line in _recent_lines(history)]
        if not spans or np.median([span for span, *_ in spans]) < SPAN:
            continue
        span, low, high = spans[-1]
        every = np.array([_span(history, player, line)[0] for line in range(len(history))])
        return Finding(
            "vanishing-gradients",
            ERROR if history.recent("slope") < FLAT else WARNING,
            f"In the {player}, the gradient of {low} is {span:.0e} times smaller than that of {high}: "
            "some layers hardly learn.",
            "Use fewer layers, LeakyReLU, a norm, or other first weights; under clipping, the gradient penalty.",
            wgan_gp(setup) if setup.clip else (),
            history.since(every >= SPAN),
            "Gulrajani et al. 2017, figure 1b; Glorot & Bengio 2010",
        )
    return None


def _recent_lines(history: History) -> range:
    """The newest lines, if there are enough of them."""
    return range(-RECENT, 0) if len(history) >= RECENT else range(0)


def _largest(history: History, line: int) -> tuple[float, str, str]:
    """The largest gradient norm of a line, its player and its layer."""
    norms = [(norm, player, layer) for player in PLAYERS for layer, norm in history.layers(player, line).items()]
    return max(norms, default=(0.0, "", ""))


def _span(history: History, player: str, line: int) -> tuple[float, str, str]:
    """How many times larger a player's largest gradient is than its smallest, and whose they are: (span, low, high)."""
    norms = sorted((norm, layer) for layer, norm in history.layers(player, line).items())
    if not norms or norms[-1][0] == 0:  # no layer has one: that is a dead critic
        return 1.0, "", ""
    (least, low), (most, high) = norms[0], norms[-1]
    return most / max(least, 1e-38), low, high


def leaping(setup: Setup, history: History) -> Finding | None:
    """Updates so long that nothing learnt survives the next one."""
    updates = {"generator": 1, "critic": setup.critic_steps}
    long = {player: history.recent(f"{player}_update") / count for player, count in updates.items()}
    long = {player: change for player, change in long.items() if change > LEAP}
    if not long:
        return None
    what = " and ".join(f"the {player}'s weights by {change:.0%}" for player, change in long.items())
    holds = np.any([history.column(f"{player}_update") / updates[player] > LEAP for player in long], axis=0)
    return Finding(
        "updates-too-large",
        ERROR,
        f"An update changes {what} of their length; a thousandth to a hundredth is usual.",
        "Lower the learning rate.",
        rates(setup, 0.1, *long),
        history.since(holds),
        "Bengio 2012, section 3.3 (updates of a thousandth of the weights)",
    )


def ineffective_penalty(setup: Setup, history: History) -> Finding | None:
    """Slopes that the penalty should hold near one, and does not."""
    slope = history.recent("gradient_norm")
    if not setup.slope_near_one or not slope > STEEP:
        return None
    weight = setup.game.penalty_weight if setup.game else 0.0
    return Finding(
        "ineffective-penalty",
        ERROR if slope > 2 * STEEP else WARNING,
        f"The critic's slope between real and fake is {slope:.2g} where the penalty, of weight {weight:g}, wants 1.",
        "Raise the penalty's weight (10 is usual), and lower the critic's learning rate.",
        ("objective.penalty_weight=10",) if weight < 10 else rates(setup, 0.1, "critic"),
        history.since(history.column("gradient_norm") > STEEP),
        "Gulrajani et al. 2017, section 4",
    )


def clipped_to_corners(setup: Setup, history: History) -> Finding | None:
    """A critic most of whose weights sit at the bound."""
    share = history.recent("at_clip")
    if not (setup.clip and share > 0.9):
        return None
    return Finding(
        "clipped-to-corners",
        WARNING,
        f"{share:.0%} of the critic's weights sit at the clip bound of {setup.clip:g}: it can only be a very simple "
        "function.",
        "Use the gradient penalty, or a lower learning rate for the critic.",
        wgan_gp(setup),
        history.since(history.column("at_clip") > 0.9),
        "Gulrajani et al. 2017, section 3 and figure 1b",
    )


def negative_distance(setup: Setup, history: History) -> Finding | None:
    """A distance below zero: real samples are scored lower than fake ones."""
    distance, accuracy = history.recent("train_distance"), history.recent("accuracy")
    if not (setup.wasserstein and distance < 0 and accuracy < 0.45):
        return None
    return Finding(
        "negative-distance",
        ERROR if history.recent("energy_distance") > FAR and not history.young else WARNING,
        f"The critic scores real samples {-distance:.2g} *lower* than fake ones, in {1 - accuracy:.0%} of pairs; a "
        "Wasserstein distance is never negative.",
        "The critic does not keep up with the generator: give it more steps or a higher rate, and look at the signs of "
        "both losses.",
        ("training.critic_steps=5",) if setup.critic_steps < 5 else (),
        history.since(history.column("train_distance") < 0),
        "Arjovsky et al. 2017, section 3 and appendix",
    )
