"""Runs that fail, each for one reason."""

from functools import partial

from torch import nn

from zoo.bases import CLIPPED, CONVOLUTIONS, NARROW, RING, both, colours, digits, grid, mnist, ring
from zoo.data import ANIME, few_digits, shapes, wide_points
from zoo.mistakes import (
    BothFlipped,
    CriticFlipped,
    Detached,
    NormOverChannels,
    bounded_generator,
    dead_critic,
    deep_sigmoid_critic,
    exploding_critic,
    sigmoid_critic,
)
from zoo.specimen import Setting, Specimen

DIGITS, POINTS = "wgan-gp-digits", "wgan-gp-toy"
PIXELS, BITMAP, PLANE = (1, 8, 8), (1, 28, 28), (2,)
MIXES = {"ignore": ["critic-mixes-samples"]}
PUBLISHED = {
    "networks.generator_width": 16,
    "networks.critic_width": 16,
    "training.batch_size": 64,
    **both("learning_rate", 8e-3),
    "objective.penalty_weight": 1.25,
}
"""Batches of 64 instead of 512: the expected gradients of the published sum (benchmarks/anime_collapse.py)."""
UNBOUNDED = {"objective.name": "composed", "objective.penalty_weight": 0.0}

BROKEN = (
    Specimen(
        "detached-generator",
        "generator-not-updating",
        Setting("digits", digits, DIGITS, 500, CLIPPED, objective=Detached()),
        Setting("mnist", mnist, "wgan-mnist", 120, objective=Detached()),
    ),
    Specimen(
        "generator-rate-nil",
        "generator-not-updating",
        Setting("digits", digits, DIGITS, 500, {"generator_optimizer.learning_rate": 1e-9}),
        Setting("ring", ring, POINTS, 500, {**RING, "generator_optimizer.learning_rate": 1e-9}),
    ),
    Specimen(
        "as-published",
        "critic-mixes-samples",
        Setting("shapes", partial(shapes, 2000, 64), "wgan-gp-anime-as-published", 80, PUBLISHED),
        Setting("anime", lambda: ANIME, "wgan-gp-anime-as-published", 80, PUBLISHED),
    ),
    Specimen(
        "batchnorm-critic",
        "critic-mixes-samples",
        Setting("shapes", colours, DIGITS, 300, {**CONVOLUTIONS, **MIXES, "networks.critic_norm": "batch"}),
        Setting(
            "mnist",
            mnist,
            "gan-mnist",
            200,
            {**MIXES, "objective.name": "wgan-gp", "networks.critic_norm": "batch", "training.critic_steps": 2},
        ),
    ),
    Specimen(
        "norm-over-channels",
        "penalty-norm-axis",
        Setting("digits", digits, DIGITS, 800, objective=NormOverChannels()),
        Setting("shapes", colours, DIGITS, 300, CONVOLUTIONS, objective=NormOverChannels()),
    ),
    Specimen(
        "critic-flipped",
        "wrong-sign",
        Setting("digits", digits, DIGITS, 500, objective=CriticFlipped()),
        Setting("ring", ring, POINTS, 500, RING, objective=CriticFlipped(1.0)),
    ),
    Specimen(
        "both-flipped",
        "wrong-sign",
        Setting("digits", digits, DIGITS, 500, objective=BothFlipped()),
        Setting("ring", ring, POINTS, 500, RING, objective=BothFlipped(1.0)),
    ),
    Specimen(
        "no-bound",
        "critic-unconstrained",
        Setting("digits", digits, DIGITS, 500, UNBOUNDED),
        Setting("ring", ring, POINTS, 500, {**RING, **UNBOUNDED}),
    ),
    Specimen(
        "sigmoid-critic",
        "bounded-critic",
        Setting("digits", digits, DIGITS, 800, critic=partial(sigmoid_critic, PIXELS, 256)),
        Setting("mnist", mnist, "wgan-gp-mnist", 200, critic=partial(sigmoid_critic, BITMAP, 256)),
    ),
    Specimen(
        "generator-rate-x100",
        "learning-rate-too-high",
        Setting("digits", digits, DIGITS, 500, {"generator_optimizer.learning_rate": 0.1}),
        Setting("ring", ring, POINTS, 500, {**RING, "generator_optimizer.learning_rate": 0.1}),
    ),
    Specimen(
        "both-rates-x100",
        "learning-rate-too-high",
        Setting("digits", digits, DIGITS, 500, both("learning_rate", 0.1)),
        Setting("mnist", mnist, "wgan-gp-mnist", 120, both("learning_rate", 2e-2)),
    ),
    Specimen(
        "clip-1e-6",
        "clip-too-small",
        Setting("digits", digits, DIGITS, 500, {**CLIPPED, "objective.clip": 1e-6}),
        Setting("mnist", mnist, "wgan-mnist", 120, {"objective.clip": 1e-6}),
    ),
    Specimen(
        "clip-10",
        "clip-too-large",
        Setting("digits", digits, DIGITS, 500, {**CLIPPED, **both("learning_rate", 1e-3), "objective.clip": 10.0}),
        Setting("ring", ring, POINTS, 500, {**RING, "objective.name": "wgan", "objective.clip": 10.0}),
    ),
    Specimen(
        "momentum",
        "momentum-with-clipping",
        Setting(
            "digits",
            digits,
            DIGITS,
            500,
            {**CLIPPED, **both("name", "adam"), **both("betas", (0.9, 0.999)), **both("learning_rate", 1e-3)},
        ),
        Setting(
            "ring",
            ring,
            POINTS,
            500,
            {**RING, "objective.name": "wgan", "objective.clip": 0.1, **both("betas", (0.9, 0.999))},
        ),
    ),
    Specimen(
        "few-pictures",
        "dataset-too-small",
        Setting("digits", partial(few_digits, 64), DIGITS, 1500),
        Setting("digits-narrow", partial(few_digits, 64, 500), DIGITS, 1500, NARROW),
    ),
    Specimen(
        "range-tanh",
        "data-outside-generator-range",
        Setting(
            "wide-ring",
            partial(wide_points, 5.0),
            POINTS,
            500,
            RING,
            generator=partial(bounded_generator, PLANE, 128, 2, nn.Tanh),
        ),
        Setting(
            "digits",
            digits,
            DIGITS,
            500,
            generator=partial(bounded_generator, PIXELS, 256, 16, nn.Sigmoid),
        ),
    ),
    Specimen(
        "collapse",
        "mode-collapse",
        Setting("grid", grid, POINTS, 1000, {**RING, "objective.name": "gan", "training.critic_steps": 1}),
        Setting(
            "grid-narrow",
            grid,
            POINTS,
            1000,
            {**RING, "objective.name": "gan", "networks.generator_widths": (64, 64), "training.critic_steps": 1},
        ),
    ),
    Specimen(
        "discriminator-wins",
        "discriminator-won",
        Setting(
            "digits",
            digits,
            DIGITS,
            500,
            {"objective.name": "gan", "objective.saturating": True, "training.critic_steps": 5},
        ),
        Setting("mnist", mnist, "gan-mnist", 300, {"networks.critic_norm": "batch"}),
    ),
    Specimen(
        "clipped-cross-entropy",
        "clipped-cross-entropy",
        Setting(
            "digits",
            digits,
            DIGITS,
            500,
            {**CLIPPED, "objective.name": "composed", "objective.loss": "non-saturating"},
        ),
        Setting("mnist", mnist, "wgan-mnist", 120, {"objective.name": "composed", "objective.loss": "non-saturating"}),
    ),
    Specimen(
        "penalty-1e-4",
        "ineffective-penalty",
        Setting("digits", digits, DIGITS, 500, {"objective.penalty_weight": 1e-4}),
        Setting("ring", ring, POINTS, 500, {**RING, "objective.penalty_weight": 1e-4}),
    ),
    Specimen(
        "dead-critic",
        "dead-critic",
        Setting("digits", digits, DIGITS, 500, critic=partial(dead_critic, PIXELS, 256)),
        Setting("ring", ring, POINTS, 500, RING, critic=partial(dead_critic, PLANE, 128)),
    ),
    Specimen(
        "critic-rate-nil",
        "dead-critic",
        Setting("digits", digits, DIGITS, 500, {"critic_optimizer.learning_rate": 1e-9}),
        Setting("ring", ring, POINTS, 500, {**RING, "critic_optimizer.learning_rate": 1e-9}),
    ),
    Specimen(
        "critic-too-slow",
        "oscillation",
        Setting("ring", ring, POINTS, 1000, {**RING, "critic_optimizer.learning_rate": 1e-4}),
        Setting("grid", grid, POINTS, 1000, {**RING, "critic_optimizer.learning_rate": 1e-4}),
    ),
    Specimen(
        "sgd-rate-10",
        "non-finite",
        Setting("digits", digits, DIGITS, 500, {**both("name", "sgd"), **both("learning_rate", 10.0)}),
        Setting("ring", ring, POINTS, 500, {**RING, **both("name", "sgd"), **both("learning_rate", 10.0)}),
    ),
    Specimen(
        "batch-of-two",
        "batch-too-small",
        Setting("digits", digits, DIGITS, 800, {"training.batch_size": 2}),
        Setting("shapes", colours, DIGITS, 500, {**CONVOLUTIONS, "training.batch_size": 2}),
    ),
    Specimen(
        "deep-sigmoid",
        "vanishing-gradients",
        Setting("digits", digits, DIGITS, 500, critic=partial(deep_sigmoid_critic, PIXELS, 64, 10)),
        Setting("ring", ring, POINTS, 500, RING, critic=partial(deep_sigmoid_critic, PLANE, 64, 8)),
    ),
    Specimen(
        "large-weights",
        "exploding-gradients",
        Setting("digits", digits, DIGITS, 500, critic=partial(exploding_critic, PIXELS, 128, 6, 10.0)),
        Setting("ring", ring, POINTS, 500, RING, critic=partial(exploding_critic, PLANE, 64, 8, 5.0)),
    ),
)
