"""Finite differences of scores, which stand for squared slopes, against closed forms and exact penalties."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from helpers import FixedNoise, noise_for
from wgan.errors import InputError
from wgan.objectives import R1, R3GAN, Composed, differences, slopes

R3GAN_BY_DIFFERENCES = Composed("relativistic", "zero-centred", ("real", "fake"), 1.0, slope="finite-difference")


class Quadratic(nn.Module):
    """C(x) = g . x + x . Hx / 2, with a symmetric H."""

    def __init__(self, size=4):
        super().__init__()
        self.g, h = nn.Parameter(torch.randn(size).double()), torch.randn(size, size).double()
        self.h = nn.Parameter((h + h.T) / 2)

    def forward(self, x):
        return x @ self.g + ((x @ self.h) * x).sum(1) / 2


class Linear(nn.Module):
    """C(x) = a . x"""

    def __init__(self, a):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a).double())

    def forward(self, x):
        return x.flatten(1) @ self.a


def mlp(inputs=6):
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 16), nn.Tanh(), nn.Linear(16, 1), nn.Flatten(0)).double()


def mean_and_error(values):
    """The mean of independent numbers, and its standard error."""
    return values.mean().item(), (values.std() / len(values) ** 0.5).item()


@pytest.mark.parametrize("sigma", [1e-3, 0.1, 10.0])
def test_the_mean_square_of_a_linear_critic_is_the_square_of_its_slope_for_every_sigma(sigma):
    """(a . e)^2 has mean |a|^2 and variance 2 |a|^4, whatever sigma is and wherever it is taken."""
    torch.manual_seed(0)
    critic, count, square = Linear([1.5, -2.0, 0.5]), 200_000, 1.5**2 + 2.0**2 + 0.5**2
    x, normal = torch.randn(2, count, 3).double()
    squares = differences(critic, x, normal, sigma).detach().square()
    assert squares.mean().item() == pytest.approx(square, abs=4 * (2 / count) ** 0.5 * square)
    assert squares.var().item() == pytest.approx(2 * square**2, rel=0.05)


@pytest.mark.parametrize("sigma", [0.01, 0.5, 2.0])
def test_curvature_adds_what_its_closed_form_says(sigma):
    """At x: |g + Hx|^2 + sigma^2 / 4 (2 tr H^2 + (tr H)^2), from the fourth moments of a normal distribution."""
    torch.manual_seed(1)
    critic, x = Quadratic(), torch.randn(4).double()
    normal = torch.randn(400_000, 4).double()
    with torch.no_grad():
        squares = differences(critic, x.expand_as(normal), normal, sigma).square()
        h = critic.h
        expected = (critic.g + h @ x).square().sum() + sigma**2 / 4 * (2 * (h @ h).trace() + h.trace() ** 2)
    mean, error = mean_and_error(squares)
    assert mean == pytest.approx(expected.item(), abs=4 * error)


def test_scores_that_are_known_are_not_computed_again():
    torch.manual_seed(0)
    critic, x, normal, calls = mlp(), *torch.randn(2, 5, 6).double(), []

    def counting(samples):
        calls.append(samples)
        return critic(samples)

    found = differences(counting, x, normal, 0.1, critic(x))
    torch.testing.assert_close(found, differences(critic, x, normal, 0.1))
    assert [torch.equal(samples, x + 0.1 * normal) for samples in calls] == [True]


@pytest.mark.parametrize("point", ["line", "real", "fake", "around-real"])
def test_the_mean_penalty_is_the_exact_one_within_its_standard_error(point):
    """Of eight points, each with 10,000 directions, in 20 batches."""
    torch.manual_seed(2)
    critic, blocks = mlp(), 20
    real, fake = (torch.randn(8, 6).double().repeat(500, 1) for _ in range(2))
    exact = Composed("wasserstein", "zero-centred", (point,), 1.0)
    near = replace(exact, slope="finite-difference", sigma=1e-4)
    found, expected = torch.zeros(2, blocks).double()
    for i in range(blocks):
        noise = noise_for(real)
        for objective, values in ((near, found), (exact, expected)):
            values[i] = objective.critic_loss(critic, real, fake, noise).terms["penalty"].detach()
    mean, error = mean_and_error(found - expected)
    assert abs(mean) < 4 * error
    assert error < 0.02 * expected.mean().item()


def test_the_mean_gradient_is_that_of_the_exact_penalty():
    """By weight: the mean over 20,000 directions, within four of its standard errors."""
    torch.manual_seed(3)
    critic, x, count = mlp(), torch.randn(6).double(), 20_000
    exact = torch.autograd.grad(slopes(critic, x[None]).square().mean(), list(critic.parameters())[:3])
    blocks = []
    for _ in range(20):
        normal = torch.randn(count // 20, 6).double()
        squares = differences(critic, x.expand_as(normal), normal, 1e-4).square().mean()
        blocks.append(torch.cat([g.flatten() for g in torch.autograd.grad(squares, list(critic.parameters())[:3])]))
    found = torch.stack(blocks)
    off = (found.mean(0) - torch.cat([g.flatten() for g in exact])) / (found.std(0) / len(found) ** 0.5 + 1e-9)
    assert off.abs().max() < 5


@pytest.mark.parametrize("at", [("line",), ("real", "fake"), ("around-real",)])
def test_the_gradient_is_that_of_the_written_penalty_in_double_precision(at):
    """Central differences of the loss with respect to each weight, as no derivative is involved otherwise."""
    torch.manual_seed(4)
    critic, real, fake = mlp(), *torch.randn(2, 5, 6).double()
    noise = noise_for(real)
    objective = Composed("relativistic", "zero-centred", at, 3.0, slope="finite-difference", sigma=0.2)
    objective.critic_loss(critic, real, fake, noise).value.backward()
    for weight in critic.parameters():
        flat, step = weight.data.flatten(), 1e-6
        for i in range(0, len(flat), 7):
            values = []
            for moved in (step, -step):
                weight.data.view(-1)[i] += moved
                values.append(objective.critic_loss(critic, real, fake, noise).value.item())
                weight.data.view(-1)[i] -= moved
            assert weight.grad.view(-1)[i].item() == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-6)


class OnceOnly(torch.autograd.Function):
    """The identity, whose gradient cannot be differentiated."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient):
        return gradient


