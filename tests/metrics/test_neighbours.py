"""Precision, recall, density and coverage on sets counted by hand, and against their expectations."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from helpers import held
from wgan.metrics import METRICS
from wgan.metrics.coverage import Coverage
from wgan.metrics.density import Density
from wgan.metrics.diversity import spread
from wgan.metrics.neighbours import radii
from wgan.metrics.precision import Precision
from wgan.metrics.recall import Recall


def line(*places):
    return held(torch.tensor(places)[:, None])


REAL = line(0.0, 1.0, 3.0, 10.0)
"""Balls by the first neighbour: 0 ± 1, 1 ± 1, 3 ± 2, 10 ± 7."""
FAKE = line(-0.5, 0.5, 2.5, 100.0)
"""Balls: -0.5 ± 1, 0.5 ± 1, 2.5 ± 2, 100 ± 97.5. In reals' balls: 1, 2, 1, 0 of them."""


def test_radii_are_scikit_learns():
    torch.manual_seed(0)
    points = torch.randn(700, 6)  # more than a block
    distances, _ = NearestNeighbors(n_neighbors=6).fit(points.double()).kneighbors(points.double())
    np.testing.assert_allclose(radii(held(points), 5), distances[:, 5], rtol=1e-6)


def test_a_case_counted_by_hand():
    assert Precision("features", 1).compare(REAL, FAKE) == 3 / 4
    assert Recall("features", 1).compare(REAL, FAKE) == 4 / 4  # 100's ball reaches to 2.5, so that it holds 3 and 10
    assert Density("features", 1).compare(REAL, FAKE) == (1 + 2 + 1 + 0) / 4
    assert Coverage("features", 1).compare(REAL, FAKE) == 3 / 4  # 10 ± 7 ends at 3: 2.5 is outside


def test_an_outlier_among_the_fakes_spoils_recall_and_not_coverage():
    """Naeem et al. 2020, figure 2: why coverage takes the reals' balls."""
    reals, fakes = held(torch.randn(100, 2)), held(torch.tensor([[50.0, 0.0], [-50.0, 0.0], [0.0, 50.0], [0.0, -50.0]]))
    assert METRICS["recall"].compare(reals, fakes) == 1
    assert METRICS["coverage"].compare(reals, fakes) == 0


def test_far_apart_and_equal_sets():
    torch.manual_seed(0)
    reals, far = held(torch.randn(50, 3)), held(torch.randn(50, 3) + 100)
    for name in ("precision", "recall", "density", "coverage"):
        assert METRICS[name].compare(reals, far) == 0
    same = held(reals.rows.clone())
    for name in ("precision", "recall", "coverage"):
        assert METRICS[name].compare(reals, same) == 1
    assert METRICS["density"].compare(reals, same) == pytest.approx((5 + 1) / 5)  # each real's ball holds itself, too


def test_equal_distributions_give_the_expected_density_and_coverage():
    """Naeem et al. 2020, section 3.3: density 1; coverage 1 - (N-1)...(N-k) / (2N-1)...(2N-k)."""
    torch.manual_seed(0)
    n, k = 400, 5
    pairs = [(held(torch.randn(n, 4)), held(torch.randn(n, 4))) for _ in range(20)]
    steps = np.arange(1, k + 1)
    expected = 1 - np.prod((n - steps) / (2 * n - steps))
    coverages = [METRICS["coverage"].compare(*pair) for pair in pairs]
    assert np.mean(coverages) == pytest.approx(expected, abs=0.005)
    assert expected == pytest.approx(1 - 2**-k, abs=0.001)
    assert np.mean([METRICS["density"].compare(*pair) for pair in pairs]) == pytest.approx(1, abs=0.03)


def test_points_very_near_each_other_are_told_apart():
    """The usual expansion of a squared distance, in float32, makes noise of them."""
    torch.manual_seed(0)
    points = 100 + 1e-3 * torch.randn(200, 2)
    brute = np.sort(np.linalg.norm((points[:, None] - points).double(), axis=2), axis=1)[:, 3]
    np.testing.assert_allclose(radii(held(points), 3), brute, rtol=1e-3)


def test_diversity_is_the_ratio_of_mean_distances():
    torch.manual_seed(0)
    reals = torch.randn(60, 5)
    assert METRICS["diversity"].compare(held(reals), held(0.25 * reals + 7)) == pytest.approx(0.25)
    assert METRICS["diversity"].compare(held(reals), held(reals[:1].expand(60, 5))) == 0
    assert spread(line(0.0, 1.0, 3.0)) == pytest.approx((1 + 3 + 2) / 3)
