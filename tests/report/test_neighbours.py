"""Nearest training pictures, against scikit-learn."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.neighbors import NearestNeighbors
from torch import nn

from wgan.data import open_pack, open_source
from wgan.report import neighbours as module
from wgan.report.neighbours import neighbourhood
from wgan.runs.run import Run
from wgan.types import SampleSpec

DIGITS = open_source("digits")


class Copies(nn.Module):
    """A generator that knows its training pictures by heart: each latent picks one."""

    def __init__(self, pictures):
        super().__init__()
        self.pictures = pictures

    def forward(self, z):
        return self.pictures[(z[:, 0].abs() * 1e6).long() % len(self.pictures)]


class Sampler(Run):
    """Only what a neighbourhood asks of a run."""

    spec = SampleSpec.picture(1, 8, 8)

    def __init__(self, make):
        self.make = make

    def sample(self, n, *, seed=0, step=None):
        return self.make(torch.randn(n, 1, generator=torch.Generator().manual_seed(seed)))


@pytest.fixture
def pack():
    return open_pack(DIGITS)


def pixels(source):
    with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as image:
        return np.asarray(image).astype(np.float64)


def test_copies_are_found_at_distance_zero(pack):
    train, _ = pack.split(0.1)
    pictures = torch.from_numpy(pack.samples[train]).float() / 127.5 - 1
    found = neighbourhood(Sampler(Copies(pictures)), pack, 0.1)
    assert found.samples == 0
    assert found.held_out > 10
    assert found.searched == len(train)
    for sample, nearest in found.rows:
        np.testing.assert_array_equal(pixels(sample), pixels(nearest[0][0]))


def test_neighbours_are_those_of_another_library(pack):
    noise = Sampler(lambda z: torch.rand(len(z), 1, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1)
    train, held_out = pack.split(0.1)
    found = neighbourhood(noise, pack, 0.1)
    data = pack.samples[train].reshape(len(train), -1).astype(np.float64)
    search = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(data)
    for sample, nearest in found.rows:
        distances, places = search.kneighbors(pixels(sample).reshape(1, -1))
        np.testing.assert_allclose([distance for _, distance in nearest], distances[0] / 8, rtol=1e-6)
        np.testing.assert_array_equal(pixels(nearest[0][0]).ravel(), data[places[0, 0]])
    unseen = pack.samples[module.evenly(held_out, 64)].reshape(-1, 64)
    expected = search.kneighbors(unseen, 1)[0][:, 0] / 8
    assert found.held_out == pytest.approx(np.sort(expected)[31], rel=1e-6)


def test_a_large_training_set_is_searched_in_part(pack, monkeypatch):
    monkeypatch.setattr(module, "SEARCHED_BYTES", 64 * 100)
    noise = Sampler(lambda z: torch.zeros(len(z), 1, 8, 8))
    assert neighbourhood(noise, pack, 0.1).searched == 100
