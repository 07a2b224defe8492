"""Trials, each from both sides: what was built to be so is found, with numbers where theory has them."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from diagnosis.rows import setup
from diagnosis.test_wiring import PICTURES, POINTS, Changed, bench, critic_of, small
from wgan.diagnosis import Severity, before_training, try_out
from wgan.diagnosis.trials import Tryout
from wgan.networks import NETWORKS
from wgan.objectives import OBJECTIVES, R1, WGANGP, Composed, Hinge, input_gradient
from wgan.types import Loss


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("shape", [(1, 8, 8), POINTS])
def test_objectives_of_ours_give_the_critic_the_gradient_of_their_loss(objective, shape):
    wiring = try_out(bench(small("mlp", batch_norm=False), OBJECTIVES[objective](), shape))
    assert wiring.penalty_reaches
    assert wiring.uses_real
    assert wiring.uses_fake
    assert wiring.slope_cost >= 0
    assert not wiring.falls_for_ever


@pytest.mark.parametrize("weight", [0.1, 1.0, 10.0, 1000.0])
def test_what_slopes_cost_is_the_weight_of_the_penalty(weight):
    """Slopes of 2 and 1: the one-centred penalties are 1 and 0, and R1's 2 and 1/2."""
    assert try_out(bench(objective=WGANGP(penalty_weight=weight))).slope_cost == pytest.approx(weight, rel=1e-4)
    assert try_out(bench(objective=Changed(penalty_weight=weight))).slope_cost == pytest.approx(weight, rel=1e-4)
    zero_centred = try_out(bench(objective=R1(penalty_weight=weight))).slope_cost
    assert zero_centred == pytest.approx(weight * 1.5, rel=1e-4)


@pytest.mark.parametrize("shape", [(1, 8, 8), POINTS])
@pytest.mark.parametrize("at", [("line",), ("real", "fake"), ("around-real",)])
def test_a_penalty_by_finite_differences_is_seen_as_the_exact_one(at, shape):
    """Of one weight, at as many points: tried along a linear critic's own direction, where both are the same."""
    exact = Composed("wasserstein", "zero-centred", at, 5.0)
    near = replace(exact, slope="finite-difference", sigma=0.3)
    found, expected = (try_out(bench(small("mlp", batch_norm=False), game, shape)) for game in (near, exact))
    assert found.whole_slope
    assert found.penalty_reaches
    assert not found.falls_for_ever
    assert found.slope_cost == pytest.approx(7.5 * len(at), rel=1e-4)
    assert found.slope_cost == pytest.approx(expected.slope_cost, rel=1e-3)
    assert found.steep_cost == pytest.approx(expected.steep_cost, rel=1e-3)


class Copied(Changed):
    """As users write it: own interpolation, own random numbers, `grad_outputs` without a dtype."""

    keeps_graph = True

    def critic_loss(self, critic, real, fake, noise):
        alpha = torch.rand(real.size(0), *[1] * (real.ndim - 1))
        between = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
        scores = critic(between)
        (gradient,) = torch.autograd.grad(
            scores, between, grad_outputs=torch.ones(scores.size()), create_graph=self.keeps_graph, retain_graph=True
        )
        penalty = (gradient.reshape(len(real), -1).norm(2, dim=1) - 1).square().mean()
        return Loss(critic(fake).mean() - critic(real).mean() + self.penalty_weight * penalty, {"penalty": penalty})


class WithoutGraph(Copied):
    keeps_graph = False


class DetachedPenalty(Changed):
    def penalty(self, gradient):
        return super().penalty(gradient).detach()


class Reversed(Changed):
    def penalty(self, gradient):
        return -super().penalty(gradient)


class WithoutFakes(Changed):
    def critic_loss(self, critic, real, fake, noise):
        loss = super().critic_loss(critic, real, fake, noise)
        return Loss(loss.value - critic(fake).mean(), loss.terms)


class WithoutReals(Changed):
    def critic_loss(self, critic, real, fake, noise):
        loss = super().critic_loss(critic, real, fake, noise)
        return Loss(loss.value + critic(real).mean(), loss.terms)


