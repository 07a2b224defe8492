"""Signals: against closed forms and second implementations; they change nothing, and wait for nothing."""

import math
from copy import deepcopy
from itertools import product
from typing import ClassVar

import numpy as np
import pytest
import torch
from scipy.stats import energy_distance
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn.functional import adaptive_avg_pool1d, adaptive_avg_pool3d
from torch.utils._python_dispatch import TorchDispatchMode

from wgan.diagnosis import Networks, Probe, Updates, layer_gradients
from wgan.diagnosis.signals import at_bound, ordered_share, thumbnails
from wgan.types import SampleSpec

NONE = torch.zeros(0, 2)


class Passing(nn.Module):
    """A generator of what it is given, times its one weight: its latents are the samples of a test."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, z):
        return self.scale * z


class Linear(nn.Module):
    """The critic whose scores, slope and distance can be worked out."""

    def __init__(self, *direction):
        super().__init__()
        self.direction = nn.Parameter(torch.tensor(direction))

    def forward(self, x):
        return x.flatten(1) @ self.direction


def normal(count, *shape, seed=0):
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


def signals(training, held_out, samples, critic=None, **settings):
    """The signals of a generator that makes these samples."""
    critic = critic or Linear(*[0.0] * samples[0].numel())
    terms = Probe(training, held_out, **settings).measure(Networks(Passing(), critic, Passing()), samples)
    assert all(value.ndim == 0 and not value.requires_grad for value in terms.values())
    return {name: float(value) for name, value in terms.items()}


# -- the critic -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("levels", [3, 1000])
def test_the_ordered_share_is_the_area_under_the_roc_curve(levels):
    random = np.random.default_rng(levels)
    real, fake = random.integers(0, levels, 90) / 8, random.integers(0, levels, 90) / 8
    expected = roc_auc_score([1] * 90 + [0] * 90, np.concatenate([real, fake]))
    assert ordered_share(torch.tensor(real), torch.tensor(fake)).item() == pytest.approx(expected, abs=1e-6)


def test_the_ordered_share_of_constants_and_of_what_is_told_apart():
    assert ordered_share(torch.ones(5), torch.ones(5)) == 0.5
    assert ordered_share(torch.ones(5), torch.zeros(5)) == 1
    assert ordered_share(torch.zeros(5), torch.ones(5)) == 0


def test_a_linear_critic_has_the_distance_the_spread_and_the_slope_that_can_be_worked_out():
    """Scores 3x + 4y: training reals 11, held-out ones 7, fakes 0."""
    training, held_out = torch.tensor([[1.0, 2.0]] * 4), torch.tensor([[1.0, 1.0]] * 4)
    found = signals(training, held_out, torch.zeros(4, 2), Linear(3.0, 4.0))
    assert found["train_distance"] == pytest.approx(11)
    assert found["held_out_distance"] == pytest.approx(7)
    assert found["slope"] == pytest.approx(5)
    assert found["accuracy"] == found["held_out_accuracy"] == 1
    assert found["score_spread"] == pytest.approx(3.5)  # 7 and 0, as often


def test_accuracies_are_of_the_training_samples_and_of_the_held_out_ones():
    training, held_out, samples = normal(64, 2) + torch.tensor([5.0, 0]), normal(64, 2, seed=1), normal(64, 2)
    found = signals(training, held_out, samples, Linear(1.0, 0.0))
    assert found["train_distance"] == pytest.approx(5, abs=1e-5)  # the samples are the training ones, moved
    assert found["accuracy"] > 0.99
    scores = np.concatenate([held_out[:, 0], samples[:, 0]])
    assert found["held_out_accuracy"] == pytest.approx(roc_auc_score([1] * 64 + [0] * 64, scores), abs=1e-6)


def test_sure_is_the_share_of_logits_whose_probability_is_beyond_999_in_1000():
    real = torch.tensor([[math.log(999.9 / 0.1)], [math.log(998 / 2)], [-8.0], [0.0]])
    found = signals(real, NONE[:, :1], torch.tensor([[9.0], [1.0], [-2.0], [0.0]]), Linear(1.0), logits=True)
    assert found["sure"] == 3 / 8
    assert "sure" not in signals(real, NONE[:, :1], real, Linear(1.0))


@pytest.mark.parametrize("shape", [(4, 1), (4, 1, 2, 2)])
def test_scores_with_further_axes_count_as_their_mean(shape):
    class Patches(nn.Module):
        def forward(self, x):
            return x.sum(1).reshape(-1, *[1] * (len(shape) - 1)).expand(-1, *shape[1:])

    training, held_out = torch.full((4, 2), 3.0), torch.full((4, 2), 2.0)
    found = signals(training, held_out, torch.zeros(4, 2), Patches())
    assert (found["train_distance"], found["held_out_distance"], found["accuracy"]) == (6, 4, 1)


def test_the_share_at_the_bound():
    critic = nn.Linear(4, 2)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[0.01, -0.01, 0.0099, 0.0], [0.005, -0.002, 0.01, 0.00999999]]))
        critic.bias.copy_(torch.tensor([-0.01, 0.001]))
    assert at_bound(critic, 0.01).item() == pytest.approx(5 / 10)
    assert at_bound(critic, 1.0) == 0
    samples = normal(8, 2)
    assert signals(samples, NONE, samples, Linear(0.1, 0.05), clip=0.1)["at_clip"] == 0.5
    assert "at_clip" not in signals(samples, NONE, samples)


# -- the samples ------------------------------------------------------------------------------------------------------


def distances(a, b):
    """A second implementation, in float64: all distances between two sets of points."""
    a, b = (x.flatten(1).double().numpy() for x in (a, b))
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(2))


def of_two(points):
    """The mean distance between two different points of a set."""
    return distances(points, points)[~np.eye(len(points), dtype=bool)].mean()


def test_the_energy_distance_against_a_second_implementation():
    training, held_out, samples = normal(40, 3), normal(40, 3, seed=1), 2 * normal(40, 3, seed=2) + 1
    found = signals(training, held_out, samples)
    data, made = of_two(held_out), of_two(samples)
    expected = (2 * distances(held_out, samples).mean() - made - data) / data
    assert found["energy_distance"] == pytest.approx(expected, rel=1e-4)
    assert found["diversity"] == pytest.approx(made / data, rel=1e-4)


def test_the_energy_distance_of_numbers_is_that_of_scipy():
    """Whose square counts each point's distance to itself, 0, among the pairs."""
    real, fake = normal(60, 1, seed=3), 1.5 * normal(60, 1, seed=4) + 0.3
    found = signals(normal(60, 1), real, fake)
    data, made = of_two(real), of_two(fake)
    squared = energy_distance(real[:, 0].double(), fake[:, 0].double()) ** 2
    assert found["energy_distance"] == pytest.approx((squared - data / 60 - made / 60) / data, abs=1e-5)


