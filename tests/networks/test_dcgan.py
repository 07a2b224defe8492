"""DCGAN: sizes, shapes, and the counts that tutorials and recipes publish."""

import re

import pytest
import torch

from helpers import noise_for
from wgan.errors import InputError
from wgan.networks import DCGAN, MLP, ResNet, SmallConv, count_parameters, layer_table, networks
from wgan.networks.sizes import pyramid
from wgan.objectives import WGANGP
from wgan.recipes import recipe
from wgan.training import Adam, Batch, Eager, Game, GeneratorBatch, TrainState, critic_step, generator_step
from wgan.types import SampleSpec


@pytest.mark.parametrize(
    ("architecture", "shape", "generator", "critic"),
    [
        (MLP(), (1, 28, 28), 1_510_032, 533_505),
        (DCGAN(generator_width=32, critic_width=16), (3, 64, 64), 1_100_227, 175_313),
        (DCGAN(critic_norm="batch", bias=False), (3, 32, 32), 1_068_928, 663_296),
        (DCGAN(critic_norm="batch", norm_first=True, bias=False), (3, 64, 64), 3_576_704, 2_765_696),
        (DCGAN(critic_norm="instance", norm_first=True, bias=False), (3, 64, 64), 3_576_704, 2_765_696),
        (DCGAN(critic_norm="layer", norm_first=True, bias=False), (3, 64, 64), 3_576_704, 2_765_696),
        (SmallConv(), (1, 28, 28), 94_416, 631_425),
        (SmallConv(critic_norm="batch"), (1, 28, 28), 94_416, 631_425),
    ],
)
def test_published_parameter_counts(architecture, shape, generator, critic):
    assert count_parameters(architecture.generator(shape)) == generator
    assert count_parameters(architecture.critic(shape)) == critic


def test_the_epsilon_of_batch_norm_is_what_weights_of_a_much_copied_script_need():
    """Of the values of a new network, (x - mean) / sqrt(var + 0.8) in training, by hand."""
    layers = MLP(latent_size=4, generator_widths=(8, 16), batch_norm_epsilon=0.8).generator((1, 2, 2))
    x = layers[:3](torch.randn(32, 4))
    expected = (x - x.mean(0)) / (x.var(0, correction=0) + 0.8).sqrt()
    torch.testing.assert_close(layers[3](x), expected)


@pytest.mark.parametrize(
    ("size", "base", "stages"),
    [
        ((64, 64), (4, 4), 4),
        ((32, 32), (4, 4), 3),
        ((28, 28), (7, 7), 2),
        ((96, 96), (6, 6), 4),
        ((8, 8), (4, 4), 1),
        ((48, 64), (6, 8), 3),
        ((36, 36), (9, 9), 2),
        ((128, 64), (8, 4), 4),
        ((256, 256), (4, 4), 6),
    ],
)
def test_plan_doubles_a_small_base_to_the_size(size, base, stages):
    assert pyramid((3, *size)) == (base, stages)
    assert tuple(side << stages for side in base) == size


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 64, 48), (3, 8, 8), (1, 40, 96)])
def test_pairs_fit_any_size_that_the_plan_admits(shape):
    pair = DCGAN(latent_size=5, generator_width=4, critic_width=4)
    images = pair.generator(shape)(torch.randn(3, 5))
    assert images.shape == (3, *shape)
    assert pair.critic(shape)(images).shape == (3,)


