"""Each figure's numbers against closed forms and other libraries; margins are twice the worst of five seeds."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import norm, spearmanr

from wgan.gallery import (
    gradients_by_layer,
    loss_and_pictures,
    parallel_lines,
    planes,
    stability,
    transport,
    two_gaussians,
    value_surfaces,
    weights,
)
from wgan.gallery.critics import compared
from wgan.metrics import ExactWasserstein
from wgan.networks import MLP

SEED = 3


def test_parallel_lines_measure_log_2_and_the_distance():
    found = parallel_lines.measure(SEED, apart=(-0.75, 0.0, 1.0))
    assert found.js == pytest.approx([math.log(2), 0, math.log(2)], abs=2e-3)
    # On a line, WGAN-GP's best slope is s = 1 + W1 / (2 lambda), and the distance s W1.
    assert found.w1 == pytest.approx([0.75 * (1 + 0.75 / 20), 0, 1 + 1 / 20], abs=5e-3)
    assert [found.w1_pull[0], found.w1_pull[2]] == pytest.approx([1 + 0.75 / 20, -(1 + 1 / 20)], abs=5e-3)
    assert [found.js_pull[0], found.js_pull[2]] == pytest.approx([0, 0], abs=1e-3)
    assert [parallel_lines.penalised(x) for x in (-0.75, 1.0)] == pytest.approx([0.778125, 1.05])
    assert [parallel_lines.w1(x) for x in (-0.5, 0.25)] == [0.5, 0.25]
    assert [parallel_lines.js(x) for x in (-0.5, 0.0)] == pytest.approx([math.log(2), 0])


def test_two_gaussians_have_the_closed_forms_beside_them():
    found = two_gaussians.measure(SEED)
    x = found.x
    best = norm.pdf(x, 2) / (norm.pdf(x, 2) + norm.pdf(x, -2))
    np.testing.assert_allclose(two_gaussians.best_discriminator(x), best, atol=1e-12)
    np.testing.assert_allclose(found.discriminator, best, atol=0.06)
    # The gradient of -log(1 - D) is D times the slope of the logit, 4; of log D it is (1 - D) times that.
    near = abs(x) < 2.5
    for pushes, expected in ((found.saturating, 4 * best), (found.non_saturating, 4 * (1 - best))):
        np.testing.assert_allclose(np.log(pushes[near]), np.log(expected[near]), atol=1.0)
    assert found.at(found.saturating) == pytest.approx(4 / (1 + math.exp(8)), rel=0.7)
    # Whatever it has learned, the gradients are those of its own logit.
    middle = abs(x) < 1.5
    share = found.discriminator[middle]
    slope = np.gradient(np.log(share / (1 - share)), x[middle])
    for pushes, expected in ((found.saturating, share * slope), (found.non_saturating, (1 - share) * slope)):
        assert np.median(abs(pushes[middle] / expected - 1)) < 0.02
    slope = two_gaussians.best_slope(x)
    np.testing.assert_allclose(found.wasserstein[near], slope[near], atol=0.09)


def test_the_slope_of_the_best_penalised_critic_needs_the_density_between():
    """Counted, not integrated: points between real and fake, and the mass that has to cross each place."""
    random = np.random.default_rng(0)
    alpha = random.random(1_000_000)
    real, fake = random.standard_normal((2, len(alpha))) + np.array([[2.0], [-2.0]])
    counts, edges = np.histogram(alpha * real + (1 - alpha) * fake, 15, (-3, 3))
    rho = counts / len(alpha) / (edges[1] - edges[0])
    x = (edges[1:] + edges[:-1]) / 2
    crossing = norm.cdf(x, -2) - norm.cdf(x, 2)
    np.testing.assert_allclose(two_gaussians.best_slope(x), 1 + crossing / (20 * rho), atol=5e-3)


def test_transport_costs_what_its_dual_says():
    for seed in range(3):
        found = transport.measure(seed)
        cost = np.linalg.norm(found.fake[:, None] - found.real, axis=2)
        cheapest = cost[linear_sum_assignment(cost)].mean()
        assert found.cost == pytest.approx(cheapest, abs=1e-9)
        assert found.dual == pytest.approx(cheapest, abs=1e-9)
        sets = (torch.from_numpy(points) for points in (found.real, found.fake))
        assert compared(ExactWasserstein(1), *sets) == pytest.approx(cheapest, abs=1e-6)
        assert transport.steepest(found, transport.plane()) == pytest.approx(1, abs=1e-6)


def test_value_surfaces_reach_what_a_known_critic_reaches():
    """A cone around the centre: slope 3 everywhere, so its share of a radial transport is all of it."""
    angle = torch.arange(100) * 2 * math.pi / 100
    inner = torch.stack([angle.cos(), angle.sin()], dim=1)

    def cone(x):
        return -3 * x.norm(dim=1)

    real, fake = inner, 2 * inner
    assert value_surfaces.reached(cone, real, fake) == pytest.approx(1.0, rel=1e-4)
    assert compared(ExactWasserstein(1), real, fake) == pytest.approx(1.0, rel=1e-4)


def test_the_penalty_sees_more_of_w1_than_clipping():
    name = "ring8"
    real, fake = planes.noisy_pairs(name, SEED + 1, 400)(0)
    w1 = compared(ExactWasserstein(1), real, fake)
    assert float((fake - real).std()) > 1, "other points plus noise of deviation one"
    shares = {
        method: value_surfaces.reached(planes.critic(name, method, SEED, 400), real, fake) / w1
        for method in planes.METHODS
    }
    assert 0.3 < shares["clipping"] + 0.08 < shares["penalty"] <= 1


def test_clipping_pushes_weights_to_the_bound():
    found = weights.measure(SEED, steps=300)
    assert abs(found.values["clipping"]).max() <= np.float32(planes.CLIP)
    assert found.values["clipping"].shape == (2 * 64 + 64 * 64 * 2 + 64,)
    assert found.at_bound("clipping") > 0.5
    assert abs(found.values["penalty"]).max() > planes.CLIP
    known = weights.Weights({"penalty": np.float32([-0.2, -0.1, 0, 0.05, 0.1, 0.11, 0.09, 0.03])})
    assert known.at_bound("penalty") == 4 / 8


def test_gradients_by_layer_are_products_of_the_weights():
    """All weights c and positive inputs: each layer on the way back multiplies the norm by c times the width."""
    c, width = 0.03, 5
    critic = MLP(critic_widths=(width,) * 3, leak=0.0).critic((2,))
    with torch.no_grad():
        for parameter in critic.parameters():
            parameter.fill_(c)
    norms = gradients_by_layer.by_layer(critic, torch.rand(7, 2) + 0.1)
    last = c * math.sqrt(width)
    expected = [math.sqrt(2) * c * (c * width) ** 3, last * (c * width) ** 2, last * c * width, last]
    assert norms == pytest.approx(expected, rel=1e-6)


def test_deep_critics_vanish_and_explode_under_clipping_only():
    norms = gradients_by_layer.measure(SEED, steps=250).norms
    assert [len(values) for values in norms.values()] == [12] * 4
    reaching = [values[0] for values in norms.values()]
    assert reaching[0] < 1e-20
    assert reaching[1] < 1e-10
    assert reaching[2] > 100
    assert reaching[3] == pytest.approx(1, abs=0.2)


def test_loss_and_pictures_agree_as_ranks_do():
    objective, name, optimizer = loss_and_pictures.METHODS["penalty"]
    course = loss_and_pictures.run(objective, name, optimizer, SEED, 150)
    assert course.steps == [25, 50, 75, 100, 125, 150]
    assert course.agreement == pytest.approx(spearmanr(course.logged, course.energy).statistic)
    known = course._replace(logged=[3.0, 1.0, 2.0, 9.0, 4.0], energy=[0.1, 0.5, 0.4, 0.2, 0.3])
    assert known.agreement == pytest.approx(spearmanr(known.logged, known.energy).statistic)
    assert course.energy[-1] < course.energy[0] - 0.2, "the samples come nearer to the digits"
    held_out = loss_and_pictures.digits()[-loss_and_pictures.COMPARED :]
    assert held_out.shape == (256, 1, 8, 8)
    assert [sample.shape for sample in course.samples] == [(16, 8, 8)] * 6


def test_stability_counts_modes_with_half_their_share():
    centres = torch.from_numpy(stability.RING).float()
    assert stability.modes(centres.repeat(100, 1)) == 8
    assert stability.modes(centres[:5].repeat(100, 1)) == 5
    assert stability.modes(torch.cat([centres[:7].repeat(100, 1), centres[7:].repeat(40, 1)])) == 7
    assert stability.modes(torch.cat([centres[:7].repeat(100, 1), centres[7:].repeat(60, 1)])) == 8
    assert stability.modes(torch.randn(5000, 2, generator=torch.Generator().manual_seed(0))) == 0
    shifted = centres * 1.29
    assert (stability.modes(shifted), stability.modes(centres * 1.31)) == (8, 0)
    table = np.array([[8, 7, 8], [8, 0, 1]])
    assert stability.Stability(table).trained == [2, 0, 1]


def test_one_setting_trains_and_none_does_without_steps():
    setting = (3e-3, False, 2)
    assert setting in stability.SETTINGS
    assert len(stability.SETTINGS) == 20
    objective = stability.METHODS["WGAN-GP"]
    assert stability.run(objective, setting, SEED, stability.STEPS) >= 6
    assert stability.run(objective, setting, SEED, 0) <= 2
