"""Runs that fail for one reason each, by parts that a user passes: objectives, networks and data."""

from functools import partial

from torch import nn

from zoo.bases import (
    CLIPPED,
    CLIPPED_MNIST,
    DIGITS,
    LARGE_DIGITS,
    MNIST,
    NARROW,
    POINTS,
    RING,
    SMALL,
    digits,
    mnist,
    ring,
)
from zoo.data import few_digits, wide_points
from zoo.mistakes import (
    BothFlipped,
    CriticFlipped,
    Detached,
    NormOverChannels,
    batchnorm_critic,
    bounded_generator,
    dead_critic,
    deep_sigmoid_critic,
    exploding_critic,
    sigmoid_critic,
)
from zoo.specimen import Setting, Specimen

PLANE, PIXELS, BITMAP = (2,), (1, 8, 8), (1, 28, 28)

UNREACHED = {"ignore": ["generator-gets-no-gradient"]}
MIXES = {"ignore": ["critic-mixes-samples"]}
ONE_AXIS = {"ignore": ["penalty-norm-axis"]}
FLIPPED = {"ignore": ["wrong-sign"]}
"""Findings that refuse a run before its first step unless ignored."""

MISTAKEN = (
    Specimen(
        "detached-generator",
        "generator-not-updating",
        Setting("digits", digits, DIGITS, 300, {**CLIPPED, **UNREACHED}, objective=Detached()),
        Setting("mnist", mnist, CLIPPED_MNIST, 150, {**SMALL, **CLIPPED, **UNREACHED}, objective=Detached()),
    ),
    Specimen(
        "batchnorm-critic",
        "critic-mixes-samples",
        Setting("digits", digits, DIGITS, 300, MIXES, critic=partial(batchnorm_critic, PIXELS, 256)),
        Setting("ring", ring, POINTS, 300, {**RING, **MIXES}, critic=partial(batchnorm_critic, PLANE, 64)),
    ),
    Specimen(
        "norm-over-channels",
        "penalty-norm-axis",
        Setting("large-digits", digits, MNIST, 250, {**LARGE_DIGITS, **ONE_AXIS}, objective=NormOverChannels()),
        Setting("mnist", mnist, MNIST, 250, {**SMALL, **ONE_AXIS}, objective=NormOverChannels()),
    ),
    Specimen(
        "critic-flipped",
        "wrong-sign",
        Setting("digits", digits, DIGITS, 300, FLIPPED, objective=CriticFlipped()),
        Setting("ring", ring, POINTS, 300, {**RING, **FLIPPED}, objective=CriticFlipped(1.0)),
    ),
    # This one makes good samples: only whoever reads its distance is misled.
    Specimen(
        "both-flipped",
        "wrong-sign",
        Setting("digits", digits, DIGITS, 300, FLIPPED, objective=BothFlipped()),
        Setting("ring", ring, POINTS, 300, {**RING, **FLIPPED}, objective=BothFlipped(1.0)),
    ),
    Specimen(
        "sigmoid-critic",
        "bounded-critic",
        Setting("digits", digits, DIGITS, 400, critic=partial(sigmoid_critic, PIXELS, 256)),
        Setting("mnist", mnist, MNIST, 250, SMALL, critic=partial(sigmoid_critic, BITMAP, 256)),
    ),
    Specimen(
        "few-pictures",
        "dataset-too-small",
        Setting("digits", partial(few_digits, 64), DIGITS, 1200),
        Setting("narrow", partial(few_digits, 64, start=500), DIGITS, 1200, NARROW),
    ),
    Specimen(
        "wrong-range",
        "data-outside-generator-range",
        Setting(
            "wide-ring",
            partial(wide_points, 5.0),
            POINTS,
            400,
            RING,
            generator=partial(bounded_generator, PLANE, 128, 2, nn.Tanh),
        ),
        Setting("digits", digits, DIGITS, 400, generator=partial(bounded_generator, PIXELS, 256, 16, nn.Sigmoid)),
    ),
    Specimen(
        "dead-critic",
        "dead-critic",
        Setting("digits", digits, DIGITS, 300, critic=partial(dead_critic, PIXELS, 256)),
        Setting("ring", ring, POINTS, 300, RING, critic=partial(dead_critic, PLANE, 128)),
    ),
    Specimen(
        "deep-sigmoids",
        "vanishing-gradients",
        Setting("digits", digits, DIGITS, 300, critic=partial(deep_sigmoid_critic, PIXELS, 64, 20)),
        Setting("ring", ring, POINTS, 300, RING, critic=partial(deep_sigmoid_critic, PLANE, 64, 14)),
    ),
    Specimen(
        "large-weights",
        "steep-critic",
        Setting("digits", digits, DIGITS, 300, critic=partial(exploding_critic, PIXELS, 128, 6, 10.0)),
        Setting("ring", ring, POINTS, 300, RING, critic=partial(exploding_critic, PLANE, 64, 8, 5.0)),
    ),
)
"""Objectives, networks and data that are wrong: see `mistakes.py`."""
