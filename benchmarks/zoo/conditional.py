"""Runs with conditions: broken in one way each, and healthy ones."""

from functools import partial
from typing import Any

from zoo.bases import (
    DIGITS,
    LARGE_DIGITS,
    MNIST,
    NARROW,
    POINTS,
    RING,
    SMALL,
    both,
    circle,
    digits,
    grid,
    mnist,
    ring,
    swissroll,
)
from zoo.deaf import Critic, Generator
from zoo.labelled import copied, exchanged, few_of, labelled
from zoo.specimen import Setting, Specimen

PIXELS, BITMAP = (1, 8, 8), (1, 28, 28)
BY_LABEL: dict[str, Any] = {"data.condition": ("label",)}
DROPPED = {**BY_LABEL, "ignore": ["condition-ignored"]}
OWN = {**SMALL, "networks.latent_size": 16}
FAINT = 1e-6
"""Times which a condition is heard by the trials before the first step, and by nothing else."""

ours, theirs = partial(Generator, PIXELS, 256, 16), partial(Critic, PIXELS, 256)
large, others = partial(Generator, BITMAP, 256, 16), partial(Critic, BITMAP, 256)

MISHEARD = (
    Specimen(
        "conditions-exchanged",
        "condition-ignored",
        Setting("digits", partial(exchanged, "digits"), DIGITS, 700, BY_LABEL),
        Setting("mnist", partial(exchanged, "mnist"), MNIST, 700, {**SMALL, **BY_LABEL}),
    ),
    Specimen(
        "critic-drops-condition",
        "condition-ignored",
        Setting("digits", digits, DIGITS, 300, DROPPED, critic=partial(theirs, heard=0.0)),
        Setting("mnist", mnist, MNIST, 150, {**OWN, **DROPPED}, critic=partial(others, heard=0.0)),
    ),
    Specimen(
        "generator-drops-condition",
        "condition-ignored",
        Setting("digits", digits, DIGITS, 300, DROPPED, generator=partial(ours, heard=0.0)),
        Setting("mnist", mnist, MNIST, 150, {**OWN, **DROPPED}, generator=partial(large, heard=0.0)),
    ),
    Specimen(
        "critic-hardly-hears",
        "condition-ignored",
        Setting("digits", digits, DIGITS, 700, BY_LABEL, critic=partial(theirs, heard=FAINT)),
        Setting("mnist", mnist, MNIST, 700, {**OWN, **BY_LABEL}, critic=partial(others, heard=FAINT)),
    ),
    Specimen(
        "generator-hardly-hears",
        "condition-ignored",
        Setting("digits", digits, DIGITS, 700, BY_LABEL, generator=partial(ours, heard=FAINT)),
        Setting("mnist", mnist, MNIST, 700, {**OWN, **BY_LABEL}, generator=partial(large, heard=FAINT)),
    ),
    Specimen(
        "one-class-alike",
        "classes-collapsed",
        Setting("digits", digits, DIGITS, 700, BY_LABEL, generator=partial(ours, still=(3,))),
        Setting("mnist", mnist, MNIST, 700, {**OWN, **BY_LABEL}, generator=partial(large, still=(6,))),
    ),
    Specimen(
        "all-classes-alike",
        "classes-collapsed",
        Setting("digits", digits, DIGITS, 700, BY_LABEL, generator=partial(ours, still=tuple(range(1, 10)))),
        Setting("mnist", mnist, MNIST, 700, {**OWN, **BY_LABEL}, generator=partial(large, still=tuple(range(9)))),
    ),
    Specimen(
        "twenty-of-a-class",
        "class-starved",
        Setting("digits", partial(few_of, "digits", 22, tuple(range(10))), DIGITS, 600, BY_LABEL),
        Setting("mnist", partial(few_of, "mnist", 22, (2, 4, 7)), MNIST, 300, {**SMALL, **BY_LABEL}),
    ),
    Specimen(
        "copies-on-both-sides",
        "condition-leaks",
        Setting("digits", partial(copied, "digits", 200, 8), DIGITS, 600, BY_LABEL),
        Setting("mnist", partial(copied, "mnist", 300, 12), MNIST, 300, {**SMALL, **BY_LABEL}),
    ),
)
"""Each by its condition alone."""

ANSWERING = (
    Specimen(
        "by-label",
        None,
        Setting("digits", digits, DIGITS, 800, BY_LABEL),
        Setting("narrow", digits, DIGITS, 1000, {**NARROW, **BY_LABEL}),
    ),
    Specimen(
        "by-label-concatenated",
        None,
        Setting("digits", digits, DIGITS, 800, {**BY_LABEL, "networks.conditioning": "concatenation"}),
        Setting("narrow", digits, DIGITS, 1000, {**NARROW, **BY_LABEL, "networks.conditioning": "concatenation"}),
    ),
    Specimen(
        "by-label-own-networks",
        None,
        Setting("digits", partial(labelled, "digits"), DIGITS, 800, BY_LABEL, generator=ours, critic=theirs),
        Setting("mnist", mnist, MNIST, 700, {**OWN, **BY_LABEL}, generator=large, critic=others),
    ),
    Specimen(
        "by-label-mnist",
        None,
        Setting("large-digits", digits, MNIST, 300, {**LARGE_DIGITS, **BY_LABEL}),
        Setting("mnist", mnist, MNIST, 700, {**SMALL, **BY_LABEL}),
    ),
    Specimen(
        "by-mode",
        None,
        Setting("ring", ring, POINTS, 800, {**RING, "data.condition": ("mode",)}),
        Setting("grid", grid, POINTS, 1200, {**RING, "data.condition": ("mode",)}),
    ),
    Specimen(
        "by-angle",
        None,
        Setting("circle", circle, POINTS, 800, {**RING, "data.condition": ("angle",)}),
        Setting("swissroll", swissroll, POINTS, 800, {**RING, "data.condition": ("angle",)}),
    ),
    Specimen(
        "by-label-hinge",
        None,
        Setting("digits", digits, DIGITS, 800, {**BY_LABEL, "objective.name": "hinge"}),
        Setting("gan", digits, DIGITS, 800, {**BY_LABEL, "objective.name": "gan", **both("learning_rate", 5e-4)}),
    ),
)
"""Conditional runs that work."""
