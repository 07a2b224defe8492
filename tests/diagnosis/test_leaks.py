"""Leaks: copies on both sides are found, with what is told by them alone."""

import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score
from sklearn.neighbors import NearestNeighbors
from torch.nn.functional import one_hot

from wgan.data import no_progress, open_pack, open_source
from wgan.diagnosis.leaks import Neighbours, agreement, leaks, neighbours
from wgan.types.condition import Condition, Part

FOUR = Condition((Part("kind", "class", tuple("abcd"), (1, 1, 1, 1), 4),))


def normal(count, size=16, seed=0):
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seed))


def lots(count, seed=0):
    random = torch.Generator().manual_seed(seed)
    return one_hot(torch.randint(4, (count,), generator=random), 4).float()


def found_of(found, held_out, training):
    near, other = training[found.nearest], training[found.other]
    return leaks(agreement(found.copied, held_out, near, other, FOUR), FOUR)


def test_the_nearest_are_scikit_learns_in_however_many_parts():
    held_out, training = normal(50), normal(700, seed=1)
    expected = NearestNeighbors(n_neighbors=1).fit(training.numpy()).kneighbors(held_out.numpy())[1][:, 0]
    for parts in (1, 7):
        found = neighbours(held_out, training.chunk(parts))
        np.testing.assert_array_equal(found.nearest, expected)
        assert found.other.equal(found.nearest)
        assert not found.copied.any()


@pytest.mark.parametrize("times", [1, 5])
def test_copies_are_all_before_the_gap(times):
    """The first of the samples have copies; what follows these is the nearest of the others."""
    held_out, others = normal(60), normal(400, seed=1)
    copies = (held_out[:40].repeat(times, 1) + 0.02 * normal(40 * times, seed=2)).split(13)
    found = neighbours(held_out, [*copies, others])
    assert found.copied.tolist() == [True] * 40 + [False] * 20
    alone = neighbours(held_out, [others]).nearest
    ours = found.other >= 40 * times  # others, or another sample's copies
    assert ours.float().mean() > 0.5
    assert (found.other[ours] - 40 * times).equal(alone[ours])


def test_a_lot_that_copies_share_leaks_and_what_others_share_does_not():
    held_out, others = normal(100), normal(400, seed=1)
    drawn = lots(100)
    copies = held_out + 0.02 * normal(100, seed=2)
    found = neighbours(held_out, [copies, others])
    (leak,) = found_of(found, drawn, torch.cat([drawn, lots(400, seed=3)]))
    assert (leak.part, leak.nearest, leak.copied, leak.certain) == ("kind", 1, 1, True)
    assert abs(leak.other) < 4 * leak.noise

    def kinds(points):  # which others know as well
        return one_hot((points[:, 0] > 0).long() + 2 * (points[:, 1] > 0).long(), 4).float()

    near = normal(4000, seed=4)
    found = neighbours(held_out, [copies, near])
    (leak,) = found_of(found, kinds(held_out), kinds(torch.cat([copies, near])))
    assert (leak.copied, leak.certain, leak.owed > 0) == (1, False, True)


def test_agreement_is_kappa():
    held_out, training = lots(50), lots(80, seed=1)
    found = Neighbours(torch.arange(50), torch.arange(30, 80), torch.ones(50, dtype=torch.bool))
    (leak,) = found_of(found, held_out, training)
    classes, theirs = held_out.argmax(1), training.argmax(1)
    assert leak.nearest == pytest.approx(cohen_kappa_score(classes, theirs[:50]), abs=1e-6)
    assert leak.other == pytest.approx(cohen_kappa_score(classes, theirs[30:]), abs=1e-6)


def test_a_part_of_which_all_have_the_same_says_nothing():
    same = torch.tensor([[1.0, 0, 0, 0]]).expand(30, 4)
    found = Neighbours(torch.arange(30), torch.arange(30), torch.zeros(30, dtype=torch.bool))
    assert found_of(found, same, same) == ()


@pytest.mark.parametrize(("source", "column", "size"), [("digits", "label", None), ("toy:ring8", "mode", None)])
def test_data_without_copies_do_not_leak(source, column, size):
    pack = open_pack(open_source(source), size, None, no_progress).with_condition((column,))
    train, held_out = (np.random.default_rng(0).permutation(side)[:4000] for side in pack.split(0.1))
    found = neighbours(pack.samples_at(held_out[:300]).flatten(1), [pack.samples_at(train).flatten(1)])
    condition = pack.spec.condition
    own, near, other = (pack.conditions_at(side) for side in (held_out[:300], train[found.nearest], train[found.other]))
    (leak,) = leaks(agreement(found.copied, own, near, other, condition), condition)
    assert (leak.certain, leak.nearest > 0.9) == (False, True)
