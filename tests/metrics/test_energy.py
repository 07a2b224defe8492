"""The energy distance against SciPy's in one dimension, and by its definition."""

import numpy as np
import pytest
import torch
from scipy.stats import energy_distance

from helpers import held
from wgan.metrics import METRICS

ENERGY = METRICS["energy"]


def test_in_one_dimension_it_is_scipys_in_units_of_the_reals_spread():
    torch.manual_seed(0)
    real, fake = torch.randn(300, 1), 0.7 * torch.randn(200, 1) + 0.4
    spread = np.abs(real.numpy() - real.numpy().T).mean()
    expected = energy_distance(real[:, 0].numpy(), fake[:, 0].numpy()) / np.sqrt(spread)
    assert ENERGY.compare(held(real), held(fake)) == pytest.approx(expected, rel=1e-6)


def test_all_pairs_in_many_dimensions():
    torch.manual_seed(1)
    real, fake = torch.randn(30, 5), torch.randn(20, 5) + 1
    between, reals, fakes = (
        np.linalg.norm(a.numpy()[:, None] - b.numpy(), axis=2).mean()
        for a, b in ((real, fake), (real, real), (fake, fake))
    )
    expected = np.sqrt((2 * between - reals - fakes) / reals)
    assert ENERGY.compare(held(real), held(fake)) == pytest.approx(expected, rel=1e-6)
    assert ENERGY.compare(held(5 * real), held(5 * fake)) == pytest.approx(expected, rel=1e-6)


def test_equal_sets_and_reals_that_are_all_alike():
    same = held(torch.randn(50, 3))
    assert ENERGY.compare(same, same) == pytest.approx(0, abs=1e-6)
    assert np.isnan(ENERGY.compare(held(torch.ones(5, 3)), same))
