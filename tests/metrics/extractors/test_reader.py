"""The reader of conditions: as good as it can be where that is known, repeatable, and fair to what is rare."""

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.metrics import balanced_accuracy_score, mean_absolute_error

from wgan.data import no_progress, open_pack, open_source
from wgan.metrics.extractors.classifier import train_classifier
from wgan.metrics.extractors.reader import Reader, reader_of, train_reader
from wgan.types import SampleSpec
from wgan.types.condition import Condition, Part

POINTS = SampleSpec.points(2)


def trained(condition, points, rows, progress=no_progress):
    points, rows = torch.from_numpy(points.astype(np.float32)), rows.astype(np.float32)
    places = np.arange(len(points))
    train, held_out = places[: len(places) * 4 // 5], places[len(places) * 4 // 5 :]
    reader = train_reader(POINTS, condition, lambda at: points[at], rows, train, held_out, progress)
    return reader, points, rows, train, held_out


def number(name, spread=1.0, centre=0.0):
    return Part(name, "number", samples=100, centre=centre, spread=spread, quantiles=(-1.0, 0.0, 1.0))


def test_a_linear_number_is_read_as_well_as_least_squares_can():
    """y = x0 - 2 x1 + noise of deviation s: no reader is less than s √(2/π) off on average."""
    random = np.random.default_rng(0)
    points = random.standard_normal((4000, 2))
    noise = 0.3
    rows = (points @ [1.0, -2.0] + noise * random.standard_normal(4000))[:, None]
    condition = Condition((number("energy", spread=7.0),))
    reader, _, rows, train, held_out = trained(condition, points, rows)
    least = LinearRegression().fit(points[train], rows[train])
    best = mean_absolute_error(rows[held_out], least.predict(points[held_out]))
    floor = noise * math.sqrt(2 / math.pi)
    assert best == pytest.approx(floor, rel=0.1)
    assert 0.95 * best < float(reader.quality[0]) / 7.0 < 1.1 * best
    assert int(reader.judged_on) == len(held_out) == 800


def test_several_parts_are_read_at_once_and_a_rare_label_too():
    """A class by the sign of x0, two labels of which one is at 2%, and a number; labels by a second count."""
    random = np.random.default_rng(1)
    points = random.standard_normal((6000, 2))
    rare = points[:, 1] + 0.5 * random.standard_normal(6000) > 2.3
    rows = np.column_stack([points[:, 0] > 0, points[:, 1] > 0, rare, points.sum(1)])
    tags = Part("tags", "labels", ("up", "rare"), tuple(int(n) for n in rows[:, 1:3].sum(0)), 6000)
    side = Part("side", "class", ("left", "right"), (3000, 3000), 6000)
    condition = Condition((side, tags, number("sum")))
    reader, points, rows, _, held_out = trained(condition, points, rows)
    read = reader.read(points[held_out]).numpy()
    by_class = balanced_accuracy_score(rows[held_out, 0], read[:, 0])
    by_label = [balanced_accuracy_score(rows[held_out, at], read[:, at]) for at in (1, 2)]
    assert rare.mean() < 0.03
    assert by_class > 0.97
    assert min(by_label) > 0.85, "at a threshold of one half the rare one is hardly ever read"
    error = np.abs(rows[held_out, 3] - read[:, 3]).mean()
    assert error < 0.1
    assert reader.quality.tolist() == pytest.approx([by_class, np.mean(by_label), error], rel=1e-4)


def test_a_reader_of_labels_is_their_classifier():
    pack = open_pack(open_source("digits")).with_condition(["label"])
    samples, labels, (train, held_out) = pack.samples_at(np.arange(len(pack))), pack.labels, pack.split(0.1)
    spec, condition = SampleSpec.picture(1, 8, 8), pack.spec.condition
    state = torch.get_rng_state()

    def data(places):
        return samples[places]

    classifier = train_classifier(spec, 10, data, labels, train, held_out, no_progress)
    reader = train_reader(spec, condition, data, pack.condition_rows, train, held_out, no_progress)
    same = reader_of(classifier, spec, condition)
    same.judge(data, pack.condition_rows, held_out)
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in reader.state_dict().items():
        assert torch.equal(same.state_dict()[name], value), name
    read = reader.read(samples[held_out])[:, 0].numpy()
    assert float(reader.quality[0]) == pytest.approx(balanced_accuracy_score(labels[held_out], read))
    assert float(reader.quality[0]) > 0.97


def test_a_class_without_samples_is_never_read():
    condition = Condition((Part("kind", "class", ("a", "none", "c"), (900, 0, 1), 901),))
    reader = Reader(POINTS, condition)
    assert set(reader.read(torch.randn(500, 2))[:, 0].tolist()) <= {0.0, 2.0}
