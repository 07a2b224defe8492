"""The residual pair: counts in closed form, sizes, and that blocks are residual."""

import pytest
import torch

from wgan.errors import InputError
from wgan.networks import ResNet, count_parameters
from wgan.networks.resnet import down


def convolution(inputs, outputs, kernel):
    return inputs * outputs * kernel**2 + outputs


@pytest.mark.parametrize("width", [8, 128])
def test_counts_at_32x32_are_those_of_three_blocks_and_four(width):
    up = 2 * 2 * width + 2 * convolution(width, width, 3) + convolution(width, width, 1)
    seed = 128 * width * 16 + width * 16
    generator = seed + 3 * up + 2 * width + convolution(width, 3, 3)
    first = convolution(3, width, 3) + convolution(width, width, 3) + convolution(3, width, 1)
    same = 2 * convolution(width, width, 3)
    critic = first + (same + convolution(width, width, 1)) + 2 * same + (width + 1)
    pair = ResNet(generator_width=width, critic_width=width)
    assert count_parameters(pair.generator((3, 32, 32))) == generator
    assert count_parameters(pair.critic((3, 32, 32))) == critic


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 48), (4, 64, 64)])
def test_pairs_fit_any_size_that_the_plan_admits(shape):
    pair = ResNet(latent_size=5, generator_width=4, critic_width=4)
    images = pair.generator(shape)(torch.randn(3, 5))
    assert images.shape == (3, *shape)
    assert images.abs().max() <= 1
    assert pair.critic(shape)(images).shape == (3,)


def test_impossible_sizes_and_points_are_refused():
    with pytest.raises(InputError, match="64x64"):
        ResNet().generator((3, 63, 63))
    with pytest.raises(InputError, match="Use mlp"):
        ResNet().critic((2,))


def test_a_block_without_its_convolutions_is_its_shortcut():
    block = down(4, "none", 2, halve=False)
    torch.nn.init.zeros_(block.residual[-1].weight)
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x), x)


def test_weights_keep_the_size_of_what_passes():
    """Xavier with the gain of He et al. where a ReLU comes first: the standard deviation is sqrt(2 / fan)."""
    torch.manual_seed(0)
    block = down(128, "none", 2, halve=True)
    convolutions = [m for m in block.residual if isinstance(m, torch.nn.Conv2d)]
    for layer in convolutions:
        assert layer.weight.std().item() == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.01)
    assert block.shortcut[0].weight.std().item() == pytest.approx((1 / 128) ** 0.5, rel=0.02)
