"""Directions of latents by the components of features."""

import numpy as np
import pytest
import torch
from torch import nn

from wgan.runs.generative import Generative
from wgan.share.directions import SAMPLES, principal_directions
from wgan.types import SampleSpec


class Linear(Generative):
    """A generator whose first half is a linear map of the latents, and whose second half hides it."""

    def __init__(self, matrix):
        self.matrix = torch.as_tensor(matrix, dtype=torch.float32)

    spec = SampleSpec.points(3)
    latent_size = property(lambda self: self.matrix.shape[1])
    columns = 8

    def generator(self, step=None):
        first = nn.Linear(self.matrix.shape[1], len(self.matrix), bias=False)
        first.weight.data.copy_(self.matrix)
        last = nn.Linear(len(self.matrix), 3)
        return nn.Sequential(first, nn.Identity(), nn.Tanh(), last).eval()


def test_of_a_linear_layer_they_are_its_singular_vectors():
    rng = np.random.default_rng(0)
    u, _, v = np.linalg.svd(rng.normal(size=(9, 5)), full_matrices=False)
    strengths = np.array([8.0, 4.0, 2.0, 1.0, 0.5])
    found = principal_directions(Linear(u @ np.diag(strengths) @ v))
    shares = strengths**2 / (strengths**2).sum()
    np.testing.assert_allclose(found.shares, shares, atol=4 / np.sqrt(SAMPLES))
    cosines = np.abs((found.vectors * v).sum(axis=1))
    assert cosines.min() > 0.99, "but for what a finite number of latents leaves"


def test_they_have_length_one_and_one_sign(generator):
    source = generator("colours")
    first, again = principal_directions(source), principal_directions(source)
    assert first.vectors.shape == (6, 6)
    np.testing.assert_allclose(np.linalg.norm(first.vectors, axis=1), 1, rtol=1e-5)
    assert np.array_equal(first.vectors, again.vectors)
    places = np.abs(first.vectors).argmax(axis=1)
    assert (first.vectors[np.arange(6), places] > 0).all()
    assert list(first.shares) == sorted(first.shares, reverse=True)


@pytest.mark.parametrize("kind", ["mixture", "volumes", "r3gan"])
def test_there_are_some_for_all_kinds(generator, kind):
    found = principal_directions(generator(kind))
    assert found.vectors.shape[1] == 6
    assert np.isfinite(found.vectors).all()
    assert 0 < sum(found.shares) <= 1 + 1e-5


class Recurrent(nn.Module):
    """Its first layer makes more than a tensor."""

    def __init__(self):
        super().__init__()
        self.first, self.last = nn.LSTM(4, 8, batch_first=True), nn.Linear(8, 3)

    def forward(self, z):
        return self.last(self.first(z[:, None])[0][:, 0])


def test_layers_that_make_other_things_are_passed_by(monkeypatch):
    source = Linear(np.eye(4))
    monkeypatch.setattr(source, "generator", lambda step=None: Recurrent().eval(), raising=False)
    assert principal_directions(source).vectors.shape == (3, 4)