def test_no_second_derivative_is_taken():
    torch.manual_seed(5)
    layers, real, fake = mlp(), *torch.randn(2, 5, 6).double()

    def critic(x):
        return layers(OnceOnly.apply(x))

    with pytest.raises(RuntimeError, match="once_differentiable"):
        R3GAN().critic_loss(critic, real, fake, noise_for(real)).value.backward()
    R3GAN_BY_DIFFERENCES.critic_loss(critic, real, fake, noise_for(real)).value.backward()
    assert all(weight.grad.isfinite().all() for weight in layers.parameters())


def test_one_weight_means_the_same_for_both():
    """Along a linear critic's own direction the difference is the slope itself: R1 and R3GAN, value by value."""
    torch.manual_seed(6)
    critic, real, fake = Linear([0.6, -0.8]), *torch.randn(2, 5, 2).double()
    noise = FixedNoise(torch.rand(5).double(), critic.a.detach().expand(5, 2))
    for named in (R1(3.0), R3GAN(3.0)):
        composed = replace(named.composition, slope="finite-difference", sigma=0.3)
        exact, near = (objective.critic_loss(critic, real, fake, noise) for objective in (named, composed))
        torch.testing.assert_close(near.value, exact.value)
        torch.testing.assert_close(near.terms["penalty"], exact.terms["penalty"])
        assert "gradient_norm" not in near.terms


@pytest.mark.parametrize("penalty", ["one-centred", "one-sided"])
def test_penalties_that_need_a_norm_are_refused_in_words(penalty):
    with pytest.raises(InputError, match=rf"no {penalty} penalty .*penalty=zero-centred"):
        Composed(penalty=penalty, slope="finite-difference")
    assert Composed(penalty=penalty, slope="finite-difference", penalty_weight=0.0).penalty_weight == 0
