"""Comparisons with held-out reals: floors from the data, and samples that are wrong in known ways."""

import numpy as np
import pytest
import torch

from wgan.data import no_progress, open_pack, open_source
from wgan.diagnosis import Comparer
from wgan.diagnosis.comparison import DRAWS, SPATIAL
from wgan.types import SampleSpec

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    pack = open_pack(open_source("digits"), None, None, no_progress)
    train, held_out = (np.random.default_rng(0).permutation(side) for side in pack.split(0.1))
    real, fresh = pack.samples_at(train[:1000]), pack.samples_at(train[1000:1180])
    comparer = Comparer(pack.samples_at(held_out), real, pack.spec, 180)
    return comparer, comparer.floors(np.random.default_rng(1)), fresh


def shares(measures):
    return {name: measure.value / measure.floor for name, measure in measures.items()}


def test_real_samples_are_at_the_floor(digits):
    comparer, floors, fresh = digits
    measures = comparer.compare(fresh, floors)
    assert set(measures) == set(SPATIAL)
    for name, (value, floor, noise, _) in measures.items():
        assert abs(value - floor) < 4 * noise, name


def test_floors_are_means_over_draws_of_training_reals(digits):
    comparer, floors, _ = digits
    random, drawn = np.random.default_rng(1), []
    for _ in range(DRAWS):
        places = torch.from_numpy(random.permutation(1000)[:180])
        drawn.append([measure.value for measure in comparer.compare(comparer.pool[places], floors).values()])
    np.testing.assert_allclose(floors["floor"], np.mean(drawn, axis=0), rtol=1e-6)
    np.testing.assert_allclose(floors["noise"], np.std(drawn, axis=0, ddof=1), rtol=1e-6)


def test_texture_is_seen(digits):
    """Blocks of real digits in another order, which thumbnails of averages would call alike."""
    comparer, floors, fresh = digits
    blocks = torch.nn.functional.unfold(fresh, 2, stride=2)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
    shuffled = torch.nn.functional.fold(blocks[:, :, order], (8, 8), 2, stride=2)
    found = shares(comparer.compare(shuffled, floors))
    assert found["energy"] > 5
    assert max(found["precision"], found["recall"], found["coverage"]) < 0.1


def test_variety_and_quality_are_told_apart(digits):
    comparer, floors, fresh = digits
    few = shares(comparer.compare(fresh[:12].repeat(15, 1, 1, 1), floors))
    assert (few["precision"] > 0.8, few["recall"] < 0.3) == (True, True)
    noise = shares(comparer.compare((fresh + torch.randn(fresh.shape)).clamp(-1, 1), floors))
    assert (noise["precision"] < 0.3, noise["energy"] > 3) == (True, True)


def test_columns_of_points_count_alike_whatever_their_units():
    points = torch.from_numpy(RANDOM.standard_normal((900, 3)).astype("float32"))
    wrong = points[600:].clone()
    wrong[:, 2] *= 3
    found = []
    for units in (torch.ones(3), torch.tensor([1.0, 1000.0, 1e-4])):
        comparer = Comparer(points[:300] * units, points[300:600] * units, SampleSpec.points(3), 150)
        floors = comparer.floors(np.random.default_rng(0))
        found.append(shares(comparer.compare(wrong[:150] * units, floors)))
    assert found[0] == pytest.approx(found[1], rel=0.02)
    assert found[0]["energy"] > 2
    assert "coarse_energy" not in found[0]


def test_data_that_are_all_alike_have_no_metrics_to_show():
    same = torch.zeros(60, 2)
    comparer = Comparer(same[:20], same[20:], SampleSpec.points(2), 20)
    measures = comparer.compare(same[:20], comparer.floors(np.random.default_rng(0)))
    assert "energy" not in measures


def test_classes_that_are_missing_are_their_share_of_the_data():
    pack = open_pack(open_source("digits"), None, None, no_progress)
    train, held_out = (np.random.default_rng(0).permutation(side) for side in pack.split(0.2))
    comparer = Comparer(
        pack.samples_at(held_out), pack.samples_at(train), pack.spec, 300, tuple(pack.labels[held_out].tolist())
    )
    floors = comparer.floors(np.random.default_rng(1))
    few = train[pack.labels[train] < 7]
    found = comparer.compare(pack.samples_at(few[:300]), floors)["classes"]
    missing = float((pack.labels[held_out] >= 7).mean())
    assert found.value == pytest.approx(missing, abs=found.floor)
    assert found.value > 3 * found.floor
    assert comparer.compare(pack.samples_at(train[:300]), floors)["classes"].value < 2 * found.floor


def test_columns_that_do_not_vary_or_hold_few_values_can_be_near():
    random = np.random.default_rng(0)
    table = random.standard_normal((2000, 4))
    table[:, 1], table[:, 2] = 3.0, random.integers(0, 2, 2000)
    real = torch.tensor(table, dtype=torch.float32)
    comparer = Comparer(real[:512], real[512:1536], SampleSpec.points(4), 400)
    close = real[1536:1936] + 0.01 * torch.randn(400, 4, generator=torch.Generator().manual_seed(0))
    found = shares(comparer.compare(close, comparer.floors(np.random.default_rng(1))))
    assert min(found[name] for name in ("precision", "recall", "coverage")) > 0.9
    assert max(found[name] for name in ("frechet", "energy", "columns", "correlations")) < 3


def test_columns_and_correlations_of_a_table_are_told_apart():
    random = np.random.default_rng(0)
    mixing = random.standard_normal((6, 6))
    real = torch.tensor(random.standard_normal((2000, 6)) @ mixing, dtype=torch.float32)
    comparer = Comparer(real[:512], real[512:1536], SampleSpec.points(6), 400)
    floors = comparer.floors(np.random.default_rng(1))
    shuffled = torch.stack([column[torch.randperm(400)] for column in real[1536:1936].T], dim=1)
    found = shares(comparer.compare(shuffled, floors))
    assert (found["columns"] < 2, found["correlations"] > 3) == (True, True)
    moved = shares(comparer.compare(real[1536:1936] + torch.tensor([5.0, 0, 0, 0, 0, 0]), floors))
    assert (moved["columns"] > 3, moved["correlations"] < 2) == (True, True)


@pytest.mark.parametrize("shape", [(1, 64), (1, 16, 16, 16)])
def test_signals_and_volumes_have_the_metrics_of_pictures(shape):
    """Waves of random phases: others are at the floor, and parts in another order are not like them."""
    random = torch.Generator().manual_seed(0)
    places = sum(torch.meshgrid(*[torch.arange(side) for side in shape[1:]], indexing="ij"))
    waves = torch.sin(0.5 * places + 6.28 * torch.rand(600, *[1] * len(shape), generator=random))
    comparer = Comparer(waves[:150], waves[150:450], SampleSpec.of(shape), 150)
    floors = comparer.floors(np.random.default_rng(0))
    same = comparer.compare(waves[450:], floors)
    assert set(same) == set(SPATIAL)
    for name, (value, floor, noise, _) in same.items():
        assert abs(value - floor) < 6 * noise, name
    parts = torch.cat(waves[450:].split(4, dim=-1)[::-1], dim=-1)
    found = shares(comparer.compare(parts, floors))
    assert (found["energy"] > 3, found["precision"] < 0.1) == (True, True)