def test_the_energy_distance_is_nothing_for_like_samples_and_grows_with_what_moves_them():
    training, held_out = normal(512, 2), normal(512, 2, seed=1)
    found = [signals(training, held_out, normal(512, 2, seed=2) + torch.tensor([by, 0])) for by in (0.0, 0.5, 1.0, 3.0)]
    energies = [line["energy_distance"] for line in found]
    assert abs(energies[0]) < 0.01
    assert 0.03 < energies[1] < energies[2] / 2
    assert energies[2] < energies[3] / 2
    # All in the middle of a plane's normal distribution: 2 E|X| / E|X - X'| - 1 = sqrt(2) - 1.
    one_place = signals(training, held_out, torch.zeros(512, 2))["energy_distance"]
    assert one_place == pytest.approx(math.sqrt(2) - 1, abs=0.06)


def test_diversity_is_one_for_like_samples_and_nothing_for_a_constant():
    training, held_out = normal(512, 2), normal(512, 2, seed=1)
    assert signals(training, held_out, normal(512, 2, seed=2))["diversity"] == pytest.approx(1, abs=0.08)
    assert signals(training, held_out, normal(512, 2, seed=2) / 2)["diversity"] == pytest.approx(0.5, abs=0.04)
    assert signals(training, held_out, torch.ones(512, 2))["diversity"] == 0


