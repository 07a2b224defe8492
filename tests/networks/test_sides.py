"""Networks for signals and volumes: sizes, refusals, and counts in closed form."""

import math
from itertools import pairwise

import pytest
import torch

from wgan.errors import InputError
from wgan.networks import DCGAN, MLP, NETWORKS, ResNet, SmallConv, count_parameters, layer_table, networks
from wgan.networks.sizes import pyramid
from wgan.types import SampleSpec

SHAPES = [(1, 32), (3, 40), (2, 960), (1, 8, 8, 8), (2, 16, 8, 24), (1, 12, 16, 20)]


def small(name):
    narrow = {"generator_width": 4, "critic_width": 4, "generator_widths": (8, 8), "critic_widths": (8,)}
    kind = NETWORKS[name]
    return kind(latent_size=6, **{key: value for key, value in narrow.items() if key in kind.__dataclass_fields__})


@pytest.mark.parametrize(
    ("size", "base", "stages"),
    [
        ((32,), (4,), 3),
        ((960,), (15,), 6),
        ((28,), (7,), 2),
        ((1 << 14,), (4,), 12),
        ((16, 16, 16), (4, 4, 4), 2),
        ((8, 16, 24), (4, 8, 12), 1),
        ((64, 32, 96), (8, 4, 12), 3),
    ],
)
def test_every_side_doubles_from_a_small_base(size, base, stages):
    assert pyramid((3, *size)) == (base, stages)
    assert tuple(side << stages for side in base) == size


@pytest.mark.parametrize(
    ("size", "named"),
    [
        ((1000,), "960 (--set data.size=[960]) or 1024 (--set data.size=[1024])"),
        ((187,), "176 (--set data.size=[176]) or 192 (--set data.size=[192])"),
        ((3,), "8 (--set data.size=[8])"),
        ((17, 17, 17), "16x16x16 (--set data.size=[16,16,16]) or 18x18x18 (--set data.size=[18,18,18])"),
        ((5, 5, 5), "8x8x8 (--set data.size=[8,8,8])"),
        ((20, 33, 33), "20x32x32 (--set data.size=[20,32,32]) or 20x34x34 (--set data.size=[20,34,34])"),
    ],
)
def test_impossible_sizes_name_the_nearest_possible_ones(size, named):
    for network in (DCGAN().generator, ResNet().critic):
        with pytest.raises(InputError) as caught:
            network((2, *size))
        what = f"signals of {size[0]} values" if len(size) == 1 else f"{'x'.join(map(str, size))} volumes"
        assert str(caught.value).startswith(f"These networks cannot make {what}: ")
        assert str(caught.value).endswith(f"that can be made: {named}.")
    for near in named.split(" or "):
        pyramid((2, *map(int, near.partition(" ")[0].split("x"))))


def can_be_made(*size):
    try:
        pyramid((1, *size))
    except InputError:
        return False
    return True


def test_no_possible_length_lies_between_an_impossible_one_and_those_it_names():
    possible = [length for length in range(1, 1200) if can_be_made(length)]
    for length in set(range(4, 1000)) - set(possible):
        with pytest.raises(InputError) as caught:
            pyramid((1, length))
        below = [size for size in possible if size < length][-1:]
        near = [*below, next(size for size in possible if size > length)]
        assert str(caught.value).endswith(" or ".join(f"{size} (--set data.size=[{size}])" for size in near) + ".")


@pytest.mark.parametrize("name", ["dcgan", "resnet"])
def test_points_are_sent_to_mlps(name):
    for network in (small(name).generator, small(name).critic):
        with pytest.raises(InputError, match=r"points of size 3\. Use mlp"):
            network((3,))


@pytest.mark.parametrize("shape", [(1, 32), (1, 8, 8, 8)])
def test_small_conv_is_for_pictures(shape):
    for network in (SmallConv().generator, SmallConv().critic):
        with pytest.raises(
            InputError, match=r"for pictures, not for .*(signals of 32 values|8x8x8 volumes)\. Use dcgan"
        ):
            network(shape)


@pytest.mark.parametrize("name", ["dcgan", "resnet", "mlp"])
@pytest.mark.parametrize("shape", SHAPES)
def test_pairs_make_and_score_samples_of_any_size_that_the_plan_admits(name, shape):
    torch.manual_seed(0)
    pair = small(name)
    made = pair.generator(shape)(100 * torch.randn(3, pair.latent_size))
    assert made.shape == (3, *shape)
    assert made.abs().max() <= 1
    assert pair.critic(shape)(made).shape == (3,)


def test_mlps_end_in_tanh_but_for_points():
    for shape, ends in (((2, 9), True), ((1, 3, 4, 5), True), ((1, 4, 4), True), ((7,), False)):
        layers = [type(layer).__name__ for layer in MLP().generator(shape)]
        assert (layers[-2] == "Tanh", layers[-1]) == (ends, "Unflatten")


