"""Parts of a condition: what they refuse, the groups that they make, and what is drawn where nothing is asked."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from helpers import CLASS, LABELS, NUMBER
from wgan.data.columns import stored
from wgan.data.conditions import chosen
from wgan.data.source import Beside
from wgan.errors import InputError
from wgan.system.validation import checked
from wgan.types.condition import MOST_SETS, Part


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (CLASS, {"counts": (0, 0, 0)}),
        (CLASS, {"counts": (-1, 3, 4)}),
        (CLASS, {"counts": (10**400, 1, 1)}),
        (CLASS, {"counts": (1, 2)}),
        (LABELS, {"counts": (-1, 3)}),
        (LABELS, {"counts": (13, 3)}),
        (LABELS, {"samples": 10**400}),
        (LABELS, {"sets": ((0,), (2,)), "set_counts": (6, 6)}),
        (LABELS, {"sets": ((-1,),), "set_counts": (6,)}),
        (LABELS, {"sets": ((0,),), "set_counts": (6, 6)}),
        (LABELS, {"sets": ((0,),), "set_counts": (0,)}),
        (LABELS, {"sets": ((),) * (MOST_SETS + 1), "set_counts": (1,) * (MOST_SETS + 1)}),
        (NUMBER, {"quantiles": (0.0, float("nan"))}),
        (NUMBER, {"quantiles": (0.0, float("inf"))}),
        (NUMBER, {"quantiles": (1.0, 2.0, 1.5)}),
        (NUMBER, {"quantiles": (1.0,)}),
        (NUMBER, {"centre": float("nan")}),
        (NUMBER, {"spread": 0.0}),
        (NUMBER, {"spread": -1.0}),
        (NUMBER, {"spread": 1e-320, "centre": 0.0, "quantiles": (0.0, 1e-320)}),
        (NUMBER, {"spread": 1e-300}),
        (NUMBER, {"spread": float("inf")}),
    ],
)
def test_what_no_data_have_is_refused_in_words(part, change):
    with pytest.raises(InputError, match=part.name):
        checked(Part, asdict(part) | change, "sample.condition.")
    assert checked(Part, asdict(part), "") == part


# -- groups -----------------------------------------------------------------------------------------------------


def number(values, name="heat"):
    """The part of these numbers, as packs describe them."""
    return chosen([name], {name: stored(Beside(name, np.asarray(values, np.float64)))}, ()).parts[0]


def counted(part, values):
    """How many of the numbers are in each group, by name."""
    rows = ((np.asarray(values) - part.centre) / part.spread).astype(np.float32)[:, None]
    members = part.membership(torch.from_numpy(rows))
    assert (members.sum(1) == 1).all()
    assert len({*part.groups}) == len(part.groups) == members.shape[1]
    return dict(zip(part.groups, members.sum(0).tolist(), strict=True))


def test_groups_are_classes_and_labels():
    assert (CLASS.groups, LABELS.groups) == (("cat", "dog", "eel"), ("red", "round"))
    vectors = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    assert CLASS.membership(vectors).equal(vectors > 0)


def test_numbers_make_fifths():
    values = np.random.default_rng(0).permutation(np.arange(1001.0))
    assert counted(number(values), values) == {
        "0..200": 201, "200..400": 200, "400..600": 200, "600..800": 200, "800..1000": 200,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        ([0.0] * 75 + [1.0] * 25, {"0": 75, "0..1": 25}),
        ([0.0] * 25 + [1.0] * 75, {"0": 25, "0..1": 75}),
        ([0.0] * 30 + [1.0] * 30 + [2.0] * 40, {"0": 30, "0..1": 30, "1..2": 40}),
        ([1e6 + place for place in range(5)] * 20,
         {"1000000": 20, "1000000..1000001": 20, "1000001..1000002": 20, "1000002..1000003": 20,
          "1000003..1000004": 20}),
        ([0.0] * 99 + [1e12], {"0": 99, "0..1e+12": 1}),
    ],
)  # fmt: skip
def test_where_many_numbers_are_the_same_there_are_fewer_groups(values, groups):
    """No two groups have one name, and none is empty."""
    found = counted(number(values), values)
    assert found == groups


@pytest.mark.parametrize("seed", range(20))
def test_no_group_is_empty_and_none_is_twice(seed):
    """Numbers with many ties, of any size and place."""
    random = np.random.default_rng(seed)
    values = np.round(random.exponential(1.0, 300) ** random.integers(1, 6), random.integers(0, 3))
    values = values * 10.0 ** random.integers(-9, 9) + random.choice([0, 1e3, -1e6])
    if values.min() < values.max():
        found = counted(number(values), values)
        assert min(found.values()) > 0
        assert len(found) <= 5


# -- drawn ------------------------------------------------------------------------------------------------------


def test_labels_are_drawn_as_they_occur_together():
    together = replace(LABELS, sets=((0,), (1,), ()), set_counts=(6, 3, 3))
    rows = together.drawn(np.random.default_rng(0), 12_000)
    assert rows.dtype == np.float32
    found, counts = np.unique(rows, axis=0, return_counts=True)
    assert found.tolist() == [[0, 0], [0, 1], [1, 0]], "never both"
    np.testing.assert_allclose(counts / 12_000, [0.25, 0.25, 0.5], atol=0.02)
    np.testing.assert_array_equal(together.drawn(np.random.default_rng(0), 50), rows[:50])


def test_labels_of_old_runs_are_drawn_each_by_itself():
    rows = LABELS.drawn(np.random.default_rng(0), 12_000)
    np.testing.assert_allclose(rows.mean(0), [0.5, 0.25], atol=0.02)
    assert rows.prod(1).mean() == pytest.approx(0.125, abs=0.02)
