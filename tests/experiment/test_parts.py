"""Parts that are passed as Python objects: whatever a user may have made of them before."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import utils

import wgan
from helpers import CONDITIONS, small_config
from wgan.errors import InputError
from wgan.experiment.parts import Parts
from wgan.types import SampleSpec

Z = 5
SPEC = SampleSpec.picture(1, 8, 8)
SETTINGS = {"training.batch_size": 8, "output.log_every": 1}


def make_generator(last=None):
    return nn.Sequential(nn.Linear(Z, 64), last or nn.Tanh(), nn.Unflatten(1, SPEC.shape))


def make_critic(wrap=lambda module: module):
    return nn.Sequential(nn.Flatten(), wrap(nn.Linear(64, 8)), nn.LeakyReLU(), nn.Linear(8, 1), nn.Flatten(0))


def trained(tmp_path, generator=None, critic=None):
    generator = make_generator() if generator is None else generator
    critic = make_critic() if critic is None else critic
    return wgan.train(
        "digits", generator=generator, critic=critic, latent_size=Z, steps=2, out=tmp_path / "run", settings=SETTINGS,
        progress=False,
    )  # fmt: skip


class Empty(nn.Module):
    """A module whose truth is False."""

    def __init__(self):
        super().__init__()
        self.inner = make_generator()

    def __len__(self):
        return 0

    def forward(self, z):
        return self.inner(z)


def test_a_module_of_length_0_is_trained_and_not_replaced(tmp_path):
    own = Empty()
    first = own.inner[0].weight.detach().clone()
    run = trained(tmp_path, own)
    assert run.provenance.generator_parameters == sum(p.numel() for p in own.parameters())
    assert not torch.equal(own.inner[0].weight.cpu(), first)


@pytest.mark.filterwarnings("ignore:.*weight_norm.*is deprecated")
@pytest.mark.parametrize("wrap", [utils.weight_norm, utils.spectral_norm])
def test_a_critic_that_was_called_before_can_be_copied(tmp_path, wrap):
    critic = make_critic(wrap)
    critic(torch.randn(2, *SPEC.shape))
    assert trained(tmp_path, critic=critic).checkpoints().keys() >= {2}


def test_data_parallel_is_taken_off(tmp_path):
    own = make_generator()
    run = trained(tmp_path, nn.DataParallel(own), nn.DataParallel(make_critic()))
    assert run.checkpoints().keys() >= {2}
    assert Parts(nn.DataParallel(own)).ready(SPEC, Z, 0).generator is own


def lazy_critic():
    return nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(1), nn.Flatten(0))


def test_lazy_networks_get_their_shapes_from_the_data_and_their_weights_from_the_seed(tmp_path):
    assert trained(tmp_path, critic=lazy_critic()).checkpoints().keys() >= {2}
    state = torch.get_rng_state()
    found = [Parts(critic=lazy_critic()).ready(SPEC, Z, seed).critic[2].weight for seed in (0, 0, 1)]
    assert torch.equal(torch.get_rng_state(), state)
    assert found[0].shape == (1, 4 * 6 * 6)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_what_lazy_batchnorm_remembers_stays_as_it_was():
    generator = nn.Sequential(nn.Linear(Z, 64), nn.LazyBatchNorm1d(), nn.Unflatten(1, SPEC.shape))
    ready = Parts(generator).ready(SPEC, Z, 0).generator
    assert ready.training
    assert ready[1].running_mean.count_nonzero() == 0
    assert ready[1].num_batches_tracked == 0


def test_lazy_networks_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"The critic has lazy parameters, and does not accept \(2, 1, 8, 8\)"):
        Parts(critic=nn.Sequential(nn.Flatten(), nn.Linear(7, 4), nn.LazyLinear(1))).ready(SPEC, Z, 0)


def test_a_generator_of_a_tutorial_is_told_how_to_begin(tmp_path):
    tutorial = nn.Sequential(nn.ConvTranspose2d(Z, 1, 8), nn.Tanh())
    with pytest.raises(
        InputError, match=r"latents of shape \(B, 5, 1, 1\).* let it begin with nn.Unflatten\(1, \(5, 1, 1\)\)"
    ):
        trained(tmp_path, tutorial)
    assert trained(tmp_path, nn.Sequential(nn.Unflatten(1, (Z, 1, 1)), tutorial)).checkpoints().keys() >= {2}


def test_nothing_passed_stays_nothing():
    assert Parts().ready(SPEC, Z, 0) == Parts()
    assert small_config().custom == {}


class Both(nn.Module):
    """A network of two inputs, lazy in both unless it is told their size."""

    def __init__(self, *last, size=None):
        super().__init__()
        first = nn.LazyLinear(8) if size is None else nn.Linear(size, 8)
        self.inner = nn.Sequential(first, nn.Tanh(), *last)

    def forward(self, inputs, condition):
        return self.inner(torch.cat([inputs.flatten(1), condition], dim=1))


ASKED = replace(SPEC, condition=CONDITIONS["mixture"])


@pytest.mark.parametrize(
    ("spec", "parts", "complaint"),
    [
        (ASKED, Parts(generator=make_generator()), r"write forward\(z, condition\), where condition is \(B, 6\)"),
        (ASKED, Parts(critic=lazy_critic()), r"\(label, tags, energy\), and the critic takes one input: write forw"),
        (SPEC, Parts(generator=Both()), r"The generator takes two inputs.*data.condition.*or write forward\(z\)"),
        (SPEC, Parts(critic=Both()), r"The critic takes two inputs, .*or write forward\(x\)"),
    ],
)
def test_networks_of_too_many_inputs_or_too_few_are_told_how_to_begin(spec, parts, complaint):
    with pytest.raises(InputError, match=complaint):
        parts.ready(spec, Z, 0)


def test_lazy_networks_get_the_size_of_the_condition():
    ready = Parts(Both(), Both()).ready(ASKED, Z, 0)
    assert ready.generator.inner[0].in_features == Z + 6
    assert ready.critic.inner[0].in_features == 64 + 6


def own_pair(generator=Z + 10, critic=64 + 10):
    """Networks whose inputs have these sizes, both inputs together."""
    ends = [nn.Linear(8, 64), nn.Unflatten(1, SPEC.shape)], [nn.Linear(8, 1), nn.Flatten(0)]
    return {"generator": Both(*ends[0], size=generator), "critic": Both(*ends[1], size=critic)}


def asked_for_labels(tmp_path, networks):
    settings = SETTINGS | {"data.condition": ["label"]}
    return wgan.train(
        "digits", **networks, latent_size=Z, steps=2, out=tmp_path / "run", settings=settings, progress=False
    )


def test_own_networks_take_a_condition(tmp_path):
    run = asked_for_labels(tmp_path, own_pair())
    again = wgan.Run.open(run.path, own_pair()["generator"])
    one = torch.zeros(3, 10)
    one[:, 7] = 1
    asked = again.sample(3, condition={"label": 7})
    torch.testing.assert_close(asked, again.generator()(again.latents(3), one))
    assert torch.equal(again.conditions(3, {"label": "7"}), one)


@pytest.mark.parametrize(("who", "size"), [("generator", Z + 3), ("critic", 64 + 3)])
def test_a_condition_of_another_size_is_told(tmp_path, who, size):
    with pytest.raises(InputError, match=rf"The {who} .*with conditions of shape \(4, 10\)"):
        asked_for_labels(tmp_path, own_pair(**{who: size}))
