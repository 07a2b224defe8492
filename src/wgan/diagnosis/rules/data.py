"""Rules on the data, for before the first step."""

import math

from wgan.diagnosis.finding import Finding, Findings, Severity
from wgan.diagnosis.setup import Setup

ERROR, WARNING = Severity.error, Severity.warning

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
    data = f"the data lie in [{wiring.data_low:.3g}, {wiring.data_high:.3g}]"
    if beyond / width > 0.02:
        yield Finding(
            "data-outside-generator-range",
            ERROR if beyond / width > 0.2 else WARNING,
            f"The generator {_range(setup)}, whatever its weights, and {data}: it cannot reach {beyond / width:.0%} of "
            "their range.",
            _other_end(setup),
            reference="Radford et al. 2016, section 4",
        )
    elif max(abs(wiring.data_low), abs(wiring.data_high)) > WIDE_DATA:
        yield Finding(
            "data-not-normalised",
            WARNING,
            f"A generator starts with values around 0 of size 1, and {data}.",
            "Subtract the mean from the data and divide by their standard deviation.",
            reference="LeCun et al. 1998, section 4.3",
        )


def _range(setup: Setup) -> str:
    """Which values a generator makes whose range has an end."""
    low, high = setup.wiring.generator_low, setup.wiring.generator_high
    if high == math.inf:
        return f"makes no values below {low:.3g}"
    if low == -math.inf:
        return f"makes no values above {high:.3g}"
    return f"makes only values in [{low:.3g}, {high:.3g}]"


def _other_end(setup: Setup) -> str:
    """What a generator should end in to make the data."""
    farthest = max(abs(setup.wiring.data_low), abs(setup.wiring.data_high))
    if farthest <= TANH:
        return "End the generator with nn.Tanh(), whose values fill [-1, 1], in place of what ends it now."
    return "Let the generator end in its last linear layer or convolution, or scale the data to the generator's range."


def dataset_too_small(setup: Setup) -> Findings:
    """So few samples that the critic can memorise each."""
    if setup.train_count < SMALL_DATA:
        yield Finding(
            "dataset-too-small",
            WARNING,
            f"There are {setup.train_count:,} samples to train on: with fewer than about {SMALL_DATA:,} the critic "
            "memorises them instead of learning what they have in common.",
            f"Get more data{setup.mirroring}, and stop early.",
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def data_alike(setup: Setup) -> Findings:
    """Samples that are all but the same."""
    variety = setup.wiring.data_variety
    if variety < ALIKE:
        yield Finding(
            "data-all-alike",
            ERROR if variety < IDENTICAL else WARNING,
            f"Samples differ from their mean by {variety:.1%} of how much their values do: they are all alike.",
            "Look at the data (wgan data): one sample may have been packed many times.",
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def data_repeated(setup: Setup) -> Findings:
    """A set that holds the same samples many times."""
    wiring, count = setup.wiring, setup.train_count
    if wiring.data_copies >= COPIES and wiring.data_variety >= ALIKE:
        yield Finding(
            "data-repeated",
            WARNING,
            f"Samples are there about {wiring.data_copies:.0f} times each, judged by those of a random draw that are "
            f"equal: {count:,} samples to train on teach as much as {count / wiring.data_copies:,.0f}, and those that "
            "are held out are copies too.",
            "Remove copies, and judge the size of the set by the samples that differ.",
            reference="Karras et al. 2020 (ADA), figure 1",
        )


def data_narrow(setup: Setup) -> Findings:
    """Values that fill a small part of their range."""
    width, usual = setup.wiring.data_width, NARROW[setup.spatial]
    if width < usual and setup.wiring.data_variety >= ALIKE:
        whole = f"{width / 2:.1%} of the range from -1 to 1" if setup.spatial else f"a width of {width:.2g}"
        yield Finding(
            "data-narrow",
            WARNING,
            f"All values of the data lie within {whole}: they were scaled down, perhaps twice.",
            "Scale the data to fill [-1, 1]; for points, subtract their mean and divide by their standard deviation.",
            reference="LeCun et al. 1998, section 4.3",
        )


def data_columns(setup: Setup) -> Findings:
    """Points with columns on other scales, or a few values far from all others."""
    wiring = setup.wiring
    if wiring.data_scales > APART:
        yield Finding(
            "data-not-normalised",
            WARNING,
            f"One column of the data spreads {wiring.data_scales:.2g} times as far as another: the critic sees only "
            "the widest.",
            "Subtract each column's mean, and divide by its standard deviation.",
            reference="LeCun et al. 1998, section 4.3",
        )
    if wiring.data_extreme > FAR:
        yield Finding(
            "data-outliers",
            WARNING,
            f"A value lies {wiring.data_extreme:.2g} quartile ranges from the median of its column: a few outliers set "
            "the scale of everything.",
            "Remove them if they are errors; otherwise take logarithms or ranks of such columns.",
            reference="Hampel et al. 1986, section 1.2",
        )