class Adaptive(Changed):
    """A weight that follows the slopes, and is rightly kept out of the gradient."""

    def penalty(self, gradient):
        return super().penalty(gradient) * (1 + gradient.norm()).detach()


class Clipped(Changed):
    """Instance noise of its own, and nothing else: noise is no penalty."""

    def critic_loss(self, critic, real, fake, noise):
        real, fake = (x + 0.1 * torch.randn_like(x) for x in (real, fake))
        return Loss(critic(fake).mean() - critic(real).mean(), {})

    def constrain(self, critic):
        for weight in critic.parameters():
            weight.data.clamp_(-0.01, 0.01)


class Probabilities(Changed):
    """The first GAN as people type it, whose logarithms overflow where scores are large."""

    def critic_loss(self, critic, real, fake, noise):
        true, false = torch.sigmoid(critic(real)), torch.sigmoid(critic(fake))
        return Loss(-(true.log() + (1 - false).log()).mean(), {})


class Faint(Changed):
    """A loss of whatever size is a loss."""

    def critic_loss(self, critic, real, fake, noise):
        return Loss(1e-7 * super().critic_loss(critic, real, fake, noise).value, {})


class SmallMargin(Changed):
    def critic_loss(self, critic, real, fake, noise):
        return Loss((torch.relu(0.1 - critic(real)) + torch.relu(0.1 + critic(fake))).mean(), {})


class Unpenalised(Changed):
    def critic_loss(self, critic, real, fake, noise):
        return Loss(critic(fake).mean() - critic(real).mean(), {})


class Remembering(Changed):
    """A loss with a memory."""

    def critic_loss(self, critic, real, fake, noise):
        calls = self.__dict__.setdefault("calls", [])
        calls.append(1)
        loss = super().critic_loss(critic, real, fake, noise)
        return Loss(loss.value + 100 * len(calls), loss.terms)


SOUND = {
    "prefers_real": True,
    "seeks_high_scores": True,
    "uses_real": True,
    "uses_fake": True,
    "penalty_reaches": True,
    "falls_for_ever": False,
}


@pytest.mark.parametrize(
    ("objective", "fault"),
    [
        (Changed(), {}),
        (Copied(), {}),
        (Remembering(), {}),
        (Adaptive(), {}),
        (Clipped(), {}),
        (Probabilities(), {}),
        (SmallMargin(), {}),
        (R1(penalty_weight=1e5), {}),
        (Faint(), {}),
        (WithoutGraph(), {"penalty_reaches": False}),
        (DetachedPenalty(), {"penalty_reaches": False}),
        (WithoutFakes(), {"uses_fake": False}),
        (WithoutReals(), {"uses_real": False}),
        (Unpenalised(), {"falls_for_ever": True}),
        (Hinge(), {}),
        (Composed(penalty_weight=0.0, clip=0.01), {}),
    ],
)
@pytest.mark.parametrize("shape", [PICTURES, POINTS])
def test_terms_of_an_objective_that_are_missing_or_cut_off_are_found(objective, fault, shape):
    wiring = try_out(bench(objective=objective, shape=shape))
    assert {name: getattr(wiring, name) for name in SOUND} == SOUND | fault
    assert wiring.steep_cost > -0.01


def test_a_penalty_for_another_slope_has_the_right_sign():
    class Hundred(Changed):
        def penalty(self, gradient):
            return (gradient.flatten(1).norm(dim=1) - 100).square().mean()

    assert try_out(bench(objective=Hundred())).steep_cost > 0


def test_a_penalty_with_the_wrong_sign_pays_for_slopes():
    wiring = try_out(bench(objective=Reversed()))
    assert wiring.slope_cost == pytest.approx(-10, rel=1e-4)
    assert wiring.steep_cost == pytest.approx(-10, rel=1e-4)


