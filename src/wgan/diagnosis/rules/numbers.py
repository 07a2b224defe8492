"""Rules on the networks in a run's log: gradients, updates, slopes, scores."""

import numpy as np

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.history import RECENT, Column, History
from wgan.diagnosis.setup import Setup
from wgan.diagnosis.words import player_word
from wgan.language import say

ERROR, WARNING = Severity.error, Severity.warning
PLAYERS = ("generator", "critic")

STANDS = 1e-6
"""A relative change of the weights per step at which nothing is learnt in a million steps."""
LATE = 0.75
"""Updates that become small after this share of a schedule that takes the learning rates to 0 are its doing."""
LEAP = 0.2
"""A relative change of the weights per update after which little of them is left."""
FAR = 0.25
"""An energy distance at which samples are plainly not the data."""
EXPLODED = 1e4
FLAT = 1e-6
"""A slope at samples from which no generator learns."""
SPAN, FLAT_SPAN = 1e5, 1e3
"""How many times smaller the gradient of one layer may be than that of another; the second where slopes are flat."""
STEEP = 2.0
WILD = 8.0
"""Slopes of working runs stay below 2.1, whatever their objective."""
SHORT = 3e-4
"""A tenth of what updates of working runs are."""


def non_finite(setup: Setup, history: History) -> Findings:
    """A run that ended because a number diverged."""
    if history.failure is not None:
        yield Finding(
            "non-finite",
            ERROR,
            say("The run ended: {what}", what=history.failure["what"]),
            say("Lower both learning rates. If it happens again, look for a cause in the findings below."),
            setup.rates(0.1),
            history.failure["step"],
            "Goodfellow et al. 2016, section 8.2.4 (cliffs and exploding gradients)",
        )


def rolled_back(setup: Setup, history: History) -> Findings:
    """A run that diverged, and continued from an earlier step with lower learning rates."""
    if history.rollbacks and history.failure is None:  # what ended a run says more
        last = history.rollbacks[-1]
        yield Finding(
            "rolled-back",
            WARNING,
            say(
                "The run went back to step {step}. {what} Since then, learning rates are {rates:g} times "
                "those of the settings.",
                step=last["to"],
                what=last["what"],
                rates=last["rates"],
            ),
            say("What follows was trained with lower rates than the settings say; start a new run with these rates."),
            setup.rates(last["rates"]),
            last["step"],
            "Goodfellow et al. 2016, section 8.2.4 (cliffs and exploding gradients)",
        )


def generator_not_updating(setup: Setup, history: History) -> Findings:
    """A generator whose weights do not change."""
    update = history.column("generator_update")
    if history.recent("generator_update") <= STANDS and not _slowed(setup, history, update):
        yield Finding(
            "generator-not-updating",
            ERROR,
            say("A step changes the generator's weights by {update:.1g} of their length.", update=update[-1]),
            say("Check that the generator's loss reaches it (detach, no_grad), and check its learning rate."),
            setup.usual_rate("generator"),
            history.since(update <= STANDS),
            "Goodfellow et al. 2014, algorithm 1",
        )


def _slowed(setup: Setup, history: History, update: Column) -> bool:
    """Whether updates have become small only now, as a schedule ends. Beyond its end nothing is learnt any more."""
    end = setup.rates_vanish_at
    return end is not None and LATE * end <= history.since(update <= STANDS) <= history.step <= end


def dead_critic(setup: Setup, history: History) -> Findings:
    """A critic with one score for everything, or one that no longer learns."""
    spread, slope, update = (history.recent(name) for name in ("score_spread", "slope", "critic_update"))
    if spread <= 1e-7 or slope <= 1e-9:
        what = say(
            "Scores differ by {spread:.1g} and slopes are {slope:.1g}: the critic gives every sample the same score, "
            "and the generator learns nothing from it.",
            spread=spread,
            slope=slope,
        )
        holds = (history.column("score_spread") <= 1e-7) | (history.column("slope") <= 1e-9)
    elif update <= STANDS and not _slowed(setup, history, history.column("critic_update")):
        what = say(
            "A step changes the critic's weights by {update:.1g} of their length: it does not learn, and the generator "
            "learns nothing from it.",
            update=update,
        )
        holds = history.column("critic_update") <= STANDS
    else:
        return
    yield Finding(
        "dead-critic",
        ERROR,
        what,
        say("Raise its learning rate or its clip bound, or give it LeakyReLU and another initialisation."),
        setup.usual_rate("critic"),
        history.since(holds),
        "Arjovsky & Bottou 2017, section 2",
    )


