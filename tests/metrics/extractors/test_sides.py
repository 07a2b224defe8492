"""Extractors of signals and volumes: pinned features, SciPy's filters, classes that are told apart."""

import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy import ndimage

from helpers import held
from wgan.data import no_progress
from wgan.errors import InputError
from wgan.metrics import EXTRACTORS, METRICS, DataInfo, usual_metrics
from wgan.metrics.extractors.classifier import Classifier, train_classifier
from wgan.metrics.extractors.patches import PATCHES, SIDES, Patches, level_sides, pyramid
from wgan.metrics.extractors.random_network import RandomNetwork
from wgan.types import SampleSpec

SHAPES = [(1, 32), (2, 100), (3, 5), (1, 5000), (1, 8, 8, 8), (2, 12, 9, 17), (1, 2, 3, 40), (1, 36, 33, 34)]


def waves(count, *shape):
    """Samples that are the same everywhere: sums of waves along each side."""
    channels, *size = shape
    phases = torch.arange(count * channels, dtype=torch.float64).reshape(count, channels, *[1] * len(size))
    total = phases
    for axis, side in enumerate(reversed(size)):
        places = torch.linspace(0, 3, side, dtype=torch.float64).reshape(-1, *[1] * axis)
        total = total + places * (1 + phases % (3 + axis)) + places**2
    return torch.sin(total).float()


def subject(shape, **known):
    spec = SampleSpec.of(shape)
    return DataInfo(spec, lambda: waves(20, *shape), **known)


@pytest.mark.parametrize("shape", SHAPES)
def test_random_features_are_normalised_and_do_not_depend_on_the_batch(shape):
    samples = waves(11, *shape)
    network = EXTRACTORS["features"](DataInfo(SampleSpec.of(shape), lambda: samples))
    features = network(samples)
    assert features.shape == (11, 128)
    torch.testing.assert_close(features.mean(0), torch.zeros(128), atol=1e-3, rtol=0)
    assert features.var(0, correction=0).mean() == pytest.approx(1, rel=1e-3)
    parts = torch.cat([network(part) for part in samples.split(4)])
    torch.testing.assert_close(parts, features, atol=1e-4, rtol=1e-4)
    assert network.key == f"random network v1 {shape}"


PINNED = {(2, 100): 49.272794, (2, 12, 9, 17): 65.885256}


@pytest.mark.parametrize("shape", PINNED)
def test_the_random_network_gives_the_pinned_features(shape):
    samples = waves(40, *shape)
    features = RandomNetwork(shape, samples)(samples)
    checksum = (features.double() * torch.cos(torch.arange(128.0))).sum(1).square().mean()
    assert float(checksum) == pytest.approx(PINNED[shape], rel=1e-4)


