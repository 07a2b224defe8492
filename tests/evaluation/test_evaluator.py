"""Evaluators: what is compared with what, the cache and intervals, on digits and toy data."""

import json

import numpy as np
import pytest
import torch

from wgan.data import Arrays, no_progress, open_pack, open_source
from wgan.data.cache import cache_subfolder
from wgan.errors import InputError, TrainingError
from wgan.evaluation import Evaluator
from wgan.evaluation.data_info import data_info_of
from wgan.metrics import METRICS, AllRows, Moments, usual_metrics
from wgan.metrics.extractors.random_network import RandomNetwork

MODES = ("modes", "high_quality", "reverse_kl")
FAST = ("frechet", "precision", "diversity", "sliced_wasserstein")


@pytest.fixture(scope="module")
def digits():
    return open_pack(open_source("digits"))


def training_reals(pack, count):
    train, _ = pack.split(0.1)
    return pack.samples_at(np.random.default_rng(5).permutation(train)[:count])


def test_the_reference_is_held_out_and_floors_are_training_reals(digits):
    """Computed a second time, by hand."""
    evaluator = Evaluator(digits, 0.1, ["frechet", "precision"], 100, seed=3)
    train, held_out = digits.split(0.1)
    features = evaluator._extractors["features"]
    assert isinstance(features, RandomNetwork)
    train_sets = evaluator._train
    assert len(train_sets) == 8
    assert len(set(np.concatenate(train_sets))) == 800, "no sample is in two sets"
    assert set(np.concatenate(train_sets)) <= set(train)
    assert len(set(evaluator._held_out)) == 100
    assert set(evaluator._held_out) <= set(held_out)
    values = []
    for places in train_sets:
        pair = [Moments(128), Moments(128)], [AllRows(), AllRows()]
        for side, which in enumerate((evaluator._held_out, places)):
            seen = features(digits.samples_at(which))
            for kind in pair:
                kind[side].add(seen)
        values.append([METRICS[name].compare(*both) for name, both in zip(evaluator.metrics, pair, strict=True)])
    assert list(evaluator.floors.values()) == pytest.approx(np.mean(values, axis=0), rel=1e-6)
    assert set(Evaluator(digits, 0.1, ["frechet"], 100, seed=4)._held_out) != set(evaluator._held_out)


def test_real_samples_get_the_floor_and_noise_does_not(digits):
    evaluator = Evaluator(digits, 0.1, FAST)
    assert evaluator.n == 180
    real = evaluator.evaluate(training_reals(digits, 180).split(50), 180, intervals=True)
    noise = evaluator.evaluate([torch.rand(180, 1, 8, 8) * 2 - 1], 180)
    for name, result in real.metrics.items():
        assert result.floor == evaluator.floors[name]
        spread = max(result.high - result.value, abs(0.1 * result.value))
        assert result.floor == pytest.approx(result.value, abs=2 * spread), name
        worse = noise.metrics[name].value - result.value
        assert abs(worse) > 5 * abs(result.value - result.floor), name
    assert real.values["frechet"] < noise.values["frechet"]
    assert real.values["precision"] > noise.values["precision"]
    assert noise.metrics["frechet"].low is None
    assert any("only 180 held-out reals" in note for note in real.notes)


def test_the_cached_real_side_is_the_fresh_one(digits):
    names = [*FAST, "class_balance", "classifier_frechet"]
    for path in cache_subfolder("statistics").glob("*.npz"):
        path.unlink()
    fakes = [torch.rand(60, 1, 8, 8) * 2 - 1]
    fresh = Evaluator(digits, 0.1, names, 90, seed=8)
    kept = sorted(cache_subfolder("statistics").glob("*.npz"))
    assert kept
    times = [path.stat().st_mtime_ns for path in kept]
    cached = Evaluator(digits, 0.1, names, 90, seed=8)
    assert [path.stat().st_mtime_ns for path in kept] == times, "nothing was computed again"
    assert cached.floors == fresh.floors
    assert cached.evaluate(fakes, 60).values == fresh.evaluate(fakes, 60).values
    kept[0].write_bytes(kept[0].read_bytes()[:50])
    assert Evaluator(digits, 0.1, names, 90, seed=8).floors == fresh.floors, "a damaged file is replaced"
    with np.load(kept[0], allow_pickle=False) as content:
        assert content.files


def test_batches_of_fakes_do_not_matter(digits):
    evaluator, fakes = Evaluator(digits, 0.1, FAST, 64), torch.rand(64, 1, 8, 8) * 2 - 1
    whole = evaluator.evaluate([fakes], 64, intervals=True)
    parts = evaluator.evaluate(fakes.split(9), 64, intervals=True)
    for name, result in whole.metrics.items():
        assert parts.metrics[name][:4] == pytest.approx(result[:4], rel=1e-4), name


def test_an_evaluator_calls_a_generator_and_leaves_torchs_generators_alone(digits):
    evaluator, z = Evaluator(digits, 0.1, ["frechet"], 50), torch.randn(50, 64)
    state = torch.get_rng_state()
    called = evaluator(lambda z: torch.tanh(z).reshape(-1, 1, 8, 8), z, step=7)
    assert torch.equal(torch.get_rng_state(), state)
    assert called.step == 7
    assert called.values == evaluator.evaluate([torch.tanh(z).reshape(-1, 1, 8, 8)], 50).values


