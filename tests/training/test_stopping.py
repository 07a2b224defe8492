"""When a series no longer improves: the noise by von Neumann, the rule by a second reading, and how often it errs."""

import numpy as np
import pytest

from wgan.training.stopping import noise, stalled_since


def test_the_noise_is_that_about_the_trend():
    """Of white noise it is the standard deviation; a slow trend adds (slope)² / 2 to its square."""
    random = np.random.default_rng(0)
    white = random.normal(0, 2.0, 20_000)
    assert noise(white.tolist()) == pytest.approx(2.0, rel=0.02)
    assert noise((white + 0.3 * np.arange(20_000)).tolist()) == pytest.approx(np.sqrt(4 + 0.3**2 / 2), rel=0.02)
    assert noise([1.0, 2.0, 1.0]) == pytest.approx(np.sqrt(0.5))


@pytest.mark.parametrize(
    ("values", "window", "since"),
    [
        ([9, 5, 4, 4, 4, 4], 2, 2),  # nothing changes
        ([9, 5, 4, 3, 2, 1], 2, None),  # it improves
        ([9, 5, 4, 6, 7, 8], 2, 2),  # it gets worse
        ([9, 5, 4], 2, None),  # two windows are four values
        ([4, 5], 1, None),
        ([4, 5, 6], 1, 0),
        ([4, 5, 3], 1, None),
        ([5, 4, 6, 4, 6, 4, 3.9, 6.2], 2, 1),  # a new best within the noise, and the mean is no better
        ([5, 4, 6, 4, 6, 4, 0.5, 9.9], 2, 1),  # a large step is noise as well
        ([10, 10, 10, 10, 10, 10, 9, 9], 2, None),  # a step down, and beyond the noise
    ],
)
def test_what_is_no_improvement(values, window, since):
    assert stalled_since([float(value) for value in values], window) == since


def ends(series, window):
    return next((k for k in range(1, len(series) + 1) if stalled_since(series[:k].tolist(), window) is not None), None)


def test_how_often_it_errs():
    """Flat series end soon after two windows; those that improve by a third of their noise each time go on."""
    random = np.random.default_rng(0)
    flat = [ends(random.normal(0, 1, 60), 5) for _ in range(300)]
    assert np.median(flat) <= 11
    assert np.percentile(flat, 95) <= 20
    rising = [ends(random.normal(0, 1, 60) - np.arange(60) / 3, 5) for _ in range(300)]
    assert np.mean([end is None for end in rising]) > 0.75
