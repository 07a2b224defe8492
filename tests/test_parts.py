"""Networks that are called on parts of a batch make what they make of all of it, and need less memory."""

import pytest
import torch
from torch import nn

from wgan.networks import DCGAN, MLP
from wgan.types import SampleSpec, parts
from wgan.types.bound import Bound

PAIRS = {"mlp": MLP(latent_size=6), "dcgan": DCGAN(latent_size=6, generator_width=4, critic_width=4)}


def sizes(x, most):
    return [len(part) for part, _ in parts.parts(x, None, most)]


@pytest.fixture
def limit(monkeypatch):
    return lambda values: monkeypatch.setitem(parts.VALUES, "cpu", values)


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(8, 8, [8]), (8, 3, [3, 3, 2]), (512, 500, [256, 256]), (7, 2, [3, 2, 2]), (3, 1, [3]), (1, 5, [1]), (0, 5, [0])],
)
def test_parts_are_even_and_no_sample_is_alone(count, most, expected):
    assert sizes(torch.zeros(count, 2), most) == expected


@pytest.mark.parametrize("pair", PAIRS)
def test_parts_make_what_all_at_once_does(pair, limit):
    torch.manual_seed(0)
    generator, z = PAIRS[pair].generator(SampleSpec.of((3, 16, 16))).eval(), torch.randn(13, 6)
    with torch.no_grad():
        whole = generator(z)
    assert torch.equal(parts.made(generator, z), whole)
    limit(1)
    torch.testing.assert_close(parts.made(generator, z), whole, rtol=1e-5, atol=1e-6)


def test_parts_are_as_large_as_memory_allows_and_a_network_is_measured_once(limit, monkeypatch):
    """The widest layer has 40 values of each sample, so a hundred fit two of them."""
    seen, plain = [], nn.Linear.forward
    monkeypatch.setattr(nn.Linear, "forward", lambda layer, x: seen.append(len(x)) or plain(layer, x))
    network = nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Linear(40, 2))
    limit(100)
    for _ in range(2):
        parts.made(network, torch.randn(8, 6))
    assert seen == [2, 2] + [2, 2] * 8
    assert parts.width(network, torch.randn(3, 6)) == 40


def test_weights_that_a_layer_gives_are_no_samples():
    network = nn.utils.parametrizations.spectral_norm(nn.Linear(6, 40))
    assert parts.width(network.eval(), torch.randn(9, 6)) == 40


def test_a_network_that_wants_more_than_two_samples_gets_all(limit):
    class Wants(nn.Module):
        def forward(self, z):
            if len(z) < 5:
                raise ValueError("too few")
            return z

    limit(1 << 20)
    assert len(parts.made(Wants(), torch.zeros(7, 2))) == 7


def test_conditions_go_with_their_samples(limit):
    class Sums(nn.Module):
        def forward(self, z, asked):
            return z.sum(1) + asked.sum(1)

    z, asked = torch.randn(7, 2), torch.randn(7, 3)
    whole = Sums()(z, asked)
    assert torch.equal(Bound(Sums(), asked)(z), whole)
    for values in (1 << 20, 1, 3):
        limit(values)
        assert torch.equal(parts.made(Sums(), z, asked), whole)


def test_what_is_no_module_is_called_once():
    seen = []
    parts.made(lambda z: seen.append(len(z)) or z, torch.zeros(5, 2))
    assert seen == [5]