def test_intervals_hold_what_other_draws_of_fakes_give(digits):
    """Of 40 draws, the spread is what the interval of each says, on average: between 0.7 and 1.4 times."""
    evaluator, random = Evaluator(digits, 0.1, ["frechet", "precision"], 100), np.random.default_rng(0)
    pixels = digits.samples_at(digits.split(0.1)[0])
    draws = []
    for _ in range(40):
        chosen = pixels[torch.from_numpy(random.integers(len(pixels), size=100))]
        mixed = 0.7 * chosen + 0.3 * chosen.roll(1, 0)
        draws.append(evaluator.evaluate([mixed], 100, intervals=True))
    for name in evaluator.metrics:
        seen = np.std([draw.values[name] for draw in draws], ddof=1)
        told = np.mean([(draw.metrics[name].high - draw.metrics[name].low) / (2 * 1.96) for draw in draws])
        assert 0.7 < told / seen < 1.4, name


def test_fakes_that_are_not_finite_are_told(digits):
    evaluator = Evaluator(digits, 0.1, ["frechet"], 50)
    with pytest.raises(TrainingError, match="not finite"):
        evaluator.evaluate([torch.full((50, 1, 8, 8), torch.nan)], 50)


def test_a_mixtures_protocol_is_pacgans():
    pack = open_pack(open_source("toy:ring8"))
    assert {"w1", "sliced_wasserstein", "coverage", *MODES} <= set(usual_metrics(data_info_of(pack, 0.1, no_progress)))
    evaluator = Evaluator(pack, 0.1, MODES)
    assert evaluator.n == 2500
    assert evaluator.floors["modes"] == 8
    # within three deviations in the plane: 1 - exp(-9 / 2)
    assert evaluator.floors["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.006)
    assert evaluator.floors["reverse_kl"] == pytest.approx(7 / 5000, abs=0.002)


def test_labelled_points_have_classes_too(tmp_path):
    random = np.random.default_rng(0)
    labels = random.integers(3, size=900)
    points = np.asarray(random.standard_normal((900, 2)) + 8 * labels[:, None], np.float32)
    pack = open_pack(Arrays(points, labels, name="blobs"))
    evaluator = Evaluator(pack, 0.1, ["class_balance", "class_coverage"], 90)
    assert evaluator.floors["class_coverage"] == 1
    one = torch.from_numpy(points[labels == 1][:90])
    values = evaluator.evaluate([one], len(one)).values
    assert values["class_coverage"] == pytest.approx(1 / 3)
    assert values["class_balance"] == pytest.approx(2 / 3, abs=0.12)


def test_what_cannot_be_evaluated_is_refused(digits):
    with pytest.raises(InputError, match=r"Unknown metric 'frechett'\. Did you mean frechet"):
        Evaluator(digits, 0.1, ["frechett"])
    with pytest.raises(InputError, match="Nothing of digits is held out"):
        Evaluator(digits, 0.0)


def test_few_samples_have_no_intervals_and_only_the_metrics_that_are_defined(digits):
    evaluator = Evaluator(digits, 0.1, n=3)
    told = evaluator.evaluate([training_reals(digits, 3)], 3, intervals=True)
    assert {"mmd", "diversity", "frechet"} <= set(told.metrics)
    assert not {"precision", "recall", "density", "coverage"} & set(told.metrics)
    assert any("precision (needs 4), recall (needs 4), density (needs 6)" in note for note in told.notes)
    assert any("no intervals: they need at least 20 fakes" in note for note in told.notes)
    assert all((result.low, result.high) == (None, None) for result in told.metrics.values())
    enough = Evaluator(digits, 0.1, ["mmd", "density"], 20).evaluate([training_reals(digits, 20)], 20, intervals=True)
    assert all(result.low < result.high for result in enough.metrics.values())
    assert not any("no intervals" in note for note in enough.notes)


@pytest.mark.parametrize(("metrics", "n", "told"), [(["recall"], 3, r"recall \(needs 4\)"), (None, 0, "0 is too few")])
def test_samples_that_are_too_few_for_what_was_asked_are_refused(digits, metrics, n, told):
    with pytest.raises(InputError, match=told):
        Evaluator(digits, 0.1, metrics, n)
    with pytest.raises(InputError, match=r"1 fakes are too few for mmd \(needs 2\)"):
        Evaluator(digits, 0.1, ["mmd"]).evaluate([training_reals(digits, 1)], 1)


def test_intervals_end_where_the_metric_does(digits):
    """Copies of the held-out reals: recall is all but one, and so is its spread; what has no bound keeps its own."""
    evaluator = Evaluator(digits, 0.1, ["recall", "coverage", "mmd", "frechet"], 60, seed=2)
    copies = digits.samples_at(evaluator._held_out)
    told = evaluator.evaluate([copies], 60, intervals=True).metrics
    for name in ("recall", "coverage"):
        assert 0 <= told[name].low < told[name].value <= told[name].high == 1
    assert told["frechet"].low == 0
    assert told["mmd"].low < 0, "an unbiased estimate has no bound"


def test_what_is_not_finite_is_null_in_json_and_said():
    """Held-out reals that are all one point have no spread to compare with."""
    pack = open_pack(Arrays(np.repeat(np.eye(2, dtype=np.float32), 30, axis=0), None, name="two-points"))
    told = Evaluator(pack, 0.5, ["diversity", "w1"], 30).evaluate([torch.randn(30, 2)], 30, intervals=True)
    assert told.to_dict()["metrics"]["diversity"]["value"] is None
    assert told.to_dict()["metrics"]["diversity"]["floor"] is None
    assert (told.metrics["diversity"].low, told.metrics["diversity"].high) == (None, None)
    assert told.to_dict()["metrics"]["w1"]["value"] == told.values["w1"] > 0
    assert any("not a finite number" in note and note.endswith(": diversity") for note in told.notes)
    json.loads(json.dumps(told.to_dict(), allow_nan=False))
