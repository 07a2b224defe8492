"""Spectral normalisation of every critic: norms by torch's own decomposition, and what must hold around it."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from helpers import assert_equal_runs, noise_for, small_config, small_experiment, small_run
from wgan.networks import NETWORKS, count_parameters, networks
from wgan.objectives import WGANGP, slopes
from wgan.runs.weights import load_weights
from wgan.training import Adam, Batch, Eager, Game, TrainState, critic_step
from wgan.types import SampleSpec

SHAPE = (3, 16, 16)


def critic_of(name, norm="spectral", **settings):
    torch.manual_seed(0)
    return pair_of(name, norm, **settings).critic(SHAPE)


def pair_of(name, norm="spectral", **settings):
    narrow = {"generator_width": 8, "critic_width": 8, "generator_widths": (16,), "critic_widths": (16, 16)}
    fields = NETWORKS[name].__dataclass_fields__
    chosen = {key: value for key, value in narrow.items() if key in fields} | settings
    return NETWORKS[name](latent_size=4, critic_norm=norm, **chosen)


def norms(critic):
    """The largest singular value of each weight, by its name, without moving the estimates."""
    critic = deepcopy(critic).eval()
    layers = {name: layer for name, layer in critic.named_modules() if isinstance(layer, nn.Linear | nn.Conv2d)}
    assert layers
    return {name: float(torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]) for name, layer in layers.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_weight_has_norm_one_and_keeps_it_while_the_critic_learns(name):
    critic = critic_of(name)
    adam = Adam(learning_rate=1e-3)
    state = TrainState(pair_of(name).generator(SHAPE), critic, adam, adam, ema_decay=0.9, device=torch.device("cpu"))
    before = deepcopy(critic.state_dict())
    for _ in range(20):
        real = torch.rand(8, *SHAPE)
        terms = critic_step(state, Game(WGANGP()), Batch(real, torch.randn(8, 4), noise_for(real)), Eager())
    assert float(terms["penalty"]) > 0
    assert all(not torch.equal(value, before[key]) for key, value in critic.state_dict().items() if "original" in key)
    assert list(norms(critic).values()) == pytest.approx([1.0] * len(norms(critic)), abs=0.1)


def test_scores_of_an_mlp_move_by_no_more_than_its_samples_do():
    """Its slopes are at most the product of the norms of its layers (Miyato et al. 2018, eq. 7)."""
    found = slopes(critic_of("mlp").eval(), torch.randn(64, *SHAPE)).max().item()
    assert 0 < found <= 1.05


@pytest.mark.parametrize("name", NETWORKS)
def test_sizes_are_those_without_it_and_layers_are_shown_by_their_names(name):
    spec = SampleSpec.of(SHAPE)
    (plain,), (found,) = (
        networks(pair_of(name, norm), spec, leave_out=("generator",)) for norm in ("none", "spectral")
    )
    assert found == plain
    assert count_parameters(critic_of(name)) == plain.parameters


@pytest.mark.parametrize("init", ["own", "normal", "he", "orthogonal"])
@pytest.mark.parametrize("name", sorted({*NETWORKS} - {"r3gan"}))
def test_first_weights_are_drawn_as_without_it(name, init):
    plain, found = (critic_of(name, norm, init=init).state_dict() for norm in ("none", "spectral"))
    drawn = {key.replace("parametrizations.", "").replace(".original", ""): value for key, value in found.items()}
    assert all(torch.equal(drawn[key], value) for key, value in plain.items())


def test_blocks_of_r3gan_do_not_start_at_zero_which_has_no_norm():
    assert min(norms(critic_of("r3gan")).values()) == pytest.approx(1.0, abs=0.05)
    assert min(norms(critic_of("r3gan", "none")).values()) == 0


def test_a_copy_scores_as_the_critic_does():
    critic = critic_of("dcgan").eval()
    x = torch.randn(2, *SHAPE)
    assert torch.equal(deepcopy(critic)(x), critic(x))


SETTINGS = {"networks.critic_norm": "spectral", "objective": "hinge"}


def test_a_run_resumes_bit_for_bit_and_its_critic_can_be_loaded(tmp_path):
    settings = {key.replace(".", "__"): value for key, value in SETTINGS.items()}
    whole = small_run(tmp_path / "whole", **settings)
    small_run(tmp_path / "parts", stop=7, **settings)
    parts = small_run(tmp_path / "parts", **settings)
    assert_equal_runs(whole, parts)
    assert whole.critic_file.read_bytes() == parts.critic_file.read_bytes()
    critic = small_config(**settings).networks.critic((1, 8, 8))
    load_weights(critic, whole.critic_file)
    trained = whole.load_checkpoint()["critic"]
    assert all(torch.equal(value, trained[key]) for key, value in critic.state_dict().items())


def test_nothing_is_wrong_with_a_run_under_a_penalty(tmp_path):
    with small_experiment(tmp_path / "run", networks__critic_norm="spectral", objective="wgan-gp") as running:
        assert not running.wiring.mixes_samples
        assert not running.wiring.bounded_scores
