"""Metrics of what was asked for, on answers and groups that are made up."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.spatial.distance import pdist
from sklearn.metrics import balanced_accuracy_score, mean_absolute_error, recall_score

from wgan.metrics import METRICS, Answers, Differences, Groups
from wgan.metrics.extractors.asked import group_names, members
from wgan.metrics.extractors.reader import answers_of, differences_of
from wgan.types.condition import Condition, Part

KIND = Part("kind", "class", ("a", "b", "c"), (50, 30, 20), 100)
TAGS = Part("tags", "labels", ("wet", "old"), (40, 5), 100)
HEAT = Part("heat", "number", samples=100, centre=20.0, spread=4.0, quantiles=tuple(np.linspace(10, 30, 81)))


def rows(count, seed):
    """Of all three: a class, two labels of which one is rare, and a number."""
    random = np.random.default_rng(seed)
    kinds = random.choice(3, count, p=[0.5, 0.3, 0.2])
    tags = random.random((count, 2)) < [0.4, 0.05]
    return torch.from_numpy(np.column_stack([kinds, tags, random.standard_normal(count)]).astype(np.float32))


def held(kind, values, size=0, batch=64):
    made = kind(size)
    for part in values.split(batch):
        made.add(part)
    return made


def test_accuracy_is_sklearns_balanced_accuracy_of_each_part():
    condition, asked, other = Condition((KIND, TAGS, HEAT)), rows(500, 0), rows(500, 1)
    read = torch.where(torch.rand(500, 1, generator=torch.Generator().manual_seed(0)) < 0.7, asked, other)
    answers = held(Answers, answers_of(condition, asked, read))
    truth, seen = asked.numpy(), read.numpy()
    by_class = recall_score(truth[:, 0], seen[:, 0], average="macro")
    by_label = np.mean([balanced_accuracy_score(truth[:, i], seen[:, i]) for i in (1, 2)])
    assert list(answers.right) == pytest.approx([by_class, by_label])
    assert METRICS["condition_accuracy"].compare(answers, answers) == pytest.approx((by_class + by_label) / 2)
    differences = held(Differences, differences_of(condition, asked, read), 1)
    error = mean_absolute_error(truth[:, 3], seen[:, 3])
    assert METRICS["condition_error"].compare(differences, differences) == pytest.approx(error, rel=1e-6)


@pytest.mark.parametrize(("parts", "chance"), [((KIND,), 1 / 3), ((TAGS,), 1 / 2), ((KIND, TAGS), 5 / 12)])
def test_a_generator_that_does_not_listen_has_chance_however_rare_the_classes(parts, chance):
    """Over all ways to shuffle, the mean is exact; one shuffle of 200,000 is near it, and so is a constant answer."""
    condition, at = Condition(parts), {"kind": slice(0, 1), "tags": slice(1, 3)}
    asked = torch.cat([rows(200_000, 2)[:, at[part.name]] for part in parts], dim=1)
    shuffled = asked[torch.randperm(len(asked), generator=torch.Generator().manual_seed(0))]
    for read, tolerance in ((shuffled, 0.01), (asked[:1].expand_as(asked), 1e-9)):
        answers = held(Answers, answers_of(condition, asked, read))
        assert METRICS["condition_accuracy"].compare(answers, answers) == pytest.approx(chance, abs=tolerance)


def test_the_groups_are_classes_labels_and_fifths():
    condition, asked = Condition((KIND, TAGS, HEAT)), rows(400, 3)
    names, inside = group_names(condition), members(condition, asked)
    assert names == [
        *("kind=a", "kind=b", "kind=c", "tags=wet", "tags=old"),
        *("heat=10..14", "heat=14..18", "heat=18..22", "heat=22..26", "heat=26..30"),
    ]
    assert torch.equal(inside[:, :3].float().argmax(1).float(), asked[:, 0])
    assert torch.equal(inside[:, 3:5], asked[:, 1:3] > 0)
    heat = asked[:, 3].numpy() * 4.0 + 20.0
    assert torch.equal(inside[:, 5:].int().argmax(1), torch.from_numpy(np.digitize(heat, [14, 18, 22, 26], right=True)))
    assert (inside[:, :3].sum(1) == 1).all()
    assert (inside[:, 5:].sum(1) == 1).all()


def grouped(features, groups, size):
    inside = torch.nn.functional.one_hot(torch.as_tensor(groups), size).double()
    return held(Groups, torch.cat([inside, torch.as_tensor(features)], dim=1), size)


def test_class_metrics_are_the_mean_of_a_second_implementation_in_each_class():
    random = np.random.default_rng(0)
    groups = random.choice(4, 300, p=[0.4, 0.3, 0.28, 0.02])  # of the last there are too few
    reals = random.standard_normal((300, 3)) + groups[:, None]
    fakes = random.standard_normal((300, 3)) * [1, 0.5, 2] + 1.3 * groups[:, None]
    distances, ratios = [], []
    for group in range(3):
        x, y = reals[groups == group], fakes[groups == group]
        a, b = np.cov(x.T), np.cov(y.T)
        distances.append(np.square(x.mean(0) - y.mean(0)).sum() + np.trace(a + b - 2 * sqrtm(a @ b).real))
        ratios.append(pdist(y).mean() / pdist(x).mean())
    pair = grouped(reals, groups, 4), grouped(fakes, groups, 4)
    assert (groups == 3).sum() < 10
    for name, expected in (("class_frechet", distances), ("class_diversity", ratios)):
        each = METRICS[name].each(*pair)
        assert each[:3] == pytest.approx(expected, rel=1e-6)
        assert math.isnan(each[3])
        assert METRICS[name].compare(*pair) == pytest.approx(np.mean(expected), rel=1e-6)


def test_the_distance_within_gaussian_classes_is_the_closed_form():
    """|shift|² + D (s - 1)² in each class. Over all classes together, swapped ones are no farther than equal ones."""
    random, count, size = np.random.default_rng(1), 20_000, 2
    groups = np.arange(count) % 2
    centres = np.array([[-3.0, 0.0], [3.0, 0.0]])
    reals = random.standard_normal((count, size)) + centres[groups]
    wide = np.where(groups[:, None] == 0, 1.0, 1.5)
    fakes = wide * random.standard_normal((count, size)) + centres[groups] + [0.0, 0.8]
    pair = grouped(reals, groups, 2), grouped(fakes, groups, 2)
    assert METRICS["class_frechet"].each(*pair) == pytest.approx([0.64, 0.64 + 2 * 0.25], abs=0.05)
    swapped = grouped(reals, 1 - groups, 2)
    assert METRICS["class_frechet"].compare(pair[0], swapped) == pytest.approx(36, rel=0.02)
    assert METRICS["class_diversity"].compare(pair[0], swapped) == pytest.approx(1, abs=0.02)


def test_a_class_whose_fakes_are_alike_has_no_diversity_and_halves_the_mean():
    random = np.random.default_rng(2)
    groups = np.arange(200) % 2
    reals = random.standard_normal((200, 3))
    fakes = np.where(groups[:, None] == 0, 0.5, reals)
    each = METRICS["class_diversity"].each(grouped(reals, groups, 2), grouped(fakes, groups, 2))
    assert each == pytest.approx([0, 1])
    same = grouped(np.where(groups[:, None] == 0, 0.5, reals), groups, 2)
    assert METRICS["class_diversity"].compare(same, same) == pytest.approx(1), "reals that are alike are left out"


@pytest.mark.parametrize("name", ["condition_accuracy", "condition_error", "class_frechet", "class_diversity"])
def test_batches_merged_parts_and_files_are_the_whole(name):
    metric, condition, asked = METRICS[name], Condition((KIND, TAGS, HEAT)), rows(120, 4)
    read = rows(120, 5)
    features = torch.randn(120, 4, generator=torch.Generator().manual_seed(0))
    seen = {
        Answers: lambda: answers_of(condition, asked, read),
        Differences: lambda: differences_of(condition, asked, read),
        Groups: lambda: torch.cat([members(condition, asked).float(), features], dim=1),
    }[metric.summary]()
    size = len(group_names(condition)) if metric.summary is Groups else 1
    whole = held(metric.summary, seen, size, batch=120)
    other = held(metric.summary, seen.flip(-1) if metric.summary is Differences else seen, size)
    value = metric.compare(other, whole)
    for made in (
        held(metric.summary, seen, size, batch=7),
        metric.summary.merged([held(metric.summary, seen[:50], size), held(metric.summary, seen[50:], size)]),
        metric.summary.from_arrays({key: np.array(array) for key, array in whole.arrays().items()}),
    ):
        assert made.count == 120
        assert metric.compare(other, made) == pytest.approx(value, rel=1e-9)
