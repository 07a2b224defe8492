"""Metrics that count modes and classes, on constructed shares."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy

from wgan.data import MIXTURES
from wgan.metrics import METRICS, Counts
from wgan.metrics.extractors.classes import Classes, StackedClasses
from wgan.metrics.extractors.classifier import Classifier
from wgan.metrics.extractors.nearest_mode import NearestMode
from wgan.types import SampleSpec


def counts(*classes, none=0):
    return Counts.from_arrays({"classes": np.array(classes), "none": np.array(none)})


def test_class_balance_is_the_total_variation_distance():
    reals = counts(50, 30, 20)
    assert METRICS["class_balance"].compare(reals, counts(5, 3, 2)) == pytest.approx(0)
    assert METRICS["class_balance"].compare(reals, counts(20, 30, 50)) == pytest.approx(0.3)
    assert METRICS["class_balance"].compare(reals, counts(0, 0, 9)) == pytest.approx(0.8)


def test_class_coverage_wants_a_tenth_of_the_reals_rate():
    reals, value = counts(100, 100, 200, 0), METRICS["class_coverage"].compare
    assert value(reals, counts(25, 25, 50, 0)) == 1
    assert value(reals, counts(0, 500, 500, 0)) == pytest.approx(2 / 3)
    assert value(reals, counts(1, 500, 499, 0)) == pytest.approx(2 / 3)  # may be the classifier's errors
    assert value(reals, counts(30, 485, 485, 99)) == 1  # for a class that the reals lack there is nothing to gain


def test_reverse_kl_is_scipys_entropy_against_equal_shares():
    fake = counts(10, 0, 30, 60, none=900)
    assert METRICS["reverse_kl"].compare(fake, fake) == pytest.approx(entropy([0.1, 0, 0.3, 0.6], [0.25] * 4))
    assert METRICS["reverse_kl"].compare(fake, counts(7, 7, 7, 7)) == pytest.approx(0)
    assert METRICS["reverse_kl"].compare(fake, counts(0, 7, 0, 0)) == pytest.approx(math.log(4))
    assert METRICS["reverse_kl"].compare(fake, counts(0, 0, 0, 0, none=5)) == pytest.approx(math.log(4))


def test_modes_of_a_mixture_are_counted_as_published():
    """Within three standard deviations of a centre, by a second count."""
    mixture, random = MIXTURES["ring8"], np.random.default_rng(0)
    chosen = random.integers(5, size=2500)  # three of the eight are never drawn
    points = mixture.centres[chosen] + mixture.sigma * random.standard_normal((2500, 2)) * 1.5
    fake = Counts(8)
    fake.add(NearestMode(*mixture)(torch.from_numpy(points)))
    distances = np.linalg.norm(points[:, None] - mixture.centres, axis=2)
    good = distances.min(axis=1) < 3 * mixture.sigma
    assert METRICS["modes"].compare(fake, fake) == 5
    assert METRICS["high_quality"].compare(fake, fake) == good.mean()
    # in the plane, a share of 1 - exp(-r² / 2) of a Gaussian lies within r deviations
    assert good.mean() == pytest.approx(1 - math.exp(-((3 / 1.5) ** 2) / 2), abs=0.02)
    shares = np.bincount(distances.argmin(axis=1)[good]) / good.sum()
    assert METRICS["reverse_kl"].compare(fake, fake) == pytest.approx((shares * np.log(8 * shares)).sum())


class Brightness(Classifier):
    """Knows the class of a flat picture by its value: -1, 0, 1."""

    def __init__(self):
        super().__init__(SampleSpec.picture(1, 8, 8), 3)

    def forward(self, samples):
        return -(samples.mean((1, 2, 3))[:, None] - torch.tensor([-1.0, 0.0, 1.0])).abs()


def test_the_classes_of_channels_are_read_as_one_number():
    first = torch.arange(27).div(9, rounding_mode="floor") - 1.0
    second = torch.arange(27).div(3, rounding_mode="floor") % 3 - 1.0
    digits = torch.stack([first, second, torch.arange(27) % 3 - 1.0], 1)
    pictures = digits[:, :, None, None].expand(27, 3, 8, 8)
    assert StackedClasses(Brightness(), 3)(pictures).tolist() == list(range(27))
    assert Classes(Brightness())(pictures[:, :1]).tolist() == [i // 9 for i in range(27)]


def test_the_stacked_protocol_on_known_counts():
    fake = Counts(1000)
    fake.add(torch.arange(250).repeat(4))
    assert METRICS["stacked_modes"].compare(fake, fake) == 250
    assert METRICS["stacked_kl"].compare(fake, fake) == pytest.approx(math.log(4))
    assert METRICS["stacked_modes"].limit == 26_000


def test_equal_shares_have_the_divergence_of_their_count():
    """(K - 1) / 2n on average (a chi-squared statistic over 2n): what the floor of stacked_kl shows."""
    random = np.random.default_rng(0)
    fake = Counts(1000)
    fake.add(torch.from_numpy(random.integers(1000, size=26_000)))
    assert METRICS["stacked_kl"].compare(fake, fake) == pytest.approx(999 / 52_000, rel=0.1)
    assert METRICS["stacked_modes"].compare(fake, fake) == 1000