def exploding(setup: Setup, history: History) -> Findings:
    """Gradients that are too large."""
    lines = range(len(history))
    recent = [_largest(history, line) for line in lines[-RECENT:]]
    if len(recent) == RECENT and not np.median([norm for norm, *_ in recent]) < EXPLODED:
        norm, player, layer = max(recent)
        norms = np.array([_largest(history, line)[0] for line in lines])
        yield Finding(
            "exploding-gradients",
            ERROR,
            say(
                "The gradient of the {player}'s {layer} has had norm {norm:.2g} within the last {lines} lines.",
                player=player_word(player),
                layer=layer,
                norm=norm,
                lines=RECENT,
            ),
            say("Lower the learning rates; under clipping, clip to less; without a penalty, add one."),
            setup.rates(0.1),
            history.since(norms >= EXPLODED),
            "Gulrajani et al. 2017, figure 1b; Pascanu et al. 2013",
        )


def vanishing(setup: Setup, history: History) -> Findings:
    """Layers that hardly get a gradient."""
    flat = history.recent("slope") < FLAT
    limit = FLAT_SPAN if flat else SPAN
    for player in PLAYERS:
        lines = range(len(history))
        recent = [_span(history, player, line) for line in lines[-RECENT:]]
        if len(recent) == RECENT and not np.median([span for span, *_ in recent]) < limit:
            span, low, high = recent[-1]
            spans = np.array([_span(history, player, line)[0] for line in lines])
            yield Finding(
                "vanishing-gradients",
                ERROR if flat else WARNING,
                say(
                    "In the {player}, the gradient of {low} is {span:.0e} times smaller than that of {high}: "
                    "some layers hardly learn.",
                    player=player_word(player),
                    low=low,
                    span=span,
                    high=high,
                ),
                say(
                    "Use fewer layers, LeakyReLU, a norm, or another initialisation; under clipping, the "
                    "gradient penalty."
                ),
                setup.wgan_gp() if setup.clip else (),
                history.since(spans >= limit),
                "Gulrajani et al. 2017, figure 1b; Glorot & Bengio 2010",
            )
            return


def _largest(history: History, line: int) -> tuple[float, str, str]:
    """The largest gradient norm of a line, its player and its layer."""
    norms = [(norm, player, layer) for player in PLAYERS for layer, norm in history.layers(player, line).items()]
    return max(norms, default=(0.0, "", ""))


def _span(history: History, player: str, line: int) -> tuple[float, str, str]:
    """How many times larger a player's largest gradient is than its smallest, and their layers: (span, low, high)."""
    norms = sorted((norm, layer) for layer, norm in history.layers(player, line).items())
    if not norms or norms[-1][0] == 0:  # no layer has one: that is a dead critic
        return 1.0, "", ""
    (least, low), (most, high) = norms[0], norms[-1]
    return most / max(least, 1e-38), low, high


def leaping(setup: Setup, history: History) -> Findings:
    """Updates so long that nothing learnt survives the next one."""
    updates = {"generator": setup.generator_steps, "critic": setup.critic_steps}
    changes = {player: history.recent(f"{player}_update") / count for player, count in updates.items()}
    if long := {player: change for player, change in changes.items() if change > LEAP}:
        what = say(" and ").join(
            say("the {player}'s weights by {change:.0%}", player=player_word(player), change=change)
            for player, change in long.items()
        )
        holds = np.any([history.column(f"{player}_update") / updates[player] > LEAP for player in long], axis=0)
        yield Finding(
            "updates-too-large",
            ERROR,
            say("An update changes {what} of their length; a thousandth to a hundredth is usual.", what=what),
            say("Lower the learning rate."),
            setup.rates(0.1, *long),
            history.since(holds),
            "Bengio 2012, section 3.3 (updates of a thousandth of the weights)",
        )


