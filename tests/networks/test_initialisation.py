"""First weights, by their distributions."""

import math
from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn.modules.conv import _ConvTransposeNd

from wgan.networks import DCGAN, MLP, ResNet, SmallConv
from wgan.networks.initialisation import Init

PAIRS = {
    "mlp": (MLP, {}, (1, 28, 28)),
    "dcgan": (DCGAN, {"critic_norm": "batch", "generator_width": 16, "critic_width": 16}, (3, 32, 32)),
    "small-conv": (SmallConv, {}, (1, 28, 28)),
    "resnet": (ResNet, {"generator_width": 32, "critic_width": 32, "critic_norm": "layer"}, (3, 32, 32)),
}
NETWORKS = [(pair, player) for pair in PAIRS for player in ("generator", "critic")]


def network(pair, player, init):
    kind, settings, shape = PAIRS[pair]
    torch.manual_seed(1)
    return getattr(kind(init=init, **settings), player)(shape)


def layers(net):
    """Its weights by what they are of: of products (convolutions, linear layers), and of normalisations."""
    owners = [layer for layer in net.modules() if isinstance(getattr(layer, "weight", None), nn.Parameter)]
    products = [layer for layer in owners if layer.weight.dim() > 1]
    return products, [layer for layer in owners if layer.weight.dim() == 1]


def values(parameters):
    return torch.cat([parameter.detach().flatten() for parameter in parameters])


@pytest.mark.parametrize(("pair", "player"), NETWORKS)
class TestEvery:
    def test_all_normal_draws_every_parameter(self, pair, player):
        """Scales of normalisation and biases too, as d2l.ai's training function does."""
        net = network(pair, player, "all-normal")
        products, norms = layers(net)
        for parameters in (net.parameters(), (layer.weight for layer in products), (layer.weight for layer in norms)):
            drawn = values([torch.empty(0), *parameters])
            if drawn.numel():
                assert abs(drawn.mean()) < 5 * 0.02 / math.sqrt(drawn.numel())
                assert drawn.std() == pytest.approx(0.02, rel=5 / math.sqrt(2 * drawn.numel()))

    def test_normal_is_that_of_dcgan(self, pair, player):
        products, norms = layers(network(pair, player, "normal"))
        drawn = values(layer.weight for layer in products)
        assert abs(drawn.mean()) < 5 * 0.02 / math.sqrt(drawn.numel())
        assert drawn.std() == pytest.approx(0.02, rel=5 / math.sqrt(2 * drawn.numel()))
        if norms:
            scales = values(layer.weight for layer in norms)
            assert scales.mean() == pytest.approx(1, abs=5 * 0.02 / math.sqrt(scales.numel()))
            assert 0 < scales.std() < 0.04

    @pytest.mark.parametrize("init", ["normal", "xavier", "he", "orthogonal"])
    def test_biases_begin_at_zero(self, pair, player, init):
        net = network(pair, player, init)
        biases = [parameter for name, parameter in net.named_parameters() if name.endswith("bias")]
        assert all(not bias.any() for bias in biases)
        if init != "normal":
            assert all((layer.weight == 1).all() for layer in layers(net)[1])

    def test_xavier_lies_within_its_bound(self, pair, player):
        for layer in layers(network(pair, player, "xavier"))[0]:
            rows, columns = layer.weight.shape[:2]
            bound = math.sqrt(6 / ((rows + columns) * layer.weight[0, 0].numel()))
            assert layer.weight.abs().max() <= bound
            if layer.weight.numel() > 500:
                assert layer.weight.abs().max() > 0.95 * bound

    def test_orthogonal_rows_or_columns_are_orthonormal(self, pair, player):
        for layer in layers(network(pair, player, "orthogonal"))[0]:
            weight = layer.weight.transpose(0, 1) if isinstance(layer, _ConvTransposeNd) else layer.weight
            matrix = weight.flatten(1)
            matrix = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
            torch.testing.assert_close(matrix @ matrix.T, torch.eye(len(matrix)), rtol=0, atol=1e-4)


def test_he_keeps_the_size_of_signals_through_relus():
    """He et al. 2015: behind a ReLU, a product of as many inputs keeps the mean square."""
    net = MLP(critic_widths=(512,) * 6, leak=0.0, init="he").critic((512,))
    x = torch.randn(256, 512)
    with torch.no_grad():
        deep = nn.Sequential(*list(net)[:-2])[:-1](x)
    assert deep.pow(2).mean() == pytest.approx(2.0, rel=0.35), "before the last ReLU: twice what a ReLU passes on"


def test_he_keeps_the_size_of_signals_through_transposed_convolutions():
    """Each output of stride 2 and kernel 4 meets a quarter of the kernel's values: twice the input's mean square."""
    generator = DCGAN(init="he", generator_width=64).generator((3, 32, 32))
    up = generator[4]
    with torch.no_grad():
        inside = up(torch.randn(8, up.in_channels, 16, 16))[..., 2:-2, 2:-2]
    assert inside.pow(2).mean() == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("init", get_args(Init))
def test_weights_are_a_function_of_the_seed(init):
    first, second = (values(network("dcgan", "generator", init).parameters()) for _ in range(2))
    assert torch.equal(first, second)
