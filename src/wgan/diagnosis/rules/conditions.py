"""Rules on conditions: what can be asked for, whether both players hear it, and whether samples show it."""

import math
from collections.abc import Iterator

import numpy as np

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.history import History, smoothed
from wgan.diagnosis.progress import ALIKE, HALF, SURE, Reading
from wgan.diagnosis.rules.samples import PART
from wgan.diagnosis.setup import Setup
from wgan.language import say

ERROR, WARNING = Severity.error, Severity.warning

FEW = 100
"""Samples of a class: with so many, twenty classes collapsed where the same data without a condition did not."""
RISING = 0.1
"""Of what a generator has to move: whatever moves more by this in the last third of a run is on its way."""
NAMED = 5
"""Classes that a finding names."""
TELLING = 0.25
"""If chance alone moves the critic's share by this or more, it says nothing: up to 36 held-out samples."""
PROBED = 128
"""Samples that the log's shares are of, at least, unless there are fewer reals."""


def network_ignores_condition(setup: Setup) -> Findings:
    """A network that drops its condition."""
    for asked, what in (
        (
            setup.wiring.generator_asked,
            say("The generator makes the same samples whatever it is asked for, with its first weights and others."),
        ),
        (
            setup.wiring.critic_asked,
            say("The critic scores a sample the same whatever its condition is, with its first weights and others."),
        ),
    ):
        if not asked:
            yield Finding(
                "condition-ignored",
                ERROR,
                what,
                say("Look at what forward does with its second argument, the condition (B, size)."),
                reference="Mirza & Osindero 2014, section 3.2",
            )


def condition_leaks(setup: Setup) -> Findings:
    """What held-out samples are can be told from near copies of them alone."""
    leak = setup.wiring.leaking
    if leak:
        yield Finding(
            "condition-leaks",
            WARNING,
            say(
                "{copied:.0%} of held-out samples have near copies among those to train on, and only these tell what "
                "they are: the nearest training sample has their {part} ({shown:.2f}, where chance is 0 and always "
                "is 1), the nearest that is no copy has not ({others:.2f}).",
                copied=leak.copied,
                part=leak.part,
                shown=leak.nearest,
                others=leak.other,
            ),
            say("Keep copies and versions of one sample on one side: give the data a test split of other samples."),
            reference="Barz & Denzler 2020 (near-duplicates in CIFAR); Kaufman et al. 2012 (leakage)",
        )


def class_starved(setup: Setup) -> Findings:
    """Classes, or labels, that hardly any sample has."""
    for part in setup.condition.parts if setup.condition else ():
        share = setup.train_count / max(1, part.samples)
        counts = {name: round(count * share) for name, count in zip(part.names, part.counts, strict=True)}
        few = sorted((name for name, count in counts.items() if count < FEW), key=counts.__getitem__)
        if few:
            named = [say("{name} ({count:,})", name=name, count=counts[name]) for name in few[:NAMED]]
            more = [say("{count:,} more", count=len(few) - NAMED)] if len(few) > NAMED else []
            yield Finding(
                "class-starved",
                WARNING,
                say(
                    "Of {part} {names} there are fewer than {few} samples to train on, about: the critic memorises "
                    "them, and samples that are asked for one class become alike.",
                    part=part.name,
                    names=say(", ").join([*named, *more]),
                    few=FEW,
                ),
                say(
                    "Get more of them, merge them with others{mirroring}, or train without a condition.",
                    mirroring=setup.mirroring,
                ),
                reference="Shahbazi et al. 2022 (Collapse by conditioning), section 3",
            )


def condition_not_shown(setup: Setup, history: History) -> Findings:
    """Samples that show something else than what they were asked for, though real samples show it."""
    progress = history.progress
    if history.young or setup.wiring.leaking:  # leaked conditions cannot be shown by new samples
        return
    for part, reading in progress.asked.items():
        name = f"asked {part}"
        if not reading.says_something or reading.high >= HALF * reading.floor or progress.change(name) > SURE:
            continue
        deaf = _deaf(history)
        if not deaf and progress.share("precision") < PART:  # they show nothing yet
            continue
        # Where both hear, or samples still come nearer to the data, it may come.
        lost = deaf and not progress.gains and reading.value < PART / 2 * reading.floor
        yield Finding(
            "condition-ignored",
            ERROR if lost else WARNING,
            say(
                "Samples do not show what they are asked for: their {part} is that of the nearest held-out sample "
                "{value:.2f}, where chance is 0 and real samples have {floor:.2f}.",
                part=part,
                value=reading.value,
                floor=reading.floor,
            )
            + deaf,
            say("Look at how forward uses the condition: scale and shift features by it, or put it beside the input."),
            ("networks.conditioning=projection",),
            progress.since(name, HALF),
            "Miyato & Koyama 2018, section 3",
        )


