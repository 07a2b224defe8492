"""Comparisons of conditional runs: kappa against scikit-learn, varieties by hand, and digits by their class."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score
from torch.nn.functional import one_hot

from wgan.data import no_progress, open_pack, open_source
from wgan.diagnosis import Comparer
from wgan.diagnosis.asked import Answered, Asked, Narrowest, answers, kappa
from wgan.types.condition import Condition, Part

LETTERS = Part("letter", "class", ("a", "b", "c"), (4, 4, 4), 12)
HEAT = Part("heat", "number", centre=10.0, spread=2.0, quantiles=tuple(float(n) for n in range(11)))


@pytest.mark.parametrize("seed", [0, 1])
def test_kappa_is_scikit_learns(seed):
    random = np.random.default_rng(seed)
    one = random.integers(0, 3, 60)
    other = np.where(random.random(60) < 0.5, one, random.integers(0, 3, 60))
    vectors = (one_hot(torch.from_numpy(of), 3).float() for of in (one, other))
    assert kappa(*vectors) == pytest.approx(cohen_kappa_score(one, other), abs=1e-6)
    numbers = (torch.from_numpy(of).float()[:, None] for of in (one, other))
    assert kappa(*numbers) == pytest.approx(cohen_kappa_score(one, other, weights="linear"), abs=1e-6)


def test_kappa_of_what_is_always_the_same_is_unknown():
    assert math.isnan(kappa(torch.ones(5, 1), torch.ones(5, 1)))


def answered(places, letters):
    points = torch.tensor(places, dtype=torch.float64)[:, None]
    return Answered(points, one_hot(torch.tensor(letters), 3).float())


def test_a_sample_shows_what_its_nearest_real_sample_is():
    real = answered([0.0, 1.0, 2.0], [0, 1, 2])
    right = answered([0.1, 1.1, 2.2], [0, 1, 2])
    assert Asked(LETTERS, 0).compare(real, right) == pytest.approx(1)
    turned = answered([1.1, 2.2, 0.1], [0, 1, 2])
    assert Asked(LETTERS, 0).compare(real, turned) == pytest.approx(-0.5)  # never right, where a third would be chance


def test_the_least_variety_is_that_of_the_class_whose_samples_are_alike():
    """Real samples of a class are 10 apart; fakes 5, and of the second class 1."""
    six = [0.0, 10.0] * 3
    letters = [0] * 6 + [1] * 6
    real = answered([*six, *(100 + place for place in six)], letters)
    fake = answered([*(place / 2 for place in six), *(100 + place / 10 for place in six)], letters)
    metric = Narrowest(LETTERS, 0)
    assert metric.varieties(real, fake) == pytest.approx({"a": 0.5, "b": 0.1})
    assert metric.compare(real, fake) == pytest.approx(0.1)
    few = Answered(fake.points[:5], fake.conditions[:5])
    assert metric.varieties(real, few) == {}, "five are too few"
    assert math.isnan(metric.compare(real, few))


def test_a_class_of_next_to_no_width_may_be_as_narrow_as_it_likes():
    six = [0.0, 1.0] * 3
    letters = [0] * 6 + [1] * 6
    real = answered([*six, *(100 + 100 * place for place in six)], letters)
    fake = answered([0.0] * 6 + [100.0, 200.0] * 3, letters)
    assert Narrowest(LETTERS, 0).varieties(real, fake) == pytest.approx({"b": 1.0})


def test_each_part_has_its_own_metrics_and_looks_at_its_own_numbers():
    found = answers(Condition((LETTERS, HEAT)))
    assert {name: metric.first for name, metric in found.items()} == {
        "asked letter": 0,
        "narrowest letter": 0,
        "asked heat": 3,
        "narrowest heat": 3,
    }
    assert answers(None) == {}


@pytest.fixture(scope="module")
def digits():
    pack = open_pack(open_source("digits"), None, None, no_progress).with_condition(("label",))
    train, held_out = (np.random.default_rng(0).permutation(side) for side in pack.split(0.1))
    comparer = Comparer(
        pack.samples_at(held_out),
        pack.samples_at(train[:1000]),
        pack.spec,
        len(held_out),
        conditions=pack.conditions_at(held_out),
        pool_conditions=pack.conditions_at(train[:1000]),
    )
    return comparer, comparer.floors(np.random.default_rng(1)), pack, train[1000:], held_out


def like(pack, places, held_out):
    """Training samples of the classes of the held-out ones, in their order."""
    by_class = {label: list(places[pack.labels[places] == label]) for label in range(10)}
    return np.array(
        [by_class[label][place % len(by_class[label])] for place, label in enumerate(pack.labels[held_out])]
    )


def test_digits_show_their_class_and_exchanged_ones_do_not(digits):
    comparer, floors, pack, fresh, held_out = digits
    right = pack.samples_at(like(pack, fresh, held_out))
    found = comparer.compare(right, floors)
    assert set(found) == {*comparer.metrics, "asked label", "narrowest label"}
    value, floor, noise, better = found["asked label"]
    assert (floor > 0.85, value > floor - 4 * noise, better) == (True, True, "higher")
    order = torch.randperm(len(right), generator=torch.Generator().manual_seed(0))
    exchanged = comparer.compare(right[order], floors)
    assert abs(exchanged["asked label"].value) < 0.1
    assert exchanged["frechet"].value == pytest.approx(found["frechet"].value), "they are as good as before"


def test_one_class_of_ten_that_is_alike_is_seen_and_named(digits):
    comparer, floors, pack, fresh, held_out = digits
    places = like(pack, fresh, held_out)
    right = pack.samples_at(places)
    assert comparer.compare(right, floors)["narrowest label"].value > 0.6
    assert comparer.alike(right, 0.3) == {}
    places[pack.labels[held_out] == 4] = places[np.argmax(pack.labels[held_out] == 4)]
    alike = pack.samples_at(places)
    found = comparer.compare(alike, floors)
    assert found["narrowest label"].value < 0.01
    assert found["recall"].value > 0.7, "and all samples together hide it"
    assert comparer.alike(alike, 0.3) == {"label": ["4"]}


def test_exchanged_labels_have_floors_at_chance(digits):
    comparer, _, pack, _, _ = digits
    random = torch.Generator().manual_seed(0)
    order, other = (torch.randperm(len(of), generator=random) for of in (comparer.conditions, comparer.pool_conditions))
    wrong = Comparer(
        comparer.reference,
        comparer.pool,
        pack.spec,
        comparer.count,
        conditions=comparer.conditions[order],
        pool_conditions=comparer.pool_conditions[other],
    )
    floors = wrong.floors(np.random.default_rng(1))
    place = [*wrong.metrics, *wrong.answers].index("asked label")
    assert abs(floors["floor"][place]) < 3 * floors["noise"][place]