def ineffective_penalty(setup: Setup, history: History) -> Findings:
    """Slopes that the penalty should hold near one, and does not."""
    slope, weight = history.recent("gradient_norm"), setup.penalty_weight
    if setup.slope_near_one and slope > STEEP:
        yield Finding(
            "ineffective-penalty",
            ERROR if slope > 2 * STEEP and not history.progress.near else WARNING,
            say(
                "The critic's slope between real and fake is {slope:.2g} where the penalty, of weight "
                "{weight:g}, asks for 1.",
                slope=slope,
                weight=weight,
            ),
            say("Raise the penalty's weight (10 is usual; 1 for points), or lower the critic's learning rate."),
            (setup.usual_penalty,) if weight < 1 else setup.rates(0.1, "critic"),
            history.since(history.column("gradient_norm") > STEEP),
            "Gulrajani et al. 2017, section 4",
        )


def steep_critic(setup: Setup, history: History) -> Findings:
    """Slopes of a user's own objective that nothing holds."""
    slope = history.recent("slope")
    if setup.game is None and slope > WILD and not history.progress.near:
        yield Finding(
            "steep-critic",
            ERROR if slope > 2 * WILD and not history.progress.gains else WARNING,
            say(
                "The critic's slope at samples is {slope:.2g}. Under a penalty or a bound it stays near 1: "
                "what should hold it does not reach the critic, or weighs too little.",
                slope=slope,
            ),
            say("Check that the penalty's gradient is taken with create_graph=True and added to the critic's loss."),
            (),
            history.since(history.column("slope") > WILD),
            "Gulrajani et al. 2017, section 4",
        )


def updates_too_small(setup: Setup, history: History) -> Findings:
    """Updates so short that a run of this length changes little."""
    if len(history) < 2 * RECENT or history.progress.near:
        return
    for player in PLAYERS:
        column = history.column(f"{player}_update")
        early = float(np.median(column[: max(RECENT, 2 * len(column) // 3)]))  # before a schedule ends
        if STANDS < early < SHORT:
            yield Finding(
                "updates-too-small",
                WARNING,
                say(
                    "An update changes the {player}'s weights by {change:.1g} of their length; a thousandth to a "
                    "hundredth is usual. In {steps:,} steps they hardly move.",
                    player=player_word(player),
                    change=early,
                    steps=setup.steps,
                ),
                say("Raise the {player}'s learning rate.", player=player_word(player)),
                setup.rates(10.0, player),
                history.since(column < SHORT),
                "Bengio 2012, section 3.3 (updates of a thousandth of the weights)",
            )


def clipped_to_corners(setup: Setup, history: History) -> Findings:
    """A critic most of whose weights are at the clip bound."""
    share = history.recent("at_clip")
    if setup.clip and share > 0.9:
        yield Finding(
            "clipped-to-corners",
            WARNING,
            say(
                "{share:.0%} of the critic's weights are at the clip bound of {clip:g}: it can only be a "
                "very simple function.",
                share=share,
                clip=setup.clip,
            ),
            say("Use the gradient penalty, or a lower learning rate for the critic."),
            setup.wgan_gp(),
            history.since(history.column("at_clip") > 0.9),
            "Gulrajani et al. 2017, section 3 and figure 1b",
        )


def negative_distance(setup: Setup, history: History) -> Findings:
    """A distance below zero: real samples are scored lower than fake ones."""
    distance, accuracy = history.recent("train_distance"), history.recent("accuracy")
    if setup.wasserstein and distance < 0 and accuracy < 0.45:
        yield Finding(
            "negative-distance",
            ERROR if history.recent("energy_distance") > FAR and not history.young else WARNING,
            say(
                "The critic scores real samples {distance:.2g} *lower* than fake ones, in {share:.0%} of "
                "pairs; a Wasserstein distance is never negative.",
                distance=-distance,
                share=1 - accuracy,
            ),
            say(
                "The critic does not keep up with the generator: give it more steps or a higher rate, and "
                "check the signs of both losses."
            ),
            ("training.critic_steps=5",) if setup.critic_steps < 5 else (),
            history.since(history.column("train_distance") < 0),
            "Arjovsky et al. 2017, section 3 and appendix",
        )
