"""Rules on the data, for before the first step."""

import math

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import Setup
from wgan.language import say

ERROR, WARNING, NOTE = Severity.error, Severity.warning, Severity.note

SMALL_DATA = 1000
WIDE_DATA = 20.0
ALIKE, IDENTICAL = 0.02, 1e-4
NARROW = {True: 0.2, False: 0.05}
"""The width of all values, of spatial samples (of 2) and of points (of about 5)."""
FAR, APART = 50.0, 100.0
COPIES = 2.0
TANH = 1.001
"""Data up to here lie in [-1, 1]."""


def data_range(setup: Setup) -> Findings:
    """Data that the generator cannot reach."""
    wiring = setup.wiring
    width = max(wiring.data_high - wiring.data_low, 1e-12)
    beyond = max(0.0, wiring.generator_low - wiring.data_low) + max(0.0, wiring.data_high - wiring.generator_high)
    data = say("the data lie in [{low:.3g}, {high:.3g}]", low=wiring.data_low, high=wiring.data_high)
    if beyond / width > 0.02:
        yield Finding(
            "data-outside-generator-range",
            ERROR if beyond / width > 0.2 else WARNING,
            say(
                "The generator {range}, whatever its weights, and {data}: it cannot reach {missing:.0%} of "
                "their range.",
                range=_range(setup),
                data=data,
                missing=beyond / width,
            ),
            _other_end(setup),
            reference="Radford et al. 2016, section 4",
        )
    elif max(abs(wiring.data_low), abs(wiring.data_high)) > WIDE_DATA:
        yield Finding(
            "data-not-normalised",
            WARNING,
            say("A generator starts with values around 0 of size 1, and {data}.", data=data),
            say("Subtract the mean from the data and divide by their standard deviation."),
            reference="LeCun et al. 1998, section 4.3",
        )


def _range(setup: Setup) -> str:
    """Which values a generator makes whose range has an end."""
    low, high = setup.wiring.generator_low, setup.wiring.generator_high
    if high == math.inf:
        return say("makes no values below {low:.3g}", low=low)
    if low == -math.inf:
        return say("makes no values above {high:.3g}", high=high)
    return say("makes only values in [{low:.3g}, {high:.3g}]", low=low, high=high)


def _other_end(setup: Setup) -> str:
    """What a generator should end in to make the data."""
    farthest = max(abs(setup.wiring.data_low), abs(setup.wiring.data_high))
    if farthest <= TANH:
        return say("End the generator with nn.Tanh(), whose values fill [-1, 1], in place of what ends it now.")
    return say(
        "Let the generator end in its last linear layer or convolution, or scale the data to the generator's range."
    )


def dataset_too_small(setup: Setup) -> Findings:
    """So few samples that the critic can memorise each."""
    if setup.train_count < SMALL_DATA:
        changed = setup.augmentation != "none"
        yield Finding(
            "dataset-too-small",
            NOTE if changed else WARNING,
            say(
                "There are {count:,} samples to train on: with fewer than about {few:,} the critic memorises "
                "them instead of learning what they have in common.",
                count=setup.train_count,
                few=SMALL_DATA,
            ),
            say(
                "Get more data{mirroring}{changing}, and stop early.",
                mirroring=setup.mirroring,
                changing=setup.changing,
            )
            if not changed
            else say(
                "The critic sees them changed at random, which delays that. Get more data{mirroring}, and stop when "
                "samples no longer improve (--stop frechet).",
                mirroring=setup.mirroring,
            ),
            () if changed else setup.augment(),
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def data_alike(setup: Setup) -> Findings:
    """Samples that are all but the same."""
    variety = setup.wiring.data_variety
    if variety < ALIKE:
        yield Finding(
            "data-all-alike",
            ERROR if variety < IDENTICAL else WARNING,
            say(
                "Samples differ from their mean by {variety:.1%} of how much their values do: they are all alike.",
                variety=variety,
            ),
            say("Look at the data (wgan data): one sample may have been packed many times."),
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def data_repeated(setup: Setup) -> Findings:
    """A set that holds the same samples many times."""
    wiring, count = setup.wiring, setup.train_count
    if wiring.data_copies >= COPIES and wiring.data_variety >= ALIKE:
        yield Finding(
            "data-repeated",
            WARNING,
            say(
                "Samples are there about {copies:.0f} times each, judged by those of a random draw that are "
                "equal: {count:,} samples to train on teach as much as {different:,.0f}, and those that are "
                "held out are copies too.",
                copies=wiring.data_copies,
                count=count,
                different=count / wiring.data_copies,
            ),
            say("Remove copies, and judge the size of the set by the samples that differ."),
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def data_narrow(setup: Setup) -> Findings:
    """Values that fill a small part of their range."""
    width, usual = setup.wiring.data_width, NARROW[setup.spatial]
    if width < usual and setup.wiring.data_variety >= ALIKE:
        if setup.spatial:
            whole = say("{share:.1%} of the range from -1 to 1", share=width / 2)
        else:
            whole = say("a width of {width:.2g}", width=width)
        yield Finding(
            "data-narrow",
            WARNING,
            say("All values of the data lie within {whole}: they were scaled down, perhaps twice.", whole=whole),
            say(
                "Scale the data to fill [-1, 1]; for points, subtract their mean and divide by their "
                "standard deviation."
            ),
            reference="LeCun et al. 1998, section 4.3",
        )


def data_columns(setup: Setup) -> Findings:
    """Points with columns on other scales, or a few values far from all others."""
    wiring = setup.wiring
    # A value that is so many quartile ranges out makes its column that narrow at most, once it is standardised.
    if wiring.data_scales > max(APART, wiring.data_extreme):
        yield Finding(
            "data-not-normalised",
            WARNING,
            say(
                "One column of the data spreads {times:.2g} times as far as another: the critic sees only the widest.",
                times=wiring.data_scales,
            ),
            say("Subtract each column's mean, and divide by its standard deviation."),
            reference="LeCun et al. 1998, section 4.3",
        )
    if wiring.data_extreme > FAR:
        yield Finding(
            "data-outliers",
            WARNING,
            say(
                "A value lies {distance:.2g} quartile ranges from the median of its column: a few outliers "
                "set the scale of everything.",
                distance=wiring.data_extreme,
            ),
            say("Remove them if they are errors; otherwise take logarithms or ranks of such columns."),
            reference="Hampel et al. 1986, section 1.2",
        )
