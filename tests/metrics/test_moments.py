"""Fréchet distance and MMD against closed forms and other implementations."""

import numpy as np
import pytest
import torch
from scipy import linalg
from sklearn.metrics.pairwise import polynomial_kernel

from helpers import held
from wgan.metrics import METRICS, Moments
from wgan.metrics.frechet import frechet_distance


def moments(rows):
    made = Moments(rows.shape[1])
    made.add(rows)
    return made


def random_covariance(size, seed):
    root = np.random.default_rng(seed).standard_normal((size, size))
    return root @ root.T


def test_frechet_of_gaussians_on_a_line():
    """(m1 - m2)² + (s1 - s2)²."""
    assert frechet_distance(*map(np.array, ([1.0], [[4.0]], [3.0], [[25.0]]))) == pytest.approx(4 + 9)


def test_frechet_of_independent_components_is_the_sum():
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 1.0])
    expected = 2 + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()
    assert frechet_distance(np.zeros(3), np.diag(a), np.array([1.0, 1, 0]), np.diag(b)) == pytest.approx(expected)


def test_frechet_of_full_covariances_is_that_of_a_general_matrix_root():
    mean, a, b = np.arange(6.0), random_covariance(6, 0), random_covariance(6, 1)
    expected = (mean**2).sum() + np.trace(a + b - 2 * linalg.sqrtm(a @ b).real)
    assert frechet_distance(mean, a, np.zeros(6), b) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(mean, a, mean, a) == pytest.approx(0, abs=1e-8)


def test_frechet_of_singular_covariances():
    """All on a line through the origin: as in one dimension."""
    direction = np.array([0.6, 0.8])
    a, b = 4 * np.outer(direction, direction), 25 * np.outer(direction, direction)
    assert frechet_distance(np.zeros(2), a, np.zeros(2), b) == pytest.approx(9)


def test_frechet_of_samples_comes_to_that_of_their_distributions():
    torch.manual_seed(0)
    x, y = torch.randn(200_000, 2), 2 * torch.randn(200_000, 2) + torch.tensor([1.0, 0.0])
    assert METRICS["frechet"].compare(moments(x), moments(y)) == pytest.approx(1 + 2, rel=0.02)


def test_moments_are_numpys():
    torch.manual_seed(0)
    rows = torch.randn(50, 4) + 100
    made = moments(rows)
    np.testing.assert_allclose(made.mean, rows.double().numpy().mean(0))
    np.testing.assert_allclose(made.covariance, np.cov(rows.double().numpy().T), rtol=1e-8)


def test_mmd_is_the_unbiased_sum_over_pairs():
    """Gretton et al. 2012, eq. 3, written out with another library's kernel."""
    torch.manual_seed(0)
    x, y = torch.randn(40, 5), torch.randn(30, 5) + 0.5
    kxx, kyy, kxy = (polynomial_kernel(a, b, degree=3, gamma=1 / 5, coef0=1) for a, b in ((x, x), (y, y), (x, y)))
    np.fill_diagonal(kxx, 0)
    np.fill_diagonal(kyy, 0)
    expected = kxx.sum() / (40 * 39) + kyy.sum() / (30 * 29) - 2 * kxy.mean()
    assert METRICS["mmd"].compare(held(x), held(y)) == pytest.approx(expected, rel=1e-5)


def test_mmd_of_gaussians_on_a_line():
    """(xy + 1)³ is 1 + 3 xy + 3 x²y² + x³y³: weighted squares of the differences of the first three moments."""
    torch.manual_seed(0)
    x, y = 0.5 * torch.randn(4000, 1), 0.5 * torch.randn(4000, 1) + 0.5
    # of N(0, 1/4): 0, 1/4, 0; of N(1/2, 1/4): 1/2, 1/2, 1/2
    expected = 3 * (1 / 2) ** 2 + 3 * (1 / 4) ** 2 + (1 / 2) ** 2
    assert METRICS["mmd"].compare(held(x), held(y)) == pytest.approx(expected, rel=0.1)


def test_mmd_of_one_distribution_is_zero_on_average():
    torch.manual_seed(0)
    values = [METRICS["mmd"].compare(held(torch.randn(30, 3)), held(torch.randn(30, 3))) for _ in range(300)]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    assert min(values) < 0 < max(values)