def test_coverage_of_like_samples_is_what_naeem_2020_expect():
    """For as many reals as fakes, 1 - (N-1)...(N-k) / ((2N-1)...(2N-k)), whatever the distribution."""
    count = 128
    expected = 1 - math.prod((count - i) / (2 * count - i) for i in range(1, 6))
    seeds = range(0, 36, 3)
    runs = [signals(*(normal(count, 3, seed=seed + i) for i in range(3)))["coverage"] for seed in seeds]
    found = np.array(runs)
    assert abs(found.mean() - expected) < 4 * found.std(ddof=1) / math.sqrt(len(found))
    assert found.std() < 0.03
    assert signals(normal(count, 3), normal(count, 3, seed=1), normal(count, 3, seed=2) + 100)["coverage"] == 0


def ring(count, modes, seed):
    """So many of eight modes far from each other."""
    angles = torch.arange(count) % modes * (2 * math.pi / 8)
    return 10 * torch.stack([angles.cos(), angles.sin()], 1) + 0.1 * normal(count, 2, seed=seed)


def test_what_is_missed_is_the_share_of_the_data_in_modes_without_samples():
    training, held_out = ring(512, 8, 0), ring(512, 8, 1)
    missed = {modes: signals(training, held_out, ring(512, modes, 2))["missed"] for modes in (8, 4, 1)}
    assert missed[8] < 0.05
    assert missed[4] == pytest.approx(1 / 2, abs=0.05)
    assert missed[1] == pytest.approx(7 / 8, abs=0.05)
    assert signals(normal(512, 8), normal(512, 8, seed=1), normal(512, 8, seed=2))["missed"] < 0.05


@pytest.mark.parametrize("count", [20, 200, 2000])
def test_copies_are_told_from_new_samples(count):
    """Whatever share of the data is held out; and a catalogue is searched beyond the training samples at hand."""
    training, held_out = normal(count, 6), normal(24, 6, seed=1)
    assert signals(training, held_out, training[:20] + 0.001)["memorised"] == 1
    assert signals(training[:20], held_out, training[-20:] + 0.001, catalogue=training)["memorised"] == 1
    assert signals(training, held_out, normal(200, 6, seed=2))["memorised"] < 0.15


def test_distances_far_from_zero_keep_their_digits():
    training, held_out, fresh = (normal(200, 6, seed=seed) for seed in (0, 1, 2))
    near = signals(training, held_out, fresh)
    far = signals(training + 10_000, held_out + 10_000, fresh + 10_000)
    for name in ("energy_distance", "diversity", "missed", "coverage", "memorised"):
        assert far[name] == pytest.approx(near[name], abs=0.01)


def test_saturated_values_are_counted_on_both_sides():
    training, held_out, samples = torch.zeros(16, 2), torch.zeros(16, 2), torch.zeros(4, 2)
    held_out[:4], held_out[4:] = torch.tensor([1.0, -1.0]), 0.5 * torch.arange(24).reshape(12, 2) / 24
    samples[:, 0] = torch.tensor([0.995, -0.995, 0.985, -0.985])
    found = signals(training, held_out, samples)
    assert (found["saturated"], found["saturated_real"]) == (2 / 8, 8 / 32)


def test_a_handful_of_held_out_samples_is_no_reference():
    """Then samples are compared with the training ones; the critic's scores of the handful are still told."""
    training, samples = normal(100, 3), normal(100, 3, seed=1)
    few, none = (signals(training, normal(count, 3, seed=2), samples) for count in (6, 0))
    assert few["energy_distance"] == none["energy_distance"]
    assert "held_out_distance" in few


def test_thumbnails_of_points_and_small_pictures_are_what_they_are():
    for shape in ((5,), (1, 8, 8), (3, 4, 6)):
        samples = normal(3, *shape)
        assert torch.equal(thumbnails(samples, SampleSpec.of(shape)), samples.flatten(1))


@pytest.mark.parametrize("size", [(16, 32), (28, 28), (64, 6)])
def test_thumbnails_of_pictures_are_means_of_their_parts(size):
    samples = normal(2, 3, *size)
    sides = [min(side, 8) for side in size]
    expected = np.zeros((2, 3, *sides))
    for i, j in product(*map(range, sides)):
        (top, bottom), (left, right) = (
            (k * side // cells, -(-(k + 1) * side // cells)) for k, side, cells in zip((i, j), size, sides, strict=True)
        )
        expected[:, :, i, j] = samples[:, :, top:bottom, left:right].double().mean((2, 3))
    np.testing.assert_allclose(thumbnails(samples, SampleSpec.picture(3, *size)), expected.reshape(2, -1), atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 100), (1, 9), (3, 6), (1, 16, 16, 16), (2, 9, 3, 14), (1, 4, 30, 5)])