class Silent(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(0 * x)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_of_ours_listen_and_learn_everywhere(name):
    wiring = try_out(bench(small(name)))
    assert wiring.listens
    assert wiring.hears
    assert wiring.scales
    assert wiring.score_noise == wiring.generator_frozen == wiring.critic_frozen == 0
    assert max(wiring.generator_dead, wiring.critic_dead) < 0.5
    assert wiring.generator_rank > 1 < wiring.critic_rank


def test_networks_that_do_not_use_their_input_are_found():
    silent = try_out(
        bench(generator=Silent(small("mlp").generator(PICTURES)), critic=Silent(critic_of(nn.Linear(16, 1))))
    )
    assert (silent.listens, silent.hears) == (False, False)


def test_a_generator_that_starts_from_zero_listens_all_the_same():
    generator = small("mlp", batch_norm=False).generator(PICTURES)
    with torch.no_grad():
        for weight in [*generator.parameters()][-2:]:
            weight.zero_()
    assert try_out(bench(generator=generator)).listens


@pytest.mark.parametrize("seed", range(6))
def test_spectral_norm_mixes_nothing_and_does_not_scale(seed):
    bench_of = bench(
        critic=nn.Sequential(nn.Flatten(), spectral_norm(nn.Linear(768, 16)), spectral_norm(nn.Linear(16, 1)))
    )
    torch.manual_seed(seed)
    for module in bench_of.critic.modules():
        if hasattr(module, "_u"):
            module._u.normal_()
            module._v.normal_()
    before = {name: value.clone() for name, value in bench_of.critic.state_dict().items()}
    wiring = try_out(bench_of)
    assert not wiring.mixes_samples
    assert not wiring.scales
    assert before.keys() == bench_of.critic.state_dict().keys()


class ByHand(nn.Module):
    """Spectral norm as two repositories write it: a buffer that is replaced, or a parameter that is changed."""

    def __init__(self, parameter):
        super().__init__()
        self.weight, self.parameter = nn.Parameter(torch.randn(1, 768)), parameter
        u = torch.randn(768)
        if parameter:
            self.u = nn.Parameter(u, requires_grad=False)
        else:
            self.register_buffer("u", u)

    def forward(self, x):
        u = nn.functional.normalize(self.weight.detach().T @ (self.weight.detach() @ self.u) + 0.1 * self.u, dim=0)
        if self.parameter:
            self.u.data = u
        else:
            self.u = u
        return (x.flatten(1) @ (self.weight / (self.weight @ u).norm()).T).squeeze(1)


@pytest.mark.parametrize("parameter", [True, False])
def test_spectral_norm_by_hand_mixes_nothing(parameter):
    assert not try_out(bench(critic=ByHand(parameter))).mixes_samples


@pytest.mark.parametrize(("share", "drowns"), [(0.1, False), (0.3, False), (0.9, True), (0.95, True)])
def test_dropout_drowns_a_critic_when_little_is_left_of_it(share, drowns):
    critic = critic_of(nn.Dropout(share), nn.Linear(16, 16), nn.LeakyReLU(), nn.Dropout(share), nn.Linear(16, 1))
    assert (try_out(bench(critic=critic)).score_noise > 2.5) is drowns


class Noisy(nn.Module):
    """A linear critic along one axis whose scores have noise of a known size."""

    def __init__(self, size):
        super().__init__()
        self.size, self.weight = size, nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.weight * (x[:, 0] + self.size * torch.randn(len(x)))


@pytest.mark.parametrize("size", [0.5, 1.0, 3.0])
def test_the_noise_of_scores_is_relative_to_their_spread(size):
    noisy = bench(small("mlp", batch_norm=False), critic=Noisy(size), shape=POINTS)
    spread = float(noisy.mixed(8)[:, 0].std())
    assert try_out(noisy).score_noise == pytest.approx(size / spread, rel=0.3)


def test_units_that_answer_to_nothing_are_counted():
    network = nn.Sequential(nn.Flatten(), nn.Linear(768, 20), nn.ReLU(), nn.Linear(20, 1))
    with torch.no_grad():
        network[1].bias[:15], network[1].bias[15:] = -100.0, 100.0
    assert try_out(bench(critic=network)).critic_dead == pytest.approx(15 / 20)


def test_weights_that_get_no_gradient_are_counted():
    critic = critic_of(nn.Linear(16, 1))
    critic[1].requires_grad_(False)
    frozen = 16 * 769 / (16 * 769 + 17)
    assert try_out(bench(critic=critic)).critic_frozen == pytest.approx(frozen)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_a_narrow_layer_of_the_generator_is_its_rank(width):
    generator = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, width), nn.Linear(width, 768), nn.Tanh())
    wiring = try_out(bench(generator=nn.Sequential(generator, nn.Unflatten(1, PICTURES))))
    assert wiring.generator_rank == width


