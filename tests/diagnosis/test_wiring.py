"""Wiring: whatever is in the tables fits, and each way of not fitting is found, alone."""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from wgan.diagnosis import Tryout, try_out
from wgan.diagnosis.trials.data import quantiles
from wgan.networks import MLP, NETWORKS, SmallConv
from wgan.objectives import DRAGAN, OBJECTIVES, R1, R3GAN, WGAN, WGANGP, Composed, Hinge, input_gradient, slopes
from wgan.recipes import recipe
from wgan.types import Loss, Penalised

PICTURES, POINTS = (3, 16, 16), (2,)
NARROW = {"generator_width": 4, "critic_width": 4, "generator_widths": (8, 8), "critic_widths": (8,)}


def small(name, **settings):
    kind = NETWORKS[name]
    narrow = {key: value for key, value in NARROW.items() if key in kind.__dataclass_fields__}
    return kind(latent_size=6, **narrow, **settings)


def bench(pair=None, objective=None, shape=PICTURES, generator=None, critic=None):
    """A sound bench, but for the parts that are given."""
    torch.manual_seed(0)
    pair = pair or MLP(latent_size=6, generator_widths=(8, 8), critic_widths=(8,))
    real = 2 * torch.rand(64, *shape) - 1
    return Tryout(
        generator or pair.generator(shape),
        critic or pair.critic(shape),
        objective or WGANGP(),
        torch.randn(4, pair.latent_size),
        real,
    )


def fits(wiring, *, but=()):
    """What should be so of every sound run, where `but` is not asked."""
    sound = {
        "mixes_samples": False,
        "bounded_scores": False,
        "prefers_real": True,
        "seeks_high_scores": True,
        "reaches_generator": True,
        "whole_slope": True,
    }
    found = {name: getattr(wiring, name) for name in sound}
    return {name: value for name, value in found.items() if value != sound[name]} == dict(but)


@pytest.mark.parametrize(("name", "objective"), [*product(NETWORKS, OBJECTIVES)])
def test_every_pair_fits_every_objective(name, objective):
    game = OBJECTIVES[objective]()
    wiring = try_out(bench(small(name), game))
    assert fits(wiring)
    assert wiring.penalised == isinstance(game, Penalised)
    assert wiring.batch_norm == (name != "r3gan")
    assert -1 <= wiring.data_low < -0.95 < 0.95 < wiring.data_high <= 1
    assert -1 <= wiring.generator_low < -0.99 < 0.99 < wiring.generator_high <= 1


@pytest.mark.parametrize("width", [16, 32])
def test_a_tanh_that_is_approached_slowly_ends_at_1(width):
    """How far its values are from 1 says how small the first weights are, not what it can reach."""
    narrow = {"networks.generator_width": width, "networks.critic_width": width}
    wiring = try_out(bench(recipe("dcgan-anime").with_settings(narrow).networks, shape=PICTURES))
    assert (wiring.generator_low, wiring.generator_high) == pytest.approx((-1, 1), abs=1e-3)


@pytest.mark.parametrize("name", ["mlp", "dcgan", "resnet"])
@pytest.mark.parametrize("shape", [(2, 32), (1, 8, 8, 8)])
def test_signals_and_volumes_fit(name, shape):
    for objective in (WGANGP(), R3GAN()):
        wiring = try_out(bench(small(name), objective, shape))
        assert fits(wiring)
        assert (wiring.penalised, wiring.batch_norm, wiring.listens, wiring.hears) == (True,) * 4
        assert wiring.data_copies == 1
        assert (wiring.data_extreme, wiring.data_scales) == (0, 1), "these are of columns"
        assert -1 <= wiring.generator_low < -0.99 < 0.99 < wiring.generator_high <= 1


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_points_fit_every_objective(objective):
    wiring = try_out(bench(small("mlp", batch_norm=False), OBJECTIVES[objective](), POINTS))
    assert fits(wiring)
    assert not wiring.batch_norm
    assert (wiring.generator_low, wiring.generator_high) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("loss", "penalty", "at"),
    [
        *product(
            ["saturating", "least-squares", "relativistic"],
            ["one-centred", "one-sided", "zero-centred"],
            [("line",), ("around-real", "fake")],
        )
    ],
)
def test_compositions_fit(loss, penalty, at):
    assert fits(try_out(bench(objective=Composed(loss, penalty, at, reduction="sum"))))


@pytest.mark.parametrize(
    ("name", "norm"),
    [
        *product(["dcgan", "resnet"], ["instance", "layer", "batch", "none"]),
        *product(["small-conv"], ["layer", "batch", "none"]),
    ],
)
def test_only_batch_norm_mixes_samples(name, norm):
    wiring = try_out(bench(small(name, critic_norm=norm), Hinge()))
    assert fits(wiring, but={"mixes_samples": True} if norm == "batch" else {})