def test_thumbnails_of_signals_and_volumes_are_torchs_means(shape):
    samples, sides = normal(5, *shape), len(shape) - 1
    size = [min(side, {1: 8, 3: 4}[sides]) for side in shape[1:]]
    expected = {1: adaptive_avg_pool1d, 3: adaptive_avg_pool3d}[sides](samples.double(), size)
    found = thumbnails(samples, SampleSpec.of(shape))
    assert found.shape == (5, shape[0] * math.prod(size))
    np.testing.assert_allclose(found, expected.flatten(1), atol=1e-6)


@pytest.mark.parametrize("shape", [(2, 40), (1, 8, 8, 8)])
def test_signals_and_volumes_have_the_signals_of_pictures(shape):
    def measured(shape, moved=0.0, copied=False):
        generator = nn.Sequential(Passing(), nn.Unflatten(1, shape))
        critic = Linear(*[0.0] * math.prod(shape))
        data, held_out, samples = (normal(50, *shape, seed=seed) for seed in (0, 1, 0 if copied else 2))
        players = Networks(generator, critic, generator)
        return Probe(data, held_out).measure(players, (samples + moved).flatten(1))

    found, pictures = measured(shape), measured((1, 8, 8))
    assert set(found) == set(pictures)
    assert all(bool(value.isfinite()) for value in found.values())
    assert abs(found["energy_distance"]) < 0.05 < 0.2 < measured(shape, moved=1.0)["energy_distance"]
    assert (found["memorised"], measured(shape, copied=True)["memorised"]) == (0, 1)


def test_with_nothing_held_out_what_needs_it_is_left_out():
    data, samples = normal(40, 2), normal(40, 2, seed=1)
    with_it, without = signals(data, normal(40, 2, seed=2), samples), signals(data, NONE, samples)
    assert set(with_it) - set(without) == {"held_out_distance", "held_out_accuracy", "memorised"}
    assert not set(without) - set(with_it)
    assert all(math.isfinite(value) for value in without.values())
    same_reference = signals(normal(40, 2, seed=3), data, samples)
    assert all(without[key] == same_reference[key] for key in ("energy_distance", "diversity", "coverage"))


def test_data_with_fewer_different_samples_than_cells_are_measured_without_a_warning():
    data = torch.tensor([[0.0, 0.0], [1.0, 0.0]]).repeat(64, 1)
    found = signals(data, data, data)
    assert (found["missed"], found["coverage"]) == (0, 1)
    assert signals(data, data, torch.zeros(128, 2))["missed"] == 0.5


# -- the updates ------------------------------------------------------------------------------------------------------


def test_updates_are_the_length_of_a_step_by_that_of_the_weights():
    """SGD of rate 0.1 on 6 w1 + 8 w2 moves the weights (3, 4) by (0.6, 0.8): 1/5 of their length."""
    players = Networks(Linear(3.0, 4.0), Linear(0.0, 2.0), Linear(3.0, 4.0))
    updates = Updates()
    assert updates.measure(players) == {}
    updates.begin(players)
    (players.generator.direction @ torch.tensor([6.0, 8.0])).backward()
    torch.optim.SGD(players.generator.parameters(), 0.1).step()
    found = updates.measure(players)
    assert found["generator_update"].item() == pytest.approx(1 / 5)
    assert found["critic_update"] == 0
    assert updates.measure(players) == {}, "measured once"


def test_the_drift_of_the_average_is_the_way_to_the_generator_by_its_own_length():
    samples = normal(8, 2)
    terms = Probe(samples, samples).measure(Networks(Passing(3.0), Linear(1.0, 0.0), Passing(2.0)), samples)
    assert terms["ema_drift"].item() == pytest.approx(1 / 2)


def test_the_critic_is_asked_about_the_generator_and_people_see_its_average():
    data = normal(64, 2)
    players = Networks(Passing(2.0), Linear(1.0, 0.0), Passing(0.0))
    terms = Probe(data, data).measure(players, torch.ones(64, 2))
    assert terms["train_distance"].item() == pytest.approx(data[:, 0].mean().item() - 2, abs=1e-5)
    assert terms["diversity"] == 0