def _deaf(history: History) -> str:
    """Which player does not hear the condition, as sentences; nothing if both do."""
    told = []
    scored, chance = history.recent("held_out_matched"), _chance(history)
    if math.isnan(scored):
        scored = history.recent("matched")
    if chance < TELLING and scored < 0.5 + chance:
        told.append(
            say(
                " The critic scores {share:.0%} of real samples higher with their own condition than with another, "
                "where chance is 50%.",
                share=scored,
            )
        )
    moved, least = history.recent("moved"), history.recent("moved_real")
    if moved < HALF * least and history.rise("moved") < RISING * least:
        told.append(
            say(
                " With another condition the generator moves its samples by {moved:.2g} of the data's spread; between "
                "real samples it is {least:.2g} or more.",
                moved=moved,
                least=least,
            )
        )
    return "".join(told)


def _chance(history: History) -> float:
    """By how much a share of so many samples differs from a half by chance, at most."""
    return SURE * 0.5 / math.sqrt(min(PROBED, history.progress.reals) or PROBED)


def conditions_say_nothing(setup: Setup, history: History) -> Findings:
    """Conditions that have nothing to do with the samples: neither real neighbours nor the critic know of them."""
    asked = history.progress.asked
    heard = smoothed(history.column("held_out_matched"))
    if history.young or not asked or not np.isfinite(heard).any() or _chance(history) >= TELLING:
        return
    best = float(np.nanmax(heard))
    if any(reading.says_something for reading in asked.values()) or best >= 0.5 + _chance(history):
        return
    numbers = say(", ").join(_told(part, reading) for part, reading in asked.items())
    yield Finding(
        "condition-ignored",
        ERROR,
        say(
            "The conditions say nothing about the samples: the nearest held-out sample of a training sample has its "
            "condition little more often than chance ({numbers}, where 0 is chance), and the critic never scored more "
            "than {share:.0%} of held-out samples higher with their own condition than with another.",
            numbers=numbers,
            share=best,
        ),
        say("Look at the data (wgan data): the conditions are in another order than the samples, or are of no use."),
        (),
        0,
        "Mirza & Osindero 2014, section 3.2",
    )


def _told(part: str, reading: Reading) -> str:
    return say("{name} {value:.2f}", name=part, value=reading.floor)


def classes_collapsed(setup: Setup, history: History) -> Findings:
    """Samples that are varied, but alike among those that are asked for the same."""
    progress = history.progress
    if history.young or history.recent("diversity") < ALIKE:  # all are alike: another finding
        return
    for part, reading in progress.narrowest.items():
        name = f"narrowest {part}"
        if reading.value >= ALIKE * reading.floor or reading.floor - reading.value < SURE * reading.noise_of_floor:
            continue
        yield Finding(
            "classes-collapsed",
            WARNING if progress.change(name) > SURE else ERROR,
            say(
                "Samples that are asked for the same {part} are alike{which}: they are {value:.0%} as far from each "
                "other as such real samples are, where others of those have {floor:.0%}.",
                part=part,
                which="".join(_which(progress.alike.get(part, []))),
                value=reading.value,
                floor=reading.floor,
            ),
            say("Lower the generator's learning rate, give it more latents, or train with fewer classes."),
            setup.rates(0.3, "generator"),
            progress.since(name, ALIKE),
            "Shahbazi et al. 2022 (Collapse by conditioning); Odena et al. 2017, section 4.2",
        )


def _which(names: list[str]) -> Iterator[str]:
    if names:
        named = [*names[:NAMED], *([say("{count:,} more", count=len(names) - NAMED)] if len(names) > NAMED else [])]
        yield say(" ({names})", names=say(", ").join(named))