def convolution(inputs, outputs, window, *, bias=True):
    return inputs * outputs * window + bias * outputs


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("norm", ["instance", "batch", "layer"])
def test_dcgan_counts_are_those_of_its_stages(shape, norm):
    (base, stages), sides, z, width = pyramid(shape), len(shape) - 1, 7, 3
    widths, window = [width << min(i, 3) for i in range(stages)], 4**sides  # no wider than eight times the first
    up = [convolution(z, widths[-1], math.prod(base), bias=False)]
    up += [convolution(a, b, window, bias=False) for b, a in pairwise(widths)]
    down = [convolution(shape[0], width, window)]
    down += [convolution(a, b, window, bias=False) + 2 * b for a, b in pairwise(widths)]
    pair = DCGAN(latent_size=z, generator_width=width, critic_width=width, critic_norm=norm)
    generator = sum(up) + 2 * sum(widths) + convolution(width, shape[0], window)
    assert count_parameters(pair.generator(shape)) == generator
    assert count_parameters(pair.critic(shape)) == sum(down) + convolution(widths[-1], 1, math.prod(base))


@pytest.mark.parametrize("shape", SHAPES)
def test_resnet_counts_are_those_of_its_blocks(shape):
    (base, stages), sides, z, width = pyramid(shape), len(shape) - 1, 7, 5
    wide, narrow = convolution(width, width, 3**sides), convolution(width, width, 1)
    up = 2 * 2 * width + 2 * wide + narrow
    generator = (z + 1) * width * math.prod(base) + stages * up + 2 * width + convolution(width, shape[0], 3**sides)
    first = convolution(shape[0], width, 3**sides) + wide + convolution(shape[0], width, 1)
    critic = first + max(stages - 2, 0) * (2 * wide + narrow) + 2 * 2 * wide + width + 1
    pair = ResNet(latent_size=z, generator_width=width, critic_width=width)
    assert count_parameters(pair.generator(shape)) == generator
    assert count_parameters(pair.critic(shape)) == critic


@pytest.mark.parametrize("shape", [(2, 96), (1, 16, 24, 32)])
def test_each_stage_doubles_or_halves_every_side(shape):
    size, (base, stages) = shape[1:], pyramid(shape)
    sizes = [tuple(side << stage for side in base) for stage in range(stages + 1)]
    pair = small("dcgan")
    made = layer_table(pair.generator(shape), torch.zeros(2, pair.latent_size))
    kind = f"{len(size)}d"
    assert [row.output[1:] for row in made if row.kind == f"ConvTranspose{kind}"] == sizes
    judged = layer_table(pair.critic(shape), torch.zeros(2, *shape))
    assert [row.output[1:] for row in judged if row.kind == f"Conv{kind}"] == [*sizes[-2::-1], (1,) * len(size)]
    blocks = layer_table(small("resnet").generator(shape), torch.zeros(2, 6))
    assert {row.output[1:] for row in blocks if row.kind == f"Conv{kind}"} == set(sizes[1:])


@pytest.mark.parametrize("name", ["dcgan", "resnet"])
@pytest.mark.parametrize("shape", [(2, 32), (2, 8, 8, 8)])
@pytest.mark.parametrize("norm", ["instance", "layer", "none", "batch"])
def test_only_batch_norm_mixes_samples(name, shape, norm):
    torch.manual_seed(0)
    a, b, c = torch.randn(3, 1, *shape)
    critic = type(small(name))(latent_size=6, critic_width=4, critic_norm=norm).critic(shape)
    if name == "dcgan" and shape[1:] == (8, 8, 8):
        critic = DCGAN(critic_width=4, critic_norm=norm, norm_first=True).critic(shape)
    beside_b, beside_c = critic(torch.cat([a, b]))[0], critic(torch.cat([a, c]))[0]
    assert torch.allclose(beside_b, beside_c, atol=1e-6) == (norm != "batch")


def test_dcgan_weights_start_such_that_a_kernel_has_the_length_of_the_papers():
    torch.manual_seed(0)
    pair = DCGAN(scale_spread=0.02, critic_norm="batch")
    for shape, deviation in (((2, 64), 0.04), ((1, 16, 16, 16), 0.01)):
        for network in (pair.generator(shape), pair.critic(shape)):
            found = {True: [], False: []}
            for layer in network:
                if getattr(layer, "weight", None) is not None:
                    found[layer.weight.ndim > 1].append(layer.weight.detach().flatten())
            weights, scales = torch.cat(found[True]), torch.cat(found[False])
            assert weights.std().item() == pytest.approx(deviation, rel=0.02)
            assert (scales.mean().item(), scales.std().item()) == pytest.approx((1, 0.02), rel=0.15)


@pytest.mark.parametrize("name", ["dcgan", "resnet", "mlp"])
@pytest.mark.parametrize("shape", [(2, 32), (1, 8, 16, 8)])
def test_summaries_add_up(name, shape):
    for found in networks(small(name), SampleSpec.of(shape)):
        network = getattr(small(name), found.title)(shape)
        assert found.parameters == count_parameters(network) == sum(layer.parameters for layer in found.layers)
        assert found.layers[-1].output == (shape if found.title == "generator" else ())