def test_parts_of_the_samples_say_what_all_of_them_do_and_no_graph_is_kept():
    torch.manual_seed(0)
    generator, critic = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2)), nn.Sequential(nn.Linear(2, 1))
    players, z, data = Networks(generator, critic, generator), normal(24, 4), normal(64, 2)
    whole, split = (
        Probe(data, normal(31, 2, seed=1), generator_part=part, critic_part=part and 3).measure(players, z)
        for part in (None, 5)
    )
    assert whole.keys() == split.keys()
    for name, value in whole.items():
        torch.testing.assert_close(split[name], value, rtol=1e-4, atol=1e-5)
        assert not split[name].requires_grad, name


def test_layer_gradients_are_the_norms_of_what_autograd_left():
    generator, critic = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), nn.Linear(2, 1)
    assert layer_gradients(Networks(generator, critic, generator)) == {"generator": {}, "critic": {}}
    critic.bias.requires_grad_(False)
    z = normal(5, 3)
    expected = torch.autograd.grad(critic(generator(z)).sum(), [*generator.parameters(), critic.weight])
    critic(generator(z)).sum().backward()
    found = layer_gradients(Networks(generator, critic, generator))
    assert list(found["generator"]) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert list(found["critic"]) == ["weight"]
    norms = [*found["generator"].values(), *found["critic"].values()]
    torch.testing.assert_close(norms, [gradient.norm() for gradient in expected])


# -- what measuring leaves alone --------------------------------------------------------------------------------------


def players_with_memory():
    """Networks whose every forward pass in training changes buffers and draws random numbers."""
    torch.manual_seed(0)
    hidden = [nn.Linear(4, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.3)]
    generator = nn.Sequential(*hidden, nn.Linear(48, 300), nn.Unflatten(1, (3, 10, 10)))
    critic = nn.Sequential(
        nn.Conv2d(3, 8, 3, 2), nn.BatchNorm2d(8), nn.Dropout(0.3), nn.Flatten(), nn.Linear(128, 1), nn.Flatten(0)
    )
    nn.utils.parametrizations.spectral_norm(critic[0])
    return Networks(generator.train(), critic.train(), deepcopy(generator).eval())


def everything(players):
    tensors = [v.clone() for network in players for v in (*network.parameters(), *network.buffers())]
    tensors += [p.grad.clone() for network in players for p in network.parameters() if p.grad is not None]
    return tensors, [module.training for network in players for module in network.modules()]


def test_measuring_changes_no_weight_buffer_gradient_or_mode():
    players, z = players_with_memory(), normal(24, 4)
    players.critic(players.generator(z)).sum().backward()
    before, modes = everything(players)
    updates = Updates()
    updates.begin(players)
    terms = Probe(normal(24, 3, 10, 10), normal(24, 3, 10, 10, seed=1), clip=0.1, logits=True).measure(players, z)
    updates.measure(players)
    layer_gradients(players)
    after, modes_after = everything(players)
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert modes == modes_after
    assert all(value.isfinite() for value in terms.values())


class NoWaiting(TorchDispatchMode):
    """Fails on what makes the host wait for a device: a number that is read, a shape that depends on the data."""

    WAITS: ClassVar = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        waits = not self.WAITS.isdisjoint(operator.tags)
        if operator is torch.ops.aten.index.Tensor:  # by numbers, it has the shape of the numbers
            waits = any(index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1])
        if waits:
            raise AssertionError(f"{operator} waits for the device.")
        return operator(*args, **(kwargs or {}))


@pytest.mark.parametrize("waiting", [torch.Tensor.item, bool, lambda x: x[x > 0], torch.nonzero, torch.unique])
def test_what_waits_is_found(waiting):
    with pytest.raises(AssertionError, match="waits for the device"), NoWaiting():
        waiting(torch.ones(1))


def test_measuring_does_not_wait_for_the_device():
    """But for the first time, when the cells of the data are made."""
    players, z = players_with_memory(), normal(24, 4)
    players.critic(players.generator(z)).sum().backward()
    probe, updates = Probe(normal(24, 3, 10, 10), normal(24, 3, 10, 10, seed=1), clip=0.1, logits=True), Updates()
    first = probe.measure(players, z)
    with NoWaiting():
        updates.begin(players)
        again = probe.measure(players, z) | updates.measure(players)
        layer_gradients(players)
    assert set(again) == {*first, "generator_update", "critic_update"}