def test_volumes_that_are_many_pass_in_parts(monkeypatch):
    samples = waves(7, 1, 8, 8, 8)
    whole = RandomNetwork((1, 8, 8, 8), samples)(samples)
    monkeypatch.setattr("wgan.metrics.extractors.random_network.MOST_PLACES", 3 * 8**3)
    torch.testing.assert_close(RandomNetwork((1, 8, 8, 8), samples)(samples), whole, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("shape", [(1, 64), (1, 16, 16, 16)])
def test_random_features_see_texture(shape):
    """Values in another order are further off than other waves."""
    random = torch.Generator().manual_seed(0)
    phases = 6 * torch.rand(3, 200, generator=random)
    places = sum(torch.meshgrid(*[torch.arange(side) for side in shape[1:]], indexing="ij"))
    some, others, third = (torch.sin(0.5 * places + phase.reshape(-1, *[1] * len(shape))) for phase in phases)
    order = torch.randperm(math.prod(shape[1:]), generator=random)
    shuffled = third.flatten(1)[:, order].reshape(third.shape)
    network = RandomNetwork(shape, some)
    real, same, wrong = (held(network(samples)) for samples in (some, others, shuffled))
    energy, precision = METRICS["energy"], METRICS["precision"]
    assert energy.compare(real, wrong) > 5 * energy.compare(real, same)
    assert (precision.compare(real, wrong) < 0.05, precision.compare(real, same) > 0.9) == (True, True)


@pytest.mark.parametrize("size", [(28,), (61,), (5,), (16, 14, 30), (7, 8, 9)])
def test_the_pyramid_is_scipys_filters(size):
    torch.manual_seed(0)
    samples, sides = torch.randn(2, 3, *size), len(size)
    levels = pyramid(samples)
    row = np.array([1, 4, 6, 4, 1]) / 16
    every = (slice(None), slice(None), *[slice(None, None, 2)] * sides)

    def blurred(x):
        for axis in range(2, 2 + sides):
            x = ndimage.convolve1d(x, row, axis=axis, mode="mirror")
        return x

    assert [tuple(level.shape[2:]) for level in levels] == level_sides(size)
    fine = samples.double().numpy()
    for level in levels[:-1]:
        coarse = blurred(fine)[every]
        spread = np.zeros_like(fine)
        spread[every] = 2**sides * coarse
        np.testing.assert_allclose(level, fine - blurred(spread), atol=1e-5)
        fine = coarse
    np.testing.assert_allclose(levels[-1], fine, atol=1e-5)


def test_levels_end_where_a_patch_is_a_whole_side():
    assert level_sides((56,)) == [(56,), (28,), (14,), (7,)]
    assert level_sides((28, 30, 64)) == [(28, 30, 64), (14, 15, 32), (7, 8, 16)]
    assert level_sides((10, 10, 10)) == [(10, 10, 10), (5, 5, 5)]


@pytest.mark.parametrize("shape", [(2, 12), (1, 9, 8, 11), (1, 4), (1, 4, 9, 9)])
def test_patches_are_cut_from_their_level(shape):
    """Samples that count their values: each patch is its first value and the steps from there."""
    samples = torch.arange(float(math.prod(shape))).reshape(1, *shape)
    size, side = shape[1:], min(SIDES[len(shape) - 1], *shape[1:])
    patches = EXTRACTORS["patches"](subject(shape))(samples)
    assert patches.shape == (1, 1, PATCHES, shape[0], side ** len(size))
    corner = samples[0, 0][tuple(slice(side) for _ in size)].flatten()
    firsts = {float(samples[0, 0][at]) for at in product(*(range(length - side + 1) for length in size))}
    for patch in patches[0, 0, :, 0]:
        assert torch.equal(patch - patch[0], corner - corner[0])
        assert float(patch[0]) in firsts


@pytest.mark.parametrize("shape", [(1, 32), (1, 14, 14, 14)])
def test_sliced_sees_a_blur_and_not_another_contrast(shape):
    torch.manual_seed(0)
    metric, patches = METRICS["sliced_wasserstein"], Patches(shape)
    sharp, others = torch.randn(2, 600, *shape).clamp(-1, 1)
    blurred = sharp - pyramid(sharp)[0]
    real = held(patches(sharp))
    same = metric.compare(real, held(patches(others)))
    assert metric.compare(real, held(patches(0.5 * sharp + 0.2))) < 1e-5
    assert metric.compare(real, held(patches(blurred))) > 3 * same


@pytest.mark.parametrize("shape", SHAPES)
def test_classifiers_read_every_size(shape):
    classifier = Classifier(SampleSpec.of(shape), 4)
    assert classifier(waves(3, *shape)).shape == (3, 4)
    assert classifier.features(waves(3, *shape)).shape == (3, 64)


@pytest.mark.parametrize("shape", [(1, 48), (1, 8, 8, 8)])
def test_a_classifier_tells_waves_of_three_lengths_apart(shape):
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 900)
    places = sum(np.meshgrid(*[np.arange(side) for side in shape[1:]], indexing="ij"))
    column = (-1, *[1] * len(shape))
    angles = (0.4 + 0.5 * labels).reshape(column) * places + random.uniform(0, 6, 900).reshape(column)
    samples = torch.from_numpy(np.sin(angles)).float()
    everyone = np.arange(900)
    classifier = train_classifier(
        SampleSpec.of(shape), 3, lambda at: samples[at], labels, everyone[:700], everyone[700:], no_progress
    )
    assert classifier.accuracy > 0.95
    info = subject(shape, classifier=lambda: classifier)
    assert EXTRACTORS["classes"](info)(samples[:5]).tolist() == classifier(samples[:5]).argmax(1).tolist()
    assert EXTRACTORS["classifier"](info)(samples[:5]).shape == (5, 64)


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((1, 32), "signals of 32 values.*frechet and mmd"),
        ((3, 8, 8, 8), "8x8x8 3-channel volumes.*frechet and mmd"),
        ((3,), "points in 3 dimensions.*w1 and w2"),
    ],
)
def test_inception_is_for_pictures(shape, told):
    with pytest.raises(InputError, match=told):
        EXTRACTORS["inception"](subject(shape))


def test_usual_metrics_suit_the_kind():
    spatial = {"frechet", "mmd", "sliced_wasserstein", "coverage"}
    for shape in ((1, 8, 8), (2, 32), (1, 8, 8, 8)):
        names = set(usual_metrics(subject(shape)))
        assert spatial <= names
        assert not names & {"w1", "columns", "correlations", "fid"}

    def of(spec):
        return set(usual_metrics(DataInfo(spec, lambda: torch.zeros(2, *spec.shape))))

    table = {"columns", "correlations"}
    assert {"w1", "w2"} <= of(SampleSpec.points(2))
    assert not table & of(SampleSpec.points(2))
    assert table <= of(SampleSpec.points(3))
    assert table <= of(SampleSpec("points", (2,), "float32", names=("a", "b")))
    assert table & of(SampleSpec("points", (1,), "float32", names=("a",))) == {"columns"}
