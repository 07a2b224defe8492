"""Fakes of several batches by one call: one call for each batch is the oracle."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn

from helpers import CONDITIONS, some_conditions
from wgan.networks import DCGAN, MLP
from wgan.objectives import WGANGP
from wgan.training import Batch, Game, Step
from wgan.training.engines.fakes import Maker, grouped
from wgan.types import SampleSpec
from wgan.types.bound import bound

GROUPS, BATCH, Z = 3, 5, 6
PAIRS = {
    "batch norm of features": MLP(latent_size=Z, generator_widths=(8, 16), batch_norm=True),
    "batch norm of pictures": DCGAN(latent_size=Z, generator_width=4),
    "no norm": MLP(latent_size=Z, generator_widths=(8, 16), batch_norm=False),
}


def batches(asked=None):
    random = torch.Generator().manual_seed(0)
    return [
        Batch(torch.zeros(0), torch.randn(BATCH, Z, generator=random), None, asked and some_conditions(asked, BATCH, i))
        for i in range(GROUPS)
    ]


def plainly(network, z, condition):
    with torch.no_grad():
        return bound(network, condition)(z)


def assert_same(generator, evaluation=False, asked=None):
    """One call of the maker makes what one call for each batch does, and leaves the same statistics."""
    reference = deepcopy(generator).double().train(not evaluation)
    given = batches(asked)
    expected = [
        plainly(reference, b.z.double(), b.condition if b.condition is None else b.condition.double()) for b in given
    ]
    maker = Maker(generator, Step(Game(WGANGP(), evaluation_fakes=evaluation), given, []))
    calls = []

    def make(network, z, condition):
        calls.append(len(z))
        return plainly(network, z, condition)

    found = [batch.fake for batch in maker(generator.train(not evaluation), given, make)]
    assert calls == ([GROUPS * BATCH] if maker.together else [BATCH] * GROUPS)
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(other.double(), one, rtol=1e-4, atol=1e-5)
    for one, other in zip(reference.buffers(), generator.buffers(), strict=True):
        torch.testing.assert_close(other.double(), one.double(), rtol=1e-5, atol=1e-6)
    return maker


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_one_call_is_that_of_each_batch_by_itself(pair):
    torch.manual_seed(1)
    assert assert_same(pair.generator(SampleSpec.of((3, 16, 16)))).together


def test_in_evaluation_mode_the_running_statistics_are_used_and_stay():
    torch.manual_seed(1)
    generator = PAIRS["batch norm of pictures"].generator(SampleSpec.of((3, 16, 16)))
    generator(torch.randn(BATCH, Z))
    assert assert_same(generator, evaluation=True).together


def test_conditions_stay_with_their_fakes():
    torch.manual_seed(1)
    asked = CONDITIONS["mixture"]
    spec = replace(SampleSpec.of((3, 16, 16)), condition=asked)
    assert assert_same(PAIRS["batch norm of features"].generator(spec), asked=asked).together


class Mixing(nn.Module):
    """Its samples depend on their whole batch, in another way than by BatchNorm."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(Z, 4)

    def forward(self, z):
        made = self.layer(z)
        return made - made.mean(0)


class Later(nn.Module):
    """Begins to mix its batch once its weight is no longer zero, as the last layers of residual blocks do."""

    def __init__(self):
        super().__init__()
        self.layer, self.share = nn.Linear(Z, 4), nn.Parameter(torch.zeros(()))

    def forward(self, z):
        made = self.layer(z)
        return made + self.share * (made - made.mean(0))


class OwnNorm(nn.BatchNorm1d):
    """Does more than the layer that it is derived from."""

    def forward(self, x):
        return 1.5 * super().forward(x) + x


def hooked():
    layer = nn.Linear(Z, 4)
    layer.register_forward_hook(lambda module, given, made: made - made.mean(0))
    return layer


@pytest.mark.parametrize(
    "generator",
    [Mixing(), Later(), nn.Sequential(nn.Linear(Z, 4), nn.BatchNorm1d(4, momentum=None))],
    ids=["mixes its batch", "may do so later", "averages over everything"],
)
def test_other_generators_are_called_for_each_batch(generator):
    assert not assert_same(generator).together


@pytest.mark.parametrize(
    "layer",
    [
        OwnNorm(Z),
        hooked(),
        nn.InstanceNorm1d(Z, track_running_stats=True),
        nn.utils.parametrizations.spectral_norm(nn.Linear(Z, Z)),
        nn.RReLU(),
        nn.Dropout(0.5),
        nn.MultiheadAttention(Z, 1, dropout=0.5),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_so_are_those_with_layers_that_change_from_call_to_call_or_are_not_known(layer):
    generator = nn.Sequential(nn.Linear(Z, Z), layer)
    assert not Maker(generator, Step(Game(WGANGP()), batches(), [])).together


def test_the_networks_share_their_weights():
    generator = PAIRS["batch norm of pictures"].generator(SampleSpec.of((3, 16, 16)))
    together = grouped(generator, GROUPS)
    assert {id(p) for p in together.parameters()} == {id(p) for p in generator.parameters()}
    assert {id(b) for b in together.buffers()} == {id(b) for b in generator.buffers()}


def test_a_batch_norm_that_averages_over_everything_is_refused():
    with pytest.raises(ValueError, match="BatchNorm1d may treat the samples of a batch together"):
        grouped(nn.Sequential(nn.BatchNorm1d(3, momentum=None)), GROUPS)
