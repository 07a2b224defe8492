"""Networks that are called on parts of a batch make what they make of all of it, and need less memory."""

import pytest
import torch
from torch import nn

from wgan.networks import DCGAN, MLP
from wgan.types import SampleSpec, parts
from wgan.types.bound import Bound

PAIRS = {"mlp": MLP(latent_size=6), "dcgan": DCGAN(latent_size=6, generator_width=4, critic_width=4)}


@pytest.fixture
def calls(monkeypatch):
    """The sizes of the batches that any linear layer has seen."""
    seen, plain = [], nn.Linear.forward
    monkeypatch.setattr(nn.Linear, "forward", lambda layer, x: seen.append(len(x)) or plain(layer, x))
    return seen


@pytest.mark.parametrize("pair", PAIRS)
def test_parts_make_what_all_at_once_does(pair, monkeypatch):
    torch.manual_seed(0)
    generator, z = PAIRS[pair].generator(SampleSpec.of((3, 16, 16))).eval(), torch.randn(13, 6)
    with torch.no_grad():
        whole = generator(z)
    assert torch.equal(parts.made(generator, z), whole)
    monkeypatch.setattr(parts, "VALUES", 1)
    torch.testing.assert_close(parts.made(generator, z), whole, rtol=1e-5, atol=1e-6)


def test_parts_are_as_large_as_memory_allows(calls, monkeypatch):
    """The widest layer has 40 values of each sample, so a hundred fit two of them, and 13 take seven calls."""
    network, z = nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Linear(40, 2)), torch.randn(13, 6)
    assert parts.at_once(network, z) == parts.VALUES // 40
    monkeypatch.setattr(parts, "VALUES", 100)
    calls.clear()
    parts.made(network, z)
    assert calls == [1, 1, *([2, 2] * 6), 1, 1]


def test_conditions_go_with_their_samples(monkeypatch):
    class Sums(nn.Module):
        def forward(self, z, asked):
            return z.sum(1) + asked.sum(1)

    z, asked = torch.randn(7, 2), torch.randn(7, 3)
    whole = Sums()(z, asked)
    assert torch.equal(Bound(Sums(), asked)(z), whole)
    for values in (1 << 20, 1, 3):
        monkeypatch.setattr(parts, "VALUES", values)
        assert torch.equal(parts.made(Sums(), z, asked), whole)


def test_what_is_no_module_is_called_once():
    seen = []
    parts.made(lambda z: seen.append(len(z)) or z, torch.zeros(5, 2))
    assert seen == [5]
