"""Rules on what the players minimise, for before the first step."""

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import Setup
from wgan.language import say

ERROR, WARNING = Severity.error, Severity.warning

STRONGEST, WEAKEST = 300.0, 0.01
"""Published weights are 0.1 to 150: Gulrajani et al. 2017 (10, and 0.1 on toys), Karras et al. 2020 (up to 100), and
Huang et al. 2024 (up to 150)."""


def generator_gets_no_gradient(setup: Setup) -> Findings:
    """A generator that is cut off from its own loss (`detach`, `no_grad`)."""
    if not setup.wiring.reaches_generator:
        yield Finding(
            "generator-gets-no-gradient",
            ERROR,
            say("The gradient of the generator's loss does not reach a single weight of the generator."),
            say("Look for detach(), no_grad(), .data or .item() between the generator's output and `generator_loss`."),
            reference="Goodfellow et al. 2014, algorithm 1",
        )


def wrong_sign(setup: Setup) -> Findings:
    """Players that want the opposite of what they should."""
    wiring = setup.wiring
    if wiring.prefers_real and wiring.seeks_high_scores:
        return
    if wiring.seeks_high_scores:
        what = say(
            "The critic's loss falls when *fake* samples are scored higher, which is what the generator wants too "
            "(tried on a critic whose scores are known)."
        )
    elif wiring.prefers_real:
        what = say(
            "The generator's loss falls when its samples are scored *lower*: it learns to be found out (tried on a "
            "critic whose scores are known)."
        )
    else:
        what = say(
            "Both players take high scores for fake; here they mean real, so every distance has the wrong sign "
            "(tried on a critic whose scores are known)."
        )
    yield Finding(
        "wrong-sign",
        ERROR,
        what,
        say("The critic minimises mean C(fake) - mean C(real), the generator -mean C(fake)."),
        reference="Arjovsky et al. 2017, algorithm 1",
    )


def critic_ignores_samples(setup: Setup) -> Findings:
    """A critic's loss without the real samples, or without the fakes."""
    wiring = setup.wiring
    if not (wiring.uses_real and wiring.uses_fake):
        if wiring.uses_fake:
            what = say("The gradient of the critic's loss is the same whatever the real samples are.")
        elif wiring.uses_real:
            what = say("The gradient of the critic's loss is the same whatever the fake samples are.")
        else:
            what = say("The gradient of the critic's loss is the same whatever the real and the fake samples are.")
        yield Finding(
            "critic-ignores-samples",
            ERROR,
            what,
            say("Give both scores to the loss; look for detach() and no_grad() around them."),
            reference="Arjovsky et al. 2017, algorithm 1",
        )


def penalty_without_gradient(setup: Setup) -> Findings:
    """A penalty that has a value but no gradient: `create_graph` was forgotten."""
    if not setup.wiring.penalty_reaches:
        yield Finding(
            "penalty-without-gradient",
            ERROR,
            say(
                "The penalty's gradient does not reach the critic's weights (tried on linear critics: the "
                "loss changes with their slope, and its gradient does not)."
            ),
            say(
                "Take the slopes with torch.autograd.grad(..., create_graph=True), or wgan.slopes(critic, "
                "x), and do not detach them."
            ),
            reference="Gulrajani et al. 2017, algorithm 1",
        )


def penalty_rewards_slopes(setup: Setup) -> Findings:
    """A penalty with the wrong sign."""
    if setup.wiring.whole_slope and setup.wiring.steep_cost < -WEAKEST:
        yield Finding(
            "penalty-rewards-slopes",
            ERROR,
            say(
                "The critic's loss *falls* when slopes grow from 100 to 1,000: the penalty has the wrong "
                "sign, and slopes grow without bound."
            ),
            say("Add the penalty to the critic's loss; do not subtract it."),
            reference="Gulrajani et al. 2017, eq. 3",
        )


def penalty_weight(setup: Setup) -> Findings:
    """A penalty that outweighs everything else, or nothing."""
    wiring = setup.wiring
    cost = wiring.slope_cost if wiring.whole_slope else 0.0
    # A slope of 2 instead of 1 costs a one-centred penalty its weight, and a zero-centred one three times that.
    weight = min(cost, max(cost / 3, wiring.steep_cost))
    settings = (setup.usual_penalty,) if setup.game is not None and setup.penalty_weight else ()
    if weight > STRONGEST:
        yield Finding(
            "penalty-too-strong",
            WARNING,
            say(
                "The penalty weighs about {cost:.3g}; published weights are 0.1 to 150. The critic gives all "
                "samples much the same score, and the generator learns little from it.",
                cost=weight,
            ),
            say("Use the usual weight."),
            settings,
            reference="Gulrajani et al. 2017, section 4",
        )
    elif 0 < weight < WEAKEST and (setup.wasserstein or wiring.falls_for_ever):
        yield Finding(
            "penalty-too-weak",
            WARNING,
            say(
                "The penalty weighs about {cost:.3g}; published weights are 0.1 to 150. It hardly bounds the "
                "critic's slope.",
                cost=weight,
            ),
            say("Use the usual weight."),
            settings,
            reference="Gulrajani et al. 2017, section 4",
        )


def penalty_norm_axis(setup: Setup) -> Findings:
    """A norm over channels only, or over the whole batch: the most copied defect of WGAN-GP code."""
    if not setup.wiring.whole_slope:
        yield Finding(
            "penalty-norm-axis",
            ERROR,
            say(
                "Linear critics of the same slope get different penalties, depending on the direction of the "
                "slope or the size of the batch: the norm is not taken over all axes of one sample."
            ),
            say("Take gradient.flatten(1).norm(dim=1), or wgan.slopes(critic, x)."),
            reference="Gulrajani et al. 2017, eq. 3",
        )


def own_critic_unconstrained(setup: Setup) -> Findings:
    """The critic of a user's own objective, which nothing keeps Lipschitz."""
    wiring = setup.wiring
    if setup.game is None and wiring.falls_for_ever and abs(wiring.slope_cost) < 1e-6 and wiring.scales:
        yield Finding(
            "critic-unconstrained",
            ERROR,
            say(
                "The critic's loss falls for ever by scaling the scores up: it has no penalty on slopes, "
                "`constrain` changes nothing, and the critic is not normalised."
            ),
            say("Add the gradient penalty."),
            reference="Arjovsky et al. 2017, eq. 2",
        )