def critic_of(*layers):
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(PICTURES), 16), nn.LeakyReLU(), *layers)


def test_batch_norm_with_running_statistics_mixes_samples():
    critic = critic_of(nn.BatchNorm1d(16), nn.Linear(16, 1))
    assert fits(try_out(bench(critic=critic, objective=WGAN())), but={"mixes_samples": True})


def test_dropout_mixes_nothing():
    assert fits(try_out(bench(critic=critic_of(nn.Dropout(0.5), nn.Linear(16, 1)))))


class Probability(nn.Module):
    """A sigmoid that no list of layers shows."""

    def __init__(self):
        super().__init__()
        self.scores = critic_of(nn.Linear(16, 1))

    def forward(self, x):
        return torch.sigmoid(self.scores(x))


@pytest.mark.parametrize(
    "critic",
    [
        lambda: critic_of(nn.Linear(16, 1), nn.Sigmoid()),
        lambda: critic_of(nn.Linear(16, 1), nn.Tanh(), nn.Flatten(0)),
        Probability,
        lambda: critic_of(nn.LayerNorm(16), nn.Linear(16, 1), nn.Sigmoid()),
    ],
)
def test_a_critic_that_ends_in_a_sigmoid_or_a_tanh_is_bounded(critic):
    assert fits(try_out(bench(critic=critic())), but={"bounded_scores": True})


@pytest.mark.parametrize("scale", [0.0, 1e-3])
def test_a_critic_that_starts_from_next_to_nothing_is_not_bounded(scale):
    critic = critic_of(nn.Linear(16, 1))
    with torch.no_grad():
        for parameter in critic[-1].parameters():
            parameter.mul_(scale)
    assert fits(try_out(bench(critic=critic)))


@dataclass(frozen=True)
class Changed:
    """WGAN-GP, but for what a field changes."""

    critic_sign: int = 1
    generator_sign: int = 1
    detached: bool = False
    penalty_weight: float = 10.0

    def penalty(self, gradient):
        return (gradient.flatten(1).norm(dim=1) - 1).square().mean()

    def critic_loss(self, critic, real, fake, noise):
        alpha = noise.uniform().reshape(-1, *[1] * (real.ndim - 1))
        gradient, _ = input_gradient(critic, alpha * real + (1 - alpha) * fake)
        penalty = self.penalty(gradient)
        loss = self.critic_sign * (critic(fake).mean() - critic(real).mean()) + self.penalty_weight * penalty
        return Loss(loss, {"penalty": penalty})

    def generator_loss(self, critic, real, fake):
        return Loss(-self.generator_sign * critic(fake.detach() if self.detached else fake).mean(), {})

    def constrain(self, critic):
        pass


@pytest.mark.parametrize(
    ("objective", "fault"),
    [
        (Changed(), {}),
        (Changed(critic_sign=-1), {"prefers_real": False}),
        (Changed(generator_sign=-1), {"seeks_high_scores": False}),
        (Changed(critic_sign=-1, generator_sign=-1), {"prefers_real": False, "seeks_high_scores": False}),
        (Changed(detached=True), {"reaches_generator": False}),
    ],
)
def test_a_flipped_sign_and_a_cut_gradient_are_found(objective, fault):
    assert fits(try_out(bench(objective=objective)), but=fault)
    assert try_out(bench(objective=objective)).penalised


class Still(nn.Module):
    """A generator that keeps its gradient to itself."""

    def __init__(self):
        super().__init__()
        self.samples = MLP(latent_size=6, generator_widths=(8,)).generator(PICTURES)

    @torch.no_grad()
    def forward(self, z):
        return self.samples(z)


def test_a_generator_without_gradients_is_found():
    assert fits(try_out(bench(generator=Still())), but={"reaches_generator": False})


def test_a_gradient_of_nothing_but_zeros_still_reaches_the_generator():
    """At its start a zero-initialised critic has no slope; that mends itself."""
    critic = critic_of(nn.Linear(16, 1))
    nn.init.zeros_(critic[-1].weight)
    assert try_out(bench(critic=critic)).reaches_generator


class OverChannels(Changed):
    def penalty(self, gradient):
        return (gradient.norm(dim=1) - 1).square().mean()


class OverTheBatch(Changed):
    def penalty(self, gradient):
        return (gradient.norm() - 1).square()


class RootOfASum(Changed):
    def penalty(self, gradient):
        return (gradient.square().sum((1, 2, 3)) - 1).square().sum().sqrt()


class OfEachValue(Changed):
    def penalty(self, gradient):
        return (gradient.abs() - 1).square().mean()