@pytest.mark.parametrize("width", [1, 3])
def test_a_narrow_layer_of_the_critic_is_the_rank_of_its_slopes(width):
    critic = nn.Sequential(
        nn.Flatten(), nn.Linear(768, width), nn.Tanh(), nn.Linear(width, 16), nn.Tanh(), nn.Linear(16, 1)
    )
    assert try_out(bench(critic=critic)).critic_rank == width


@pytest.mark.parametrize(
    ("end", "low", "high"),
    [(nn.ReLU(), 0, math.inf), (nn.Sigmoid(), 0, 1), (nn.Tanh(), -1, 1), (nn.Identity(), -math.inf, math.inf)],
)
def test_what_a_generator_can_reach_has_two_ends(end, low, high):
    generator = nn.Sequential(nn.Linear(6, 64), nn.LeakyReLU(), nn.Linear(64, 768), end, nn.Unflatten(1, PICTURES))
    wiring = try_out(bench(generator=generator))
    assert (wiring.generator_low, wiring.generator_high) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_a_generator_that_starts_with_positive_values_can_make_others(seed):
    torch.manual_seed(seed)
    last = nn.Linear(64, 768, bias=bool(seed % 2))
    nn.init.uniform_(last.weight)
    gain = nn.Parameter(torch.ones(1))
    generators = (
        nn.Sequential(nn.Linear(6, 64), nn.ReLU(), last),
        nn.Sequential(nn.Linear(6, 768), nn.Softplus(), nn.PReLU(init=1.0), Times(gain)),
        nn.Sequential(nn.Linear(6, 768), nn.Sigmoid(), nn.BatchNorm1d(768)),
    )
    for generator in generators:
        wiring = try_out(bench(generator=nn.Sequential(generator, nn.Unflatten(1, PICTURES))))
        assert (wiring.generator_low, wiring.generator_high) == (-math.inf, math.inf)


class Times(nn.Module):
    def __init__(self, gain):
        super().__init__()
        self.gain = gain

    def forward(self, x):
        return self.gain * x


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("end", "told"),
    [
        ([nn.ReLU()], "makes no values below 0, whatever its weights"),
        ([nn.BatchNorm1d(768), nn.ReLU()], "makes no values below 0, "),
        ([nn.Softplus()], "makes no values below "),
        ([nn.LogSigmoid()], "makes no values above "),
        ([nn.Sigmoid()], "makes only values in [0, 1]"),
    ],
)
def test_a_generator_that_makes_half_of_the_range_is_told_to_end_with_tanh(end, told, seed):
    torch.manual_seed(seed)
    layers = nn.Sequential(nn.Linear(6, 64), nn.LeakyReLU(), nn.Linear(64, 768), *end, nn.Unflatten(1, PICTURES))
    wiring = try_out(bench(generator=layers))
    (found,) = [one for one in before_training(setup(wiring=asdict(wiring))) if "range" in one.code]
    assert (found.code, found.severity) == ("data-outside-generator-range", Severity.error)
    assert told in found.evidence
    assert "End the generator with nn.Tanh()" in found.advice


def with_data(real, train_count=0):
    sound = bench(small("mlp", batch_norm=False), shape=tuple(real.shape[1:]))
    return try_out(Tryout(sound.generator, sound.critic, sound.objective, sound.z, real, train_count))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_the_dimension_of_data_in_a_plane_is_that_of_the_plane(dimension):
    random = np.random.default_rng(dimension)
    plane = random.standard_normal((500, dimension)) @ random.standard_normal((dimension, 64))
    found = with_data(torch.tensor(plane, dtype=torch.float32)).data_dimension
    assert found == pytest.approx(dimension, rel=0.2)


