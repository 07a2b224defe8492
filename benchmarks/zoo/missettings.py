"""Runs that fail for one reason each, by settings alone."""

from functools import partial

from zoo.bases import (
    CLIPPED,
    CLIPPED_MNIST,
    DIGITS,
    LARGE_DIGITS,
    MNIST,
    NARROW,
    POINTS,
    PUBLISHED,
    RING,
    SMALL,
    anime,
    both,
    digits,
    grid,
    mnist,
    ring,
    swissroll,
)
from zoo.data import shapes
from zoo.specimen import Setting, Specimen

AS_PUBLISHED = "wgan-gp-anime-as-published"
UNBOUNDED = {"objective.name": "composed", "objective.penalty_weight": 0.0}
CROSS_ENTROPY = {**UNBOUNDED, "objective.loss": "non-saturating", "objective.clip": 0.01}
TEN = {"training.critic_steps": 10}
"""More steps let an unbounded critic do its harm sooner: with two, some seeds survive."""
MOMENTUM = both("betas", (0.9, 0.999))
STRONG = {
    "objective.name": "gan",
    "objective.saturating": True,
    "training.critic_steps": 10,
    "generator_optimizer.learning_rate": 1e-4,
}
"""Ten steps of the discriminator for each of a slow generator, and the loss whose gradient then vanishes."""
PLAIN = {
    **RING,
    "objective.name": "gan",
    "training.ema_decay": 0.95,
    **both("learning_rate", 2e-3),
    "schedule.steps": 1200,
    "schedule.learning_rate": 0.0,
}
"""The settings with which WGAN-GP finds all 25 modes (benchmarks/toy_modes.py), for a fifth of the steps."""
SLOW_CRITIC = {**RING, "training.ema_decay": 0.9, "critic_optimizer.learning_rate": 1e-4}

MISSET = (
    Specimen(
        "as-published",
        "critic-mixes-samples",
        Setting("shapes", partial(shapes, 2000, 32), AS_PUBLISHED, 80, PUBLISHED),
        Setting("anime", anime, AS_PUBLISHED, 80, PUBLISHED),
    ),
    Specimen(
        "generator-rate-nil",
        "generator-not-updating",
        Setting("digits", digits, DIGITS, 300, {"generator_optimizer.learning_rate": 1e-9}),
        Setting("ring", ring, POINTS, 400, {**RING, "generator_optimizer.learning_rate": 1e-9}),
    ),
    Specimen(
        "critic-rate-nil",
        "dead-critic",
        Setting("digits", digits, DIGITS, 300, {"critic_optimizer.learning_rate": 1e-9}),
        Setting("ring", ring, POINTS, 400, {**RING, "critic_optimizer.learning_rate": 1e-9}),
    ),
    Specimen(
        "no-bound",
        "critic-unconstrained",
        Setting("large-digits", digits, MNIST, 150, {**LARGE_DIGITS, **UNBOUNDED, **TEN}),
        Setting("mnist", mnist, MNIST, 100, {**SMALL, **UNBOUNDED, **TEN}),
    ),
    Specimen(
        "penalty-1e-4",
        "ineffective-penalty",
        Setting("large-digits", digits, MNIST, 150, {**LARGE_DIGITS, "objective.penalty_weight": 1e-4, **TEN}),
        Setting("mnist", mnist, MNIST, 100, {**SMALL, "objective.penalty_weight": 1e-4, **TEN}),
    ),
    Specimen(
        "clip-1e-6",
        "clip-too-small",
        Setting("digits", digits, DIGITS, 300, {**CLIPPED, "objective.clip": 1e-6}),
        Setting("mnist", mnist, CLIPPED_MNIST, 150, {**SMALL, **CLIPPED, "objective.clip": 1e-6}),
    ),
    Specimen(
        "clip-10",
        "clip-too-large",
        Setting("digits", digits, DIGITS, 250, {**CLIPPED, "objective.clip": 10.0, **TEN}),
        Setting("mnist", mnist, CLIPPED_MNIST, 100, {**SMALL, **CLIPPED, "objective.clip": 10.0, **TEN}),
    ),
    Specimen(
        "momentum",
        "momentum-with-clipping",
        Setting(
            "digits",
            digits,
            DIGITS,
            300,
            {**CLIPPED, **both("name", "adam"), **MOMENTUM, **both("learning_rate", 1e-3)},
        ),
        Setting("ring", ring, POINTS, 400, {**RING, "objective.name": "wgan", "objective.clip": 0.1, **MOMENTUM}),
    ),
    # This one does no visible harm: near a score of 0 it is WGAN's game at half the slope, and RMSprop forgives that.
    # Its loss stays at 2 log 2 whatever the samples are like.
    Specimen(
        "clipped-cross-entropy",
        "clipped-cross-entropy",
        Setting("digits", digits, DIGITS, 300, {**CLIPPED, **CROSS_ENTROPY}),
        Setting("mnist", mnist, CLIPPED_MNIST, 150, {**SMALL, **CLIPPED, **CROSS_ENTROPY}),
    ),
    Specimen(
        "generator-rate-x100",
        "learning-rate-too-high",
        Setting("digits", digits, DIGITS, 300, {"generator_optimizer.learning_rate": 0.1}),
        Setting("ring", ring, POINTS, 300, {**RING, "generator_optimizer.learning_rate": 0.1}),
    ),
    Specimen(
        "both-rates-x100",
        "learning-rate-too-high",
        Setting("digits", digits, DIGITS, 300, both("learning_rate", 0.1)),
        Setting("mnist", mnist, MNIST, 150, {**SMALL, **both("learning_rate", 0.1)}),
    ),
    Specimen(
        "sgd-rate-10",
        "non-finite",
        Setting("digits", digits, DIGITS, 300, {**both("name", "sgd"), **both("learning_rate", 10.0)}),
        Setting("ring", ring, POINTS, 300, {**RING, **both("name", "sgd"), **both("learning_rate", 10.0)}),
    ),
    Specimen(
        "plain-gan-on-a-grid",
        "mode-collapse",
        Setting("grid", grid, POINTS, 1200, PLAIN),
        Setting("saturating", grid, POINTS, 1200, {**PLAIN, "objective.saturating": True}),
    ),
    Specimen(
        "strong-discriminator",
        "discriminator-won",
        Setting("digits", digits, DIGITS, 250, STRONG),
        Setting("mnist", mnist, MNIST, 100, {**SMALL, **STRONG}),
    ),
    Specimen(
        "slow-critic",
        "critic-too-slow",
        Setting("ring", ring, POINTS, 600, SLOW_CRITIC),
        Setting("swissroll", swissroll, POINTS, 600, SLOW_CRITIC),
    ),
    Specimen(
        "batch-of-two",
        "batch-too-small",
        Setting("digits", digits, DIGITS, 400, {"training.batch_size": 2}),
        Setting("narrow", digits, DIGITS, 400, {**NARROW, "training.batch_size": 2}),
    ),
)
"""Settings that each could stand in a config file."""
