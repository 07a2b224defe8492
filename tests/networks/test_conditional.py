"""Networks that take a condition: the formulas of the papers, and what stays as it is without one."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import nn

from helpers import CLASS, CONDITIONS, LABELS, NUMBER, FixedNoise, some_conditions
from wgan.networks import DCGAN, MLP, NETWORKS, R3GAN, ResNet, SmallConv, count_parameters, networks
from wgan.networks.conditional import Modulated, Projection
from wgan.networks.initialisation import Init
from wgan.networks.r3gan import Asked
from wgan.objectives import WGANGP, input_gradient
from wgan.types import SampleSpec
from wgan.types.bound import bound
from wgan.types.condition import Condition

SHAPES = {"picture": (3, 16, 16), "signal": (2, 32), "volume": (1, 8, 8, 8), "points": (5,)}
Z = 6
PAIRS = {
    "mlp": MLP(latent_size=Z, generator_widths=(8, 9), critic_widths=(10, 7)),
    "mlp, concatenation": MLP(
        latent_size=Z, generator_widths=(8, 9), critic_widths=(10, 7), conditioning="concatenation"
    ),
    "mlp, no BatchNorm": MLP(latent_size=Z, generator_widths=(8,), critic_widths=(10,), batch_norm=False),
    "mlp, Fourier": MLP(latent_size=Z, generator_widths=(8,), critic_widths=(10,), batch_norm=False, fourier=3),
    "mlp, no hidden layers": MLP(latent_size=Z, generator_widths=(), critic_widths=()),
    "dcgan": DCGAN(latent_size=Z, generator_width=4, critic_width=4),
    "small-conv": SmallConv(latent_size=Z),
    "resnet": ResNet(latent_size=Z, generator_width=4, critic_width=4),
    "r3gan": R3GAN(latent_size=Z, generator_width=4, critic_width=4, blocks=1),
}
PLAYERS = "generator", "critic"
FITTING = [
    (pair, kind)
    for pair, kind in product(PAIRS, SHAPES)
    if kind == "picture" or pair.startswith("mlp") or (kind != "points" and pair != "small-conv")
]
HEARD = [(pair, kind) for pair, kind in FITTING if pair != "mlp, no hidden layers"]
"""Without hidden layers a generator has nothing that could be scaled and shifted."""


def asked(kind, condition):
    return replace(SampleSpec.of(SHAPES[kind]), condition=condition)


def players(pair, kind, condition="mixture"):
    torch.manual_seed(0)
    spec = asked(kind, CONDITIONS[condition])
    return PAIRS[pair].generator(spec), PAIRS[pair].critic(spec)


def test_every_pair_is_tested():
    assert set(NETWORKS) == {pair.partition(",")[0] for pair in PAIRS}


def test_projection_is_that_of_miyato_and_koyama():
    """Eq. 3: f(x, y) = y^T V phi(x) + psi(phi(x)), in double precision, one sample after the other."""
    torch.manual_seed(1)
    layer = Projection(nn.Linear(7, 1), 7, CONDITIONS["class"]).double()
    features, y = torch.randn(4, 7).double(), some_conditions(CONDITIONS["class"], 4).double()
    v, w, b = layer.weights.weight.T, layer.last.weight[0], layer.last.bias[0]
    for sample, one, found in zip(features, y, layer(features, y), strict=True):
        expected = sum(one[i] * v[i, j] * sample[j] for i in range(3) for j in range(7))
        expected = expected + sum(w[j] * sample[j] for j in range(7)) + b
        torch.testing.assert_close(found, expected)


def test_channels_are_scaled_and_shifted_as_in_dumoulin():
    """gamma_c (x - mean) / deviation + beta_c, by channels, whatever sides follow."""
    torch.manual_seed(1)
    layer = Modulated(nn.BatchNorm2d(4, affine=False), 4, CONDITIONS["class"]).double()
    x, places = torch.randn(5, 4, 3, 2).double(), torch.tensor([0, 2, 1, 1, 0])
    y = nn.functional.one_hot(places, 3).double()
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), correction=0)
    found = layer(x, y)
    for sample, channel in product(range(5), range(4)):
        normed = (x[sample, channel] - mean[channel]) / (variance[channel] + 1e-5).sqrt()
        gamma, beta = 1 + layer.scale.weight[channel, places[sample]], layer.shift.weight[channel, places[sample]]
        torch.testing.assert_close(found[sample, channel], gamma * normed + beta)


def test_concatenation_is_a_plain_mlp_of_both_inputs():
    """Mirza & Osindero 2014, and the layers of an MLP whose first has as many inputs more."""
    generator, critic = (network.double().eval() for network in players("mlp, concatenation", "points", "class"))
    plain = replace(PAIRS["mlp, concatenation"], latent_size=Z + 3, conditioning="projection")
    beside = plain.generator((5,)).double().eval()
    beside.load_state_dict(
        dict(zip(beside.state_dict(), generator.state_dict().values(), strict=True)),
    )
    z, y = torch.randn(4, Z).double(), some_conditions(CONDITIONS["class"], 4).double()
    assert torch.equal(generator(z, y), beside(torch.cat([z, y], dim=1)))
    judge = plain.critic((8,)).double()
    judge.load_state_dict(dict(zip(judge.state_dict(), critic.state_dict().values(), strict=True)))
    x = torch.randn(4, 5).double()
    assert torch.equal(critic(x, y), judge(torch.cat([x, y], dim=1)))


@pytest.mark.parametrize(("pair", "kind"), FITTING)
def test_conditional_pairs_begin_with_the_layers_of_those_without(pair, kind):
    """All of their layers are there and have the same sizes; what a condition adds is counted in closed form."""
    plain, spec = PAIRS[pair], SampleSpec.of(SHAPES[kind])
    if pair == "mlp, concatenation":
        return
    for player in ("generator", "critic"):
        without, conditional = getattr(plain, player)(spec), getattr(plain, player)(asked(kind, CONDITIONS["class"]))
        added = [layer for layer in conditional.modules() if isinstance(layer, Modulated | Projection | Asked)]
        assert added or (player, pair) == ("generator", "mlp, no hidden layers")
        numbers = sum(3 * 2 * layer.scale.out_features for layer in added if isinstance(layer, Modulated))
        numbers += sum((3 + 4) * Z for layer in added if isinstance(layer, Asked))  # a basis of width 4 has more inputs
        numbers += sum(3 * layer.weights.out_features for layer in added if isinstance(layer, Projection))
        assert count_parameters(conditional) == count_parameters(without) + numbers


@pytest.mark.parametrize(("pair", "kind"), FITTING)
@pytest.mark.parametrize("condition", CONDITIONS)
class TestPairs:
    def test_samples_depend_on_latents_and_on_each_part_of_the_condition(self, pair, kind, condition):
        generator, critic = players(pair, kind, condition)
        described = CONDITIONS[condition]
        y = some_conditions(described, 5)
        with torch.no_grad():
            made = generator(torch.randn(5, Z), y)
            assert made.shape == (5, *SHAPES[kind])
            assert critic(made, y).shape == (5,)
            generator.eval()
            z, x = torch.randn(2, Z), torch.randn(2, *SHAPES[kind])
            for network, inputs in ((generator, z), (critic, x)):
                one = network(inputs[:1], y[:1])
                assert not torch.equal(network(inputs[1:], y[:1]), one)
                for _, where in described.values():
                    other = y[:1].clone()
                    other[:, where] = other[:, where].flip(1) + (other[:, where].shape[1] == 1)
                    if torch.equal(other, y[:1]):  # of three classes the middle one, or labels that are alike
                        other[:, where] = torch.eye(other[:, where].shape[1])[:1]
                    same = torch.equal(network(inputs[:1], other), one)
                    assert same == ((pair, kind) not in HEARD and network is generator)

    def test_critics_do_not_mix_samples(self, pair, kind, condition):
        _, critic = players(pair, kind, condition)
        y, (a, b, c) = some_conditions(CONDITIONS[condition], 3), torch.randn(3, 1, *SHAPES[kind])
        first, second = critic(torch.cat([a, b]), y[:2]), critic(torch.cat([a, c]), y[[0, 2]])
        torch.testing.assert_close(first[0], second[0])
        torch.testing.assert_close(critic(a, y[:1])[0], first[0])

    def test_slopes_are_those_of_each_sample_and_its_own_condition(self, pair, kind, condition):
        _, critic = players(pair, kind, condition)
        y, x = some_conditions(CONDITIONS[condition], 3), torch.randn(3, *SHAPES[kind])
        together = input_gradient(bound(critic, y), x)[0]
        for place in range(3):
            alone = input_gradient(bound(critic, y[place : place + 1]), x[place : place + 1])[0]
            torch.testing.assert_close(alone[0], together[place])

    def test_summaries_add_up(self, pair, kind, condition):
        spec = asked(kind, CONDITIONS[condition])
        for found in networks(PAIRS[pair], spec):
            network = getattr(PAIRS[pair], found.title)(spec)
            assert found.parameters == count_parameters(network) == sum(layer.parameters for layer in found.layers)
            assert found.layers[-1].output == (SHAPES[kind] if found.title == "generator" else ())


@pytest.mark.parametrize("pair", [pair for pair, kind in FITTING if kind == "picture"])
@pytest.mark.parametrize("init", ["normal", "all-normal", "xavier", "he", "orthogonal"])
def test_a_condition_is_heard_however_weights_begin(pair, init: Init):
    torch.manual_seed(0)
    spec, described = asked("picture", CONDITIONS["mixture"]), replace(PAIRS[pair], init=init)
    generator, critic = described.generator(spec).eval(), described.critic(spec)
    y = some_conditions(spec.condition, 8)
    with torch.no_grad():
        made = generator(torch.ones(8, Z), y)
        scores = critic(torch.ones(8, *spec.shape), y)
    assert made.isfinite().all()
    if (pair, "picture") in HEARD:
        assert (made != made[:1]).any()
    assert (scores != scores[:1]).any()


@pytest.mark.parametrize("pair", ["mlp", "dcgan", "small-conv", "resnet"])
@pytest.mark.parametrize("kind", ["class", "number"])
def test_what_takes_a_condition_begins_as_its_own(pair, kind):
    """Scales near 1, shifts near 0, and scores that the condition adds of the size of a feature."""
    torch.manual_seed(0)
    pair = replace(PAIRS[pair], init="all-normal")
    spec = asked("picture", CONDITIONS[kind])
    modulated = [layer for layer in pair.generator(spec).modules() if isinstance(layer, Modulated)]
    for layer in [part for one in modulated for part in (one.scale, one.shift)]:
        assert layer.weight.std().item() == pytest.approx(0.02, rel=5 / (2 * layer.weight.numel()) ** 0.5)
    critic = pair.critic(spec)
    (projection,) = (layer for layer in critic.modules() if isinstance(layer, Projection))
    features = projection.weights.out_features
    error = 5 / (2 * projection.weights.weight.numel()) ** 0.5
    assert projection.weights.weight.std().item() == pytest.approx(features**-0.5, rel=error)
    if kind == "number":
        low, high = critic.embedding(torch.tensor([[-1.0], [1.0]])).detach()
        assert (low - high).norm() > 0.1 * (low + high).norm()


UNCONDITIONAL = {
    "mlp": ("0.weight", "0.bias", "5.bias", 25, 6, 43249.809),
    "dcgan": ("1.weight", "2.weight", "5.bias", 14, 7, 5027.149),
    "small-conv": ("0.weight", "0.bias", "9.bias", 14, 10, 4010.538),
    "resnet": ("0.weight", "0.bias", "6.bias", 41, 16, 54976.876),
}


@pytest.mark.parametrize("pair", UNCONDITIONAL)
def test_without_a_condition_nothing_changed(pair):
    """The names of weights, and what they begin with, are those of versions that knew no conditions."""
    torch.manual_seed(7)
    described = NETWORKS[pair](latent_size=Z)
    generator, critic = (getattr(described, player)(SHAPES["picture"]).state_dict() for player in PLAYERS)
    total = sum(float(tensor.double().abs().sum()) for tensor in [*generator.values(), *critic.values()])
    found = *list(generator)[:2], list(critic)[-1], len(generator), len(critic)
    assert found == UNCONDITIONAL[pair][:-1]
    assert total == pytest.approx(UNCONDITIONAL[pair][-1], rel=1e-6)


@pytest.mark.parametrize("pair", ["mlp", "dcgan", "resnet"])
def test_a_thousand_classes_fit(pair):
    many = Condition((replace(CLASS, names=tuple(map(str, range(1000))), counts=(1,) * 1000),))
    generator, critic = PAIRS[pair].generator(asked("picture", many)), PAIRS[pair].critic(asked("picture", many))
    y = many.to_vectors(torch.arange(998.0, 1000)[:, None])
    assert critic(generator(torch.randn(2, Z), y), y).shape == (2,)


class TestVectors:
    def test_a_one_hot_vector_picks_one_row(self):
        vectors = CONDITIONS["class"].to_vectors(torch.tensor([[2.0], [0.0]]))
        assert vectors.tolist() == [[0, 0, 1], [1, 0, 0]]

    def test_parts_lie_side_by_side_in_their_order(self):
        mixture = CONDITIONS["mixture"]
        assert (mixture.width, mixture.size) == (4, 6)
        vectors = mixture.to_vectors(torch.tensor([[1.0, 0.0, 1.0, -0.5]]))
        assert vectors.tolist() == [[0, 1, 0, 0, 1, -0.5]]
        assert mixture.in_words(vectors) == [{"label": "dog", "tags": "round", "energy": "40"}]

    @pytest.mark.parametrize("part", [CLASS, LABELS, NUMBER], ids=lambda part: part.kind)
    def test_more_of_them_begin_with_the_same(self, part):
        few, many = (some_conditions(Condition((part,)), count) for count in (7, 50))
        assert torch.equal(few, many[:7])

    def test_they_are_as_frequent_as_in_the_data(self):
        drawn = some_conditions(CONDITIONS["mixture"], 20_000)
        expected = torch.tensor([*(count / 12 for count in CLASS.counts), 0.5, 0.25])
        torch.testing.assert_close(drawn[:, :5].mean(0), expected, atol=0.015, rtol=0)
        numbers = drawn[:, 5] * NUMBER.spread + NUMBER.centre
        shares = [float((numbers < edge).float().mean()) for edge in (10, 40, 60, 90.001)]
        assert shares == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=0.015)


@pytest.mark.parametrize("kind", ["class", "number"])
def test_penalties_hold_between_a_sample_and_its_fake(kind):
    """An interpolate has one condition: the loss is that of each pair alone, averaged."""
    _, critic = players("dcgan", "picture", kind)
    critic.double()
    real, fake = torch.randn(2, 4, *SHAPES["picture"]).double()
    y = some_conditions(CONDITIONS[kind], 4).double()

    half = FixedNoise(torch.full((4,), 0.5).double(), real)
    whole = WGANGP().critic_loss(bound(critic, y), real, fake, half).value
    total = 0.0
    for place in range(4):
        one, other = (part[place : place + 1].requires_grad_() for part in (real.clone(), fake.clone()))
        own = y[place : place + 1]
        middle = (0.5 * one + 0.5 * other).detach().requires_grad_()
        (slope,) = torch.autograd.grad(critic(middle, own).sum(), middle)
        total += critic(other, own) - critic(one, own) + 10 * (slope.norm() - 1) ** 2
    torch.testing.assert_close(whole, total.squeeze() / 4)