@pytest.mark.parametrize(("different", "times"), [(100, 50), (2500, 2), (5000, 1)])
def test_copies_are_counted_from_a_few_of_many(different, times):
    random = np.random.default_rng(0)
    samples = torch.tensor(random.standard_normal((different, 4)), dtype=torch.float32).repeat(times, 1)
    some = samples[random.choice(len(samples), 512, replace=False)]
    assert with_data(some, len(samples)).data_copies == pytest.approx(times, rel=0.3)


def test_a_few_blanks_are_no_copies():
    torch.manual_seed(0)
    blank = torch.rand(500, 1, 8, 8)
    blank[:50] = 0
    assert with_data(blank, 60_000).data_copies == 1


def test_samples_on_a_grid_have_neither_copies_nor_a_dimension():
    torch.manual_seed(0)
    for grid in (torch.randint(0, 2, (500, 8)).float(), torch.randint(0, 20, (500, 2)).float()):
        wiring = with_data(grid, 5000)
        assert (wiring.data_copies, wiring.data_dimension) == (1.0, 0.0)


def test_samples_that_are_alike_and_values_that_are_far_off_show_in_the_facts():
    torch.manual_seed(0)
    normal = torch.randn(400, 4)
    one = torch.rand(1, 1, 8, 8)
    assert with_data(normal).data_variety == pytest.approx(1, abs=0.05)
    assert with_data(one.repeat(64, 1, 1, 1)).data_variety == 0
    assert with_data(one + 1e-3 * torch.randn(64, 1, 8, 8)).data_variety < 0.01
    assert with_data(normal).data_extreme < 5
    assert with_data(torch.cat([normal, torch.full((1, 4), 500.0)])).data_extreme > 200
    assert with_data(normal * torch.tensor([1.0, 1, 1, 1000])).data_scales == pytest.approx(1000, rel=0.3)
    assert with_data(0.01 * one.repeat(64, 1, 1, 1) - 1).data_width < 0.01


def test_parts_that_raise_leave_the_defaults():
    class Raising(nn.Module):
        def forward(self, x):
            raise RuntimeError("no")

    wiring = try_out(bench(generator=Raising(), critic=Raising()))
    assert wiring.listens
    assert wiring.penalty_reaches


def test_a_penalty_without_a_name_is_tried_all_the_same():
    class Nameless(Changed):
        def critic_loss(self, critic, real, fake, noise):
            gradient, _ = input_gradient(critic, real)
            return Loss(critic(fake).mean() - critic(real).mean() + 5 * self.penalty(gradient), {})

    assert try_out(bench(objective=Nameless())).slope_cost == pytest.approx(5, rel=1e-4)


def test_a_generator_of_deep_sigmoids_listens_however_little():
    layers = [layer for _ in range(8) for layer in (nn.Linear(16, 16), nn.Sigmoid())]
    generator = nn.Sequential(nn.Linear(6, 16), *layers, nn.Linear(16, 768), nn.Tanh(), nn.Unflatten(1, PICTURES))
    assert try_out(bench(generator=generator)).listens


def test_zeros_in_every_layer_are_dead_and_zeros_in_the_last_are_not():
    for zeroed, share in ((slice(None), 1.0), (slice(-2, None), 0.0)):
        generator = small("mlp", batch_norm=False).generator(PICTURES)
        with torch.no_grad():
            for weight in [*generator.parameters()][zeroed]:
                weight.zero_()
        assert try_out(bench(generator=generator)).generator_dead == share


def test_the_first_slope_of_a_linear_critic_is_the_length_of_its_weights():
    critic = nn.Sequential(nn.Flatten(), nn.Linear(768, 1))
    length = float(critic[1].weight.detach().norm())
    assert try_out(bench(critic=critic)).first_slope == pytest.approx(length, rel=1e-5)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("depth", [1, 4])
def test_a_generator_of_points_reaches_everywhere(seed, depth):
    """ReLUs grow at unequal rates on the two sides."""
    torch.manual_seed(seed)
    layers = [layer for _ in range(depth) for layer in (nn.Linear(16, 16), nn.ReLU())]
    generator = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), *layers, nn.Linear(16, 2))
    wiring = try_out(bench(small("mlp", batch_norm=False), generator=generator, shape=POINTS))
    assert (wiring.generator_low, wiring.generator_high) == (-math.inf, math.inf)