@pytest.mark.parametrize("size", [(128, 128), (128, 64), (64, 128)])
def test_a_step_trains_pairs_at_128_and_at_two_to_one(size):
    """Each weight of both players is moved, and the critic sets real apart from fake by more than before."""
    torch.manual_seed(0)
    pair, adam = DCGAN(latent_size=5, generator_width=2, critic_width=2, bias=False), Adam(learning_rate=1e-3)
    networks = pair.generator((3, *size)), pair.critic((3, *size))
    state = TrainState(*networks, adam, adam, ema_decay=0.9, device=torch.device("cpu"))
    before = [p.clone() for network in networks for p in network.parameters()]
    real, z = torch.rand(4, 3, *size), torch.randn(4, 5)
    game, margins = Game(WGANGP(penalty_weight=0.1)), []
    for _ in range(2):
        batch = Batch(real, z, noise_for(real))
        margins.append(float(critic_step(state, game, batch, Eager())["distance"]))
    assert margins[1] > margins[0]
    generator_step(state, game, GeneratorBatch(real, z), Eager())
    after = [p for network in networks for p in network.parameters()]
    assert not any(torch.equal(old, new) for old, new in zip(before, after, strict=True))
    assert state.generator(z).shape == real.shape


@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        ((109, 89), ["104x88", "112x96"]),
        ((65, 65), ["64x64", "72x72"]),
        ((7, 7), ["8x8"]),
        ((90, 90), ["88x88", "96x96"]),
        ((5, 300), ["8x300"]),
    ],
)
def test_impossible_sizes_name_the_nearest_possible_ones(size, nearest):
    with pytest.raises(InputError) as caught:
        pyramid((3, *size))
    assert re.findall(r"(\d+x\d+) \(", str(caught.value)) == nearest


def can_be_made(height, width):
    try:
        pyramid((3, height, width))
    except InputError:
        return False
    return True


def test_no_possible_size_lies_between_an_impossible_one_and_those_it_names():
    possible = [side for side in range(1, 320) if can_be_made(side, side)]
    for side in range(4, 270):
        if side not in possible:
            with pytest.raises(InputError) as caught:
                pyramid((3, side, side))
            named = [int(found) for found in re.findall(r"(\d+)x\1 \(", str(caught.value))]
            below = [size for size in possible if size < side][-1:]
            assert named == [*below, next(size for size in possible if size > side)]


def test_points_are_refused():
    with pytest.raises(InputError, match="Use mlp"):
        DCGAN().generator((2,))


def test_weights_start_as_the_paper_says():
    torch.manual_seed(0)
    generator = DCGAN().generator((3, 64, 64))
    weights = torch.cat([m.weight.flatten() for m in generator if isinstance(m, torch.nn.ConvTranspose2d)])
    assert weights.std().item() == pytest.approx(0.02, rel=0.01)
    assert weights.mean().abs().item() < 1e-4
    for norm in (m for m in generator if isinstance(m, torch.nn.BatchNorm2d)):
        assert (norm.weight == 1).all()


def test_normalisation_scales_can_start_spread_around_one():
    torch.manual_seed(0)
    pair = DCGAN(critic_norm="batch", scale_spread=0.02)
    for network in (pair.generator((3, 64, 64)), pair.critic((3, 64, 64))):
        scales = torch.cat([m.weight for m in network if isinstance(m, torch.nn.BatchNorm2d)]).detach()
        assert scales.mean().item() == pytest.approx(1, abs=0.003)
        assert scales.std().item() == pytest.approx(0.02, rel=0.1)


def test_small_conv_leaks_as_the_tutorial_does():
    pair = SmallConv()
    layers = [*pair.generator((1, 28, 28)), *pair.critic((1, 28, 28))]
    assert {layer.negative_slope for layer in layers if isinstance(layer, torch.nn.LeakyReLU)} == {0.01}


@pytest.mark.parametrize("kind", ["layer", "none", "batch"])
def test_small_conv_critics_mix_samples_only_with_batch_norm(kind):
    torch.manual_seed(0)
    a, b, c = torch.randn(3, 1, 1, 8, 12)
    critic = SmallConv(critic_norm=kind).critic((1, 8, 12))
    beside_b, beside_c = critic(torch.cat([a, b]))[0], critic(torch.cat([a, c]))[0]
    assert torch.allclose(beside_b, beside_c, atol=1e-6) == (kind != "batch")


@pytest.mark.parametrize(("size", "nearest"), [((27, 28), "28x28"), ((5, 3), "4x4"), ((30, 41), "32x40")])
def test_small_conv_names_the_nearest_size(size, nearest):
    with pytest.raises(InputError, match=nearest):
        SmallConv().generator((1, *size))


