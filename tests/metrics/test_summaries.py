"""Samples in batches, and summaries in files, lose nothing."""

import numpy as np
import pytest
import torch

from wgan.metrics import METRICS, AllRows, Counts, Moments


def rows_for(kind):
    torch.manual_seed(0)
    return torch.randint(-1, 6, (60,)) if kind is Counts else torch.randn(60, 6)


def fed(kind, rows, batch):
    made = kind(6)
    for part in rows.split(batch):
        made.add(part)
    return made


def metric_of(kind):
    return next(metric for metric in METRICS.values() if metric.summary is kind)


@pytest.mark.parametrize("kind", [Moments, AllRows, Counts])
def test_batches_of_any_size_merged_parts_and_files_are_the_whole(kind):
    rows, metric = rows_for(kind), metric_of(kind)
    whole, other = fed(kind, rows, 60), fed(kind, rows_for(kind).flip(0)[:40], 40)
    value = metric.compare(other, whole)
    for made in (
        fed(kind, rows, 7),
        kind.merged([fed(kind, rows[:13], 5), fed(kind, rows[13:], 60)]),
        kind.from_arrays({name: np.array(array) for name, array in whole.arrays().items()}),
    ):
        assert made.count == 60
        assert metric.compare(other, made) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_sums_are_in_float64():
    """In float32, a variance of 1 around 10,000 is lost."""
    torch.manual_seed(0)
    rows = torch.randn(4000, 6).double() + 10_000
    made = fed(Moments, rows, 100)
    np.testing.assert_allclose(made.covariance, np.cov(rows.numpy().T), atol=1e-4)


def test_moments_take_no_more_memory_for_more_samples():
    few, many = (fed(Moments, torch.randn(count, 6), 50) for count in (50, 5000))
    assert [array.nbytes for array in few.arrays().values()] == [array.nbytes for array in many.arrays().values()]


def test_what_depends_on_rows_alone_is_computed_once_and_again_after_more_rows():
    made, calls = AllRows(), []
    made.add(torch.zeros(2, 1))
    for _ in range(2):
        assert made.cached("count", lambda: calls.append(1) or made.count) == 2
    assert calls == [1]
    made.add(torch.zeros(1, 1))
    assert made.cached("count", lambda: made.count) == 3
