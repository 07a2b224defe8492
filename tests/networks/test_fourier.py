"""Random Fourier features, and generators that start as their latents, against closed forms."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from helpers import CONDITIONS, some_conditions
from wgan.errors import InputError
from wgan.networks import MLP
from wgan.networks.fourier import Fourier
from wgan.types import SampleSpec

POINTS = SampleSpec.points(2)
FEW = {"latent_size": 2, "generator_widths": (8,), "critic_widths": (8,), "batch_norm": False}


def test_features_are_inputs_sines_and_cosines():
    layer = Fourier(2, 1, 1.0)
    layer.frequencies.copy_(torch.tensor([[math.pi], [0.0]]))
    found = layer(torch.tensor([[0.5, 7.0], [1.0, 7.0]]))
    torch.testing.assert_close(found, torch.tensor([[0.5, 7, 1, 0], [1, 7, 0, -1]]), atol=1e-6, rtol=0)


def test_inner_products_of_features_are_a_gaussian_kernel():
    """Rahimi & Recht 2007: the mean of cos(f.(x - y)) over f ~ N(0, s^2) is exp(-s^2 |x - y|^2 / 2)."""
    torch.manual_seed(0)
    layer, x, y = Fourier(3, 200_000, 1.5), torch.randn(1, 3), torch.randn(1, 3)
    (one,), (other,) = layer(x)[:, 3:], layer(y)[:, 3:]
    kernel = math.exp(-(1.5**2) * float((x - y).square().sum()) / 2)
    assert float(one @ other) / 200_000 == pytest.approx(kernel, abs=0.01)


def test_frequencies_are_saved_and_not_trained():
    torch.manual_seed(0)
    pair, other = MLP(**FEW, fourier=5), MLP(**FEW, fourier=5)
    critic, again = pair.critic(POINTS), other.critic(POINTS)
    x = torch.randn(4, 2)
    assert not torch.equal(critic(x), again(x))
    again.load_state_dict(critic.state_dict())
    assert torch.equal(critic(x), again(x))
    assert critic[1].in_features == 2 + 2 * 5
    assert "0.frequencies" in critic.state_dict()
    assert "0.frequencies" not in dict(critic.named_parameters())


def test_each_network_has_its_own_deviation():
    torch.manual_seed(0)
    pair = MLP(**FEW, fourier=20_000, generator_frequency=0.5, critic_frequency=4.0)
    for network, deviation in ((pair.generator(POINTS), 0.5), (pair.critic(POINTS), 4.0)):
        assert float(network[0].frequencies.std()) == pytest.approx(deviation, rel=0.02)


@pytest.mark.parametrize("init", ["own", "he"])
def test_a_generator_with_shift_starts_as_its_latents(init):
    z = torch.randn(6, 2)
    generator = MLP(**FEW, shift=5.7, init=init).generator(POINTS)
    assert torch.equal(generator(z), 5.7 * z)
    generator(z).sum().backward()
    assert all(weight.grad is not None for weight in generator.parameters())


def test_samples_with_places_are_squashed():
    pair = MLP(latent_size=12, generator_widths=(8,), shift=0.5, batch_norm=False)
    z = torch.randn(3, 12)
    torch.testing.assert_close(pair.generator((3, 2, 2))(z), (0.5 * z).tanh().reshape(3, 3, 2, 2))


@pytest.mark.parametrize("conditioning", ["projection", "concatenation"])
def test_both_take_a_condition(conditioning):
    pair = MLP(**FEW, fourier=4, shift=2.0, conditioning=conditioning)
    spec = replace(POINTS, condition=CONDITIONS["class"])
    z, asked = torch.randn(3, 2), some_conditions(CONDITIONS["class"], 3)
    generator, critic = pair.generator(spec), pair.critic(spec)
    assert torch.equal(generator(z, asked), 2 * z)
    nn.init.normal_(generator.network.layers[-1].weight)
    assert not torch.equal(generator(z, asked), generator(z, asked.roll(1, 0)))
    assert critic(z, asked).shape == (3,)


def test_angles_are_exact_in_bf16():
    """A feature of 40 radians would be off by a tenth of one."""
    torch.manual_seed(0)
    layer, x = Fourier(2, 64, 3.0), 5.7 * torch.randn(50, 2)
    with torch.autocast("cpu", torch.bfloat16):
        found = layer(x)
    torch.testing.assert_close(found, layer(x))


def test_shapes_are_known_without_values():
    with torch.device("meta"):
        pair = MLP(**FEW, fourier=4, shift=2.0)
        assert pair.critic(POINTS)(pair.generator(POINTS)(torch.randn(3, 2))).shape == (3,)


def test_as_many_latents_as_values_are_needed():
    with pytest.raises(InputError, match="as samples, of 2 values"):
        MLP(latent_size=3, shift=1.0).generator(POINTS)
