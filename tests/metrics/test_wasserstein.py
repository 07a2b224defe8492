"""Sliced and exact Wasserstein distances against POT and closed forms; the pyramid against SciPy's filters."""

import math

import numpy as np
import ot
import pytest
import torch
from scipy import ndimage

from helpers import held
from wgan.metrics import METRICS
from wgan.metrics.extractors.patches import Patches, level_sides, pyramid
from wgan.metrics.sliced_wasserstein import SlicedWasserstein, directions, wasserstein_1d


@pytest.mark.parametrize("count", [80, 50])
def test_sliced_is_pots_on_the_same_directions(count):
    torch.manual_seed(0)
    x, y = torch.randn(80, 3), 2 * torch.randn(count, 3) + 1
    axes = directions(64, 3)
    expected = ot.sliced_wasserstein_distance(x.double().numpy(), y.double().numpy(), projections=axes.T, p=1)
    assert SlicedWasserstein("samples", 64).compare(held(x), held(y)) == pytest.approx(expected, rel=1e-5)


def test_sliced_of_shifted_points_is_the_mean_of_the_shift_along_directions():
    """In the plane the mean of |cos| is 2 / pi."""
    torch.manual_seed(0)
    x = torch.randn(500, 2)
    value = SlicedWasserstein("samples", 4000).compare(held(x), held(x + torch.tensor([3.0, 4.0])))
    assert value == pytest.approx(5 * 2 / math.pi, rel=0.02)


def test_one_dimension_is_pots_for_any_counts():
    random = np.random.default_rng(0)
    x, y = np.sort(random.standard_normal((3, 12))), np.sort(random.standard_normal((3, 18)))
    expected = [ot.wasserstein_1d(a, b, p=1) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(wasserstein_1d(x, y), expected)


@pytest.mark.parametrize(("name", "power"), [("w1", 1), ("w2", 2)])
def test_exact_on_a_line_is_the_sorted_difference(name, power):
    torch.manual_seed(0)
    x, y = torch.randn(40, 1), 3 * torch.randn(40, 1)
    differences = (x.sort(0).values - y.sort(0).values).abs().double()
    expected = float((differences**power).mean()) ** (1 / power)
    assert METRICS[name].compare(held(x), held(y)) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["w1", "w2"])
def test_exact_of_a_shifted_set_is_the_shift(name):
    torch.manual_seed(0)
    x = torch.randn(60, 4)
    assert METRICS[name].compare(held(x), held(x[torch.randperm(60)] + 0.5)) == pytest.approx(0.5 * 2, rel=1e-5)


def test_w2_of_gaussians_comes_to_the_closed_form():
    """N(0, 1) and N(2, 3²) on a line: the root of (m1 - m2)² + (s1 - s2)²."""
    torch.manual_seed(0)
    x, y = torch.randn(500, 1), 3 * torch.randn(500, 1) + 2
    assert METRICS["w2"].compare(held(x), held(y)) == pytest.approx(math.sqrt(4 + 4), rel=0.1)


@pytest.mark.parametrize(("height", "width"), [(28, 28), (32, 16), (17, 30)])
def test_the_pyramid_is_scipys_filters(height, width):
    torch.manual_seed(0)
    images = torch.randn(2, 3, height, width)
    levels = pyramid(images)
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    assert [tuple(level.shape[2:]) for level in levels] == level_sides((height, width))
    fine = images.double().numpy()
    for level in levels[:-1]:
        coarse = ndimage.convolve(fine, kernel[None, None], mode="mirror")[:, :, ::2, ::2]
        spread = np.zeros_like(fine)
        spread[:, :, ::2, ::2] = 4 * coarse
        np.testing.assert_allclose(level, fine - ndimage.convolve(spread, kernel[None, None], mode="mirror"), atol=1e-5)
        fine = coarse
    np.testing.assert_allclose(levels[-1], fine, atol=1e-5)


def test_levels_end_where_a_patch_is_the_whole_picture():
    assert level_sides((28, 28)) == [(28, 28), (14, 14), (7, 7)]
    assert level_sides((8, 8)) == [(8, 8)]
    assert [side for side, _ in level_sides((64, 64))] == [64, 32, 16, 8]


def test_patches_are_cut_from_their_level():
    """A picture that counts its pixels: each patch is its first value and the steps from there."""
    picture = torch.arange(64.0).reshape(1, 1, 8, 8)
    patches = Patches((1, 8, 8))(picture)
    assert patches.shape == (1, 1, 16, 1, 49)
    steps = (picture[0, 0, :7, :7] - picture[0, 0, 0, 0]).flatten()
    for patch in patches[0, 0, :, 0]:
        assert torch.equal(patch - patch[0], steps)
        assert patch[0] in (0, 1, 8, 9)


def test_sliced_of_pictures_sees_a_blur_and_not_another_contrast():
    """Karras et al. 2018 bring each channel of a level to one mean and deviation."""
    torch.manual_seed(0)
    metric, patches = METRICS["sliced_wasserstein"], Patches((1, 16, 16))
    sharp = torch.randn(2000, 1, 16, 16).clamp(-1, 1)
    blurred = sharp - pyramid(sharp)[0]
    real = held(patches(sharp))
    same = metric.compare(real, held(patches(torch.randn(2000, 1, 16, 16).clamp(-1, 1))))
    assert metric.compare(real, held(patches(0.5 * sharp + 0.2))) < 1e-5
    assert metric.compare(real, held(patches(blurred))) > 3 * same


def test_flat_fakes_have_a_distance_too():
    patches = Patches((3, 8, 8))
    real, flat = held(patches(torch.randn(20, 3, 8, 8))), held(patches(torch.zeros(20, 3, 8, 8)))
    assert 0.1 < METRICS["sliced_wasserstein"].compare(real, flat) < 2
