"""Columns and correlations against SciPy and NumPy."""

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp

from helpers import held
from wgan.metrics import METRICS, Moments
from wgan.metrics.columns import Columns, Correlations


def moments(rows):
    summary = Moments(rows.shape[1])
    summary.add(rows)
    return summary


def test_the_worst_column_is_scipys():
    torch.manual_seed(0)
    real, fake = torch.randn(300, 4).round(decimals=1), (1.5 * torch.randn(200, 4) + 0.2).round(decimals=1)  # with ties
    expected = max(ks_2samp(real[:, i].numpy(), fake[:, i].numpy()).statistic for i in range(4))
    assert Columns("samples", tolerance=0.0).compare(held(real), held(fake)) == pytest.approx(expected, abs=1e-9)
    assert METRICS["columns"].compare(held(real), held(real)) == 0
    assert METRICS["columns"].compare(held(real), held(real + 100)) == 1


def test_what_is_off_by_less_than_the_tolerance_is_forgiven_by_its_definition():
    torch.manual_seed(0)
    real = (torch.rand(400, 1) > 0.5).float()
    fake = (torch.rand(300, 1) > 0.3).float() + 0.01 * torch.randn(300, 1)
    slack, points = 0.1 * real.std(correction=0), torch.cat([real, fake, real + 0.1, fake + 0.05])
    shares = [
        ((below <= x).double().mean() - (above + slack <= x).double().mean()).item()
        for x in (points + 0.06).flatten()
        for above, below in ((real, fake), (fake, real))
    ]
    swapped = [
        ((above + slack <= x).double().mean() - (below <= x).double().mean()).item()
        for x in torch.cat([real + slack, fake + slack]).flatten()
        for above, below in ((real, fake), (fake, real))
    ]
    value = METRICS["columns"].compare(held(real), held(fake))
    assert value == pytest.approx(max(swapped), abs=1e-9)
    assert value == pytest.approx(0.2, abs=0.06), "the share of ones, and not the noise around them"
    assert max(shares) > value, "without the slack it is more"


def test_the_worst_correlation_is_numpys():
    torch.manual_seed(0)
    mixing = torch.randn(4, 4)
    real, fake = torch.randn(300, 4) @ mixing, torch.randn(200, 4)
    expected = np.abs(np.corrcoef(real.T.numpy()) - np.corrcoef(fake.T.numpy())).max()
    assert METRICS["correlations"].compare(moments(real), moments(fake)) == pytest.approx(expected, rel=1e-5)
    assert METRICS["correlations"].compare(moments(real), moments(5 * real + 3)) == pytest.approx(0, abs=1e-6)


def test_columns_that_do_not_vary_have_no_correlation():
    torch.manual_seed(0)
    real = torch.randn(50, 3)
    fake = real.clone()
    fake[:, 0] = 7.0
    expected = np.abs(np.corrcoef(real.T.numpy())[0, 1:]).max()
    assert METRICS["correlations"].compare(moments(real), moments(fake)) == pytest.approx(expected, rel=1e-5)
    assert np.isnan(METRICS["correlations"].compare(moments(real[:, :1]), moments(fake[:, :1])))


def test_each_column_and_the_worst_pair_are_named():
    """Against SciPy's two-sample statistic without tolerance, and NumPy's correlations."""
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(300, 3)), random.normal(size=(200, 3))
    fake[:, 1] += 1
    fake[:, 2] = fake[:, 0] + 0.1 * fake[:, 2]
    each = Columns("samples", tolerance=0.0).each(held(torch.from_numpy(real)), held(torch.from_numpy(fake)))
    assert each == pytest.approx([ks_2samp(real[:, i], fake[:, i]).statistic for i in range(3)])
    pair = Correlations("samples").worst(*(moments(torch.from_numpy(rows)) for rows in (real, fake)))
    assert {pair.first, pair.second} == {0, 2}
    assert pair.real == pytest.approx(np.corrcoef(real.T)[0, 2])
    assert pair.fake == pytest.approx(np.corrcoef(fake.T)[0, 2])