@pytest.mark.parametrize("kind", [OverChannels, OverTheBatch, RootOfASum, OfEachValue])
def test_a_norm_over_anything_but_one_whole_sample_is_found(kind):
    assert fits(try_out(bench(objective=kind())), but={"whole_slope": False})


class Summed(Changed):
    def penalty(self, gradient):
        return (gradient.flatten(1).norm(dim=1) - 1).square().sum()


class Cubed(Changed):
    def penalty(self, gradient):
        return gradient.flatten(1).norm(dim=1).pow(3).mean()


@pytest.mark.parametrize("kind", [Summed, Cubed])
@pytest.mark.parametrize("shape", [PICTURES, (1, 8, 8), POINTS])
def test_other_functions_of_the_whole_norm_are_none_of_its_business(kind, shape):
    assert fits(try_out(bench(objective=kind(), shape=shape)))


@pytest.mark.parametrize("objective", [DRAGAN(), R1(), R3GAN(), DRAGAN(spread=0.0), R1(penalty_weight=0.01)])
@pytest.mark.parametrize("shape", [PICTURES, (1, 8, 8), POINTS])
def test_penalties_at_other_points_are_whole_too(objective, shape):
    wiring = try_out(bench(objective=objective, shape=shape))
    assert (wiring.whole_slope, wiring.penalised) == (True, True)


def test_a_penalty_of_weight_nothing_is_none():
    assert not try_out(bench(objective=WGANGP(penalty_weight=0.0))).penalised


def generator_of(*layers, shape=PICTURES):
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, math.prod(shape)), *layers, nn.Unflatten(1, shape))


class Scaled(nn.Module):
    def forward(self, x):
        return 3 * x + 1


@pytest.mark.parametrize(
    ("layers", "low", "high"),
    [
        ((nn.Tanh(),), -1, 1),
        ((nn.Sigmoid(),), 0, 1),
        ((nn.Hardtanh(-0.5, 0.5),), -0.5, 0.5),
        ((nn.Tanh(), Scaled()), -2, 4),
        ((), -math.inf, math.inf),
    ],
)
def test_the_range_of_a_generator(layers, low, high):
    wiring = try_out(bench(generator=generator_of(*layers)))
    assert fits(wiring)
    assert (wiring.generator_low, wiring.generator_high) == pytest.approx((low, high), abs=0.01)


def test_quantiles_leave_out_one_value_of_a_hundred():
    values = torch.randn(30, 40, generator=torch.Generator().manual_seed(0))
    ordered = np.sort(values.numpy().ravel())
    assert quantiles(values) == (ordered[6], ordered[-7])  # 6 of 1,200 below and 6 above
    low, high = np.quantile(ordered, [0.005, 0.995])
    assert quantiles(values) == pytest.approx((low, high), abs=0.02)
    assert quantiles(torch.tensor([3.0, 1.0])) == (1, 3)
    spikes = torch.cat([torch.zeros(998), torch.tensor([1e6, -1e6])])
    assert quantiles(spikes) == (0, 0)


class Particular(nn.Module):
    """A network that takes batches of so many and raises an error of its own for all others."""

    def __init__(self, network, error, count):
        super().__init__()
        self.network, self.error, self.count = network, error, count

    def forward(self, x):
        if len(x) != self.count:
            raise self.error
        return self.network(x)


ERRORS = [RuntimeError("no"), AssertionError(), IndexError("no"), KeyError("no"), ZeroDivisionError()]


@pytest.mark.parametrize("error", ERRORS)
def test_parts_that_do_not_take_to_being_tried_count_as_fitting(error):
    class Impatient(Changed):
        def critic_loss(self, critic, real, fake, noise):
            raise error

        def generator_loss(self, critic, real, fake):
            raise error

    assert fits(try_out(bench(critic=Particular(critic_of(nn.Linear(16, 1)), error, 4))))
    assert fits(try_out(bench(objective=Impatient())))
    nothing = try_out(bench(generator=Particular(generator_of(), error, 0)))
    assert fits(nothing)
    assert (nothing.generator_low, nothing.generator_high) == (-math.inf, math.inf)


def test_trying_is_the_same_each_time():
    tried = [try_out(bench(SmallConv(latent_size=6), DRAGAN())) for _ in range(2)]
    assert tried[0] == tried[1]


def test_a_slope_is_what_the_tests_penalties_take_it_for():
    """The oracle of this file's own objective: wgan.slopes."""
    critic, x = critic_of(nn.Linear(16, 1), nn.Flatten(0)), torch.randn(5, *PICTURES)
    gradient, _ = input_gradient(critic, x)
    torch.testing.assert_close(Changed().penalty(gradient), (slopes(critic, x) - 1).square().mean())
