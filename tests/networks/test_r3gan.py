"""The pair of R3GAN: counts of the published configurations, first weights, and resampling, against closed forms."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.functional import conv2d, conv_transpose2d

from wgan.errors import InputError
from wgan.networks import R3GAN, count_parameters
from wgan.networks.r3gan import Basis, Doubled, Halved, Residual

PUBLISHED = {
    "CIFAR-10": (R3GAN(), 32, (768,) * 4, (96,) * 4),
    "FFHQ-64": (R3GAN(), 64, (768, 768, 768, 768, 384), (96, 96, 96, 96, 48)),
    "FFHQ-256": (R3GAN(), 256, (768, 768, 768, 768, 384, 192, 96), (96, 96, 96, 96, 48, 24, 12)),
    "ImageNet-32": (R3GAN(generator_width=1536, critic_width=1536, group=32), 32, (1536,) * 4, (96,) * 4),
    "ImageNet-64": (R3GAN(generator_width=1536, critic_width=1536, group=32, wide=5), 64, (1536,) * 5, (96,) * 5),
}
"""Our settings for each, and the widths and numbers of groups of its stages as the published code lists them."""


def counted(widths, groups, latents=64, blocks=2, expansion=2):
    """Weights of the generator and of the critic, from the lists and the description of a block."""
    shared = 3 * widths[-1]
    for width, parts in zip(widths, groups, strict=True):
        inner = expansion * width
        shared += blocks * (2 * width * inner + inner * (inner // parts) * 9 + 2 * inner)
    shared += sum(a * b for a, b in pairwise(widths) if a != b) + 16 * widths[0]
    return shared + latents * widths[0], shared + widths[0]


def on_meta(pair, side):
    with torch.device("meta"):
        return pair.generator((3, side, side)), pair.critic((3, side, side))


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_and_groups_are_those_of_the_published_configurations(name):
    pair, side, widths, groups = PUBLISHED[name]
    generator, critic = on_meta(pair, side)
    assert (count_parameters(generator), count_parameters(critic)) == counted(widths, groups)
    for network, of in ((generator, groups), (critic, groups[::-1])):
        found = [m.groups for m in network.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
        assert found == [parts for parts in of for _ in range(2)]


def test_the_networks_for_256_pixels_have_the_published_size():
    """Each "about 23 million" (Huang et al. 2024)."""
    for network in on_meta(R3GAN(), 256):
        assert count_parameters(network) == pytest.approx(23e6, rel=0.01)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 32), (4, 24, 40)])
def test_pairs_fit_any_size_that_the_plan_admits(shape):
    pair = R3GAN(latent_size=5, generator_width=8, critic_width=8, wide=2, blocks=1)
    images = pair.generator(shape)(torch.randn(3, 5))
    assert images.shape == (3, *shape)
    assert images.abs().max() <= 1
    assert pair.critic(shape)(images).shape == (3,)


def test_impossible_sizes_and_points_are_refused():
    with pytest.raises(InputError, match="64x64"):
        R3GAN().generator((3, 63, 63))
    with pytest.raises(InputError, match="Use mlp"):
        R3GAN().critic((2,))


def test_widths_halve_beyond_the_wide_stages_and_never_vanish():
    pair = R3GAN(generator_width=4, wide=1, blocks=1)
    spatial = [m for m in pair.generator((3, 64, 64)).modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)]
    assert [m.in_channels for m in spatial] == [8, 4, 2, 2, 2]
    assert all(m.groups == 1 for m in spatial)  # fewer channels than a group has


def test_every_block_starts_as_the_identity():
    pair = R3GAN(generator_width=8, critic_width=8, wide=1)
    for network in (pair.generator((3, 32, 32)), pair.critic((3, 32, 32))):
        blocks = [module for module in network.modules() if isinstance(module, Residual)]
        assert len(blocks) == 4 * 2
        for block in blocks:
            x = torch.randn(2, block.residual[0].in_channels, 4, 6)
            assert torch.equal(block(x), x)


@pytest.mark.parametrize("blocks", [1, 3])
def test_first_weights_are_those_of_fixup(blocks):
    """The gain of LeakyReLU(0.2) times L^(-1/(2m-2)), for L blocks of m = 3 layers (Zhang et al. 2019)."""
    torch.manual_seed(0)
    pair = R3GAN(generator_width=64, blocks=blocks, group=32)
    total = 4 * blocks
    gain = math.sqrt(2 / 1.04) * total**-0.25
    block = next(m for m in pair.generator((3, 32, 32)).modules() if isinstance(m, Residual)).residual
    assert block[0].weight.std().item() == pytest.approx(gain / 8, rel=0.03)
    assert block[2].weight.std().item() == pytest.approx(gain / math.sqrt(32 * 9), rel=0.03)
    assert all(convolution.bias is None for convolution in block[::2])
    assert [int(activation.bias.abs().sum()) for activation in block[1::2]] == [0, 0]


def test_biases_come_before_the_activation():
    activation = R3GAN(generator_width=4, blocks=1).generator((1, 8, 8))[1].residual[1]
    nn.init.normal_(activation.bias)
    x = torch.randn(2, 8, 3, 5)
    moved = x + activation.bias[None, :, None, None]
    torch.testing.assert_close(activation(x), torch.maximum(moved, 0.2 * moved))


def test_the_basis_is_a_picture_for_each_channel_times_what_the_latents_say():
    basis, z = Basis(3, 5, (4, 6)), torch.randn(2, 3)
    expected = torch.einsum("bl,cl,chw->bchw", z, basis.scale.weight, basis.basis)
    torch.testing.assert_close(basis(z), expected)


@pytest.mark.parametrize("longest", [256, 1])
def test_resampling_is_by_the_filter_of_the_published_code(longest, monkeypatch):
    """(1, 2, 1) of doubled places, thus (1, 3, 3, 1), along both sides as one convolution of channels between zeros."""
    monkeypatch.setattr("wgan.networks.r3gan.LONGEST", longest)
    x, row = torch.randn(2, 3, 8, 6, dtype=torch.double), torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=torch.double)
    kernel = (row[:, None] * row).expand(3, 1, 4, 4)
    halved = conv2d(x, kernel / 64, stride=2, padding=1, groups=3)
    torch.testing.assert_close(Halved((8, 6)).double()(x), halved)
    doubled = conv_transpose2d(x, kernel / 16, stride=2, padding=1, groups=3)
    torch.testing.assert_close(Doubled((8, 6)).double()(x), doubled)


@pytest.mark.parametrize("sides", [1, 2, 3])
def test_one_way_of_resampling_is_the_adjoint_of_the_other(sides):
    """<halved x, y> is <x, doubled y> / 2 for each side."""
    large, small = [8, 12, 16][:sides], [4, 6, 8][:sides]
    x, y = (torch.randn(1, 2, *size, dtype=torch.double) for size in (large, small))
    halved, doubled = Halved(tuple(large)).double()(x), Doubled(tuple(small)).double()(y)
    torch.testing.assert_close((halved * y).sum(), (x * doubled).sum() / 2**sides)


@pytest.mark.parametrize("player", ["generator", "critic"])
def test_gradients_have_gradients(player):
    """Of the pair as a whole, against differences in double precision: what the penalties differentiate twice."""
    torch.manual_seed(0)
    pair = R3GAN(latent_size=3, generator_width=2, critic_width=2, blocks=1)
    network = getattr(pair, player)((1, 8, 8)).double()
    for weight in network.parameters():
        nn.init.normal_(weight, std=0.5)
    x = torch.randn(2, *((3,) if player == "generator" else (1, 8, 8)), dtype=torch.double, requires_grad=True)
    assert gradcheck(network, [x])
    assert gradgradcheck(network, [x])