@pytest.mark.parametrize("kind", ["instance", "layer", "none"])
def test_norms_for_a_penalty_do_not_mix_samples_and_batch_norm_does(kind):
    torch.manual_seed(0)
    a, b, c = torch.randn(3, 1, 3, 16, 16)
    for name, same in ((kind, True), ("batch", False)):
        critic = DCGAN(critic_width=4, critic_norm=name, norm_first=True).critic((3, 16, 16))
        beside_b, beside_c = critic(torch.cat([a, b]))[0], critic(torch.cat([a, c]))[0]
        assert torch.allclose(beside_b, beside_c, atol=1e-6) == same


def test_layer_tables_add_up():
    pair = DCGAN(generator_width=32, critic_width=16)
    critic = pair.critic((3, 64, 64)).train()
    table = layer_table(critic, torch.zeros(2, 3, 64, 64))
    assert sum(row.parameters for row in table) == count_parameters(critic)
    assert [row.output for row in table if row.kind == "Conv2d"] == [
        (16, 32, 32),
        (32, 16, 16),
        (64, 8, 8),
        (128, 4, 4),
        (1, 1, 1),
    ]
    assert critic.training, "the table leaves the network as it was"


def test_memory_is_what_the_document_prints_less_its_blocks():
    """The lab report's tables have each block's output a second time, in a row of its own, and count it."""
    generator, critic = networks(recipe("dcgan-anime").networks, SampleSpec.picture(3, 64, 64))
    blocks = 64 * 32**2 + 128 * 16**2 + 256 * 8**2 + 512 * 4**2
    printed = (
        {"input": 0.00, "forward_backward": 3.94, "parameters": 13.64},
        {"input": 0.05, "forward_backward": 3.75, "parameters": 10.55},
    )
    for network, numbers in zip((generator, critic), printed, strict=True):
        ours = network.megabytes
        ours["forward_backward"] += 2 * 4 * blocks / 2**20
        assert {name: float(f"{ours[name]:.2f}") for name in numbers} == numbers
        assert network.fixed == 0
        assert ours["forward"] == network.megabytes["forward_backward"] / 2


def test_memory_of_an_mlp_by_hand():
    """Of 5 latents, 4 hidden values and pictures of 2x3, in fp32. Activations follow each hidden layer."""
    pair = MLP(latent_size=5, generator_widths=(4,), critic_widths=(4,))
    generator, critic = networks(pair, SampleSpec.picture(1, 2, 3))
    assert generator.megabytes == {
        "input": 4 * 5 / 2**20,
        "forward": 4 * (4 + 4 + 6 + 6) / 2**20,  # linear, LeakyReLU, linear, tanh; then another shape
        "forward_backward": 8 * (4 + 4 + 6 + 6) / 2**20,
        "parameters": 4 * ((5 + 1) * 4 + (4 + 1) * 6) / 2**20,
    }
    assert critic.megabytes["forward"] == 4 * (4 + 4 + 1) / 2**20
    assert critic.megabytes["input"] == 4 * 6 / 2**20


def test_layers_that_take_no_memory_share_that_of_their_input():
    for pair in (MLP(latent_size=8), DCGAN(latent_size=8), SmallConv(latent_size=8), ResNet(latent_size=8)):
        for network, example in ((pair.generator, torch.zeros(2, 8)), (pair.critic, torch.zeros(2, 1, 28, 28))):
            shared: dict[str, bool] = {}

            def note(module, inputs, output, found=shared):
                found[module] = inputs[0].untyped_storage().data_ptr() == output.untyped_storage().data_ptr()

            made = network((1, 28, 28))
            for module in made.modules():
                if not list(module.children()):
                    module.register_forward_hook(note)
            made.eval()(example)
            rows = {row.name: row.kept == 0 for row in layer_table(made, example)}
            assert rows == {name: shared[module] for name, module in made.named_modules() if module in shared}
