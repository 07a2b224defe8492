"""Columns and correlations against SciPy and NumPy."""

import numpy as np
import pytest
import torch
from scipy.stats import ks_2samp

from helpers import held
from wgan.metrics import METRICS, Moments


def moments(rows):
    summary = Moments(rows.shape[1])
    summary.add(rows)
    return summary


def test_the_worst_column_is_scipys():
    torch.manual_seed(0)
    real, fake = torch.randn(300, 4).round(decimals=1), (1.5 * torch.randn(200, 4) + 0.2).round(decimals=1)  # with ties
    expected = max(ks_2samp(real[:, i].numpy(), fake[:, i].numpy()).statistic for i in range(4))
    assert METRICS["columns"].compare(held(real), held(fake)) == pytest.approx(expected, abs=1e-9)
    assert METRICS["columns"].compare(held(real), held(real)) == 0
    assert METRICS["columns"].compare(held(real), held(real + 100)) == 1


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
