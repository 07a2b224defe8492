"""The gradient primitive against closed forms."""

import pytest
import torch
from torch import nn

from helpers import FixedNoise, noise_for
from wgan.errors import InputError
from wgan.objectives import WGANGP, gradient_norm, input_gradient, interpolate

SHAPES = [(5,), (3, 4, 6), (1, 8, 8)]


class Linear(nn.Module):
    """C(x) = w . x + b on samples of any shape."""

    def __init__(self, shape):
        super().__init__()
        self.w = nn.Parameter(torch.randn(shape))
        self.b = nn.Parameter(torch.randn(()))

    def forward(self, x):
        return (x * self.w).flatten(1).sum(1) + self.b


def draw(shape, count=6):
    real = torch.randn(count, *shape)
    return real, torch.randn(count, *shape), noise_for(real)


@pytest.mark.parametrize("shape", SHAPES)
def test_penalty_of_a_linear_critic_is_its_closed_form(shape):
    torch.manual_seed(0)
    critic = Linear(shape)
    loss = WGANGP(penalty_weight=7.0).critic_loss(critic, *draw(shape))
    norm = critic.w.detach().norm()
    torch.testing.assert_close(loss.terms["penalty"], (norm - 1) ** 2)
    torch.testing.assert_close(loss.terms["gradient_norm"], norm)
    torch.testing.assert_close(loss.value, -loss.terms["distance"] + 7 * (norm - 1) ** 2)


@pytest.mark.parametrize("shape", SHAPES)
def test_penalty_trains_a_linear_critic_by_its_closed_form(shape):
    torch.manual_seed(1)
    critic = Linear(shape)
    real, fake, noise = draw(shape)
    WGANGP(penalty_weight=1.0).critic_loss(critic, real, fake, noise).value.backward()
    w = critic.w.detach()
    expected = fake.mean(0) - real.mean(0) + 2 * (w.norm() - 1) * w / w.norm()
    torch.testing.assert_close(critic.w.grad, expected)
    torch.testing.assert_close(critic.b.grad, torch.tensor(0.0), atol=1e-6, rtol=0)


def test_penalty_does_not_depend_on_the_batch_size():
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 1))
    real, fake, noise = once = draw((3, 2, 2))
    doubled_noise = FixedNoise(*(torch.cat([part, part]) for part in noise))
    twice = torch.cat([real, real]), torch.cat([fake, fake]), doubled_noise
    terms, doubled = (WGANGP().critic_loss(critic, *batch).terms for batch in (once, twice))
    for name, term in terms.items():
        torch.testing.assert_close(doubled[name], term)


@pytest.mark.parametrize("shape", SHAPES)
def test_interpolates_lie_on_the_segment_at_one_alpha_a_sample(shape):
    torch.manual_seed(0)
    real, fake, (alpha, _) = draw(shape)
    between = interpolate(real, fake, alpha)
    for i in range(len(real)):
        torch.testing.assert_close(between[i], alpha[i] * real[i] + (1 - alpha[i]) * fake[i])
    torch.testing.assert_close(interpolate(real, fake, torch.ones(6)), real)
    torch.testing.assert_close(interpolate(real, fake, torch.zeros(6)), fake)


def test_each_gradient_is_that_of_its_own_sample():
    torch.manual_seed(0)
    x = torch.randn(5, 2, 3)
    gradient, scores = input_gradient(lambda x: x.pow(3).flatten(1).sum(1), x)
    torch.testing.assert_close(gradient, 3 * x**2)
    torch.testing.assert_close(scores, x.pow(3).flatten(1).sum(1))
    torch.testing.assert_close(gradient_norm(gradient), (3 * x**2).flatten(1).pow(2).sum(1).sqrt())


def test_agrees_with_double_backward_by_autograd():
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4, affine=True), nn.LeakyReLU(0.2), nn.Flatten())
    critic.append(nn.Linear(4 * 4 * 4, 1))
    real, fake, noise = draw((3, 6, 6))
    alpha = noise.uniform()
    WGANGP().critic_loss(critic, real, fake, noise).value.backward()
    ours = [p.grad.clone() for p in critic.parameters()]
    critic.zero_grad()
    x = (alpha.view(-1, 1, 1, 1) * real + (1 - alpha.view(-1, 1, 1, 1)) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    penalty = ((gradient.flatten(1).pow(2).sum(1).sqrt() - 1) ** 2).mean()
    (critic(fake).mean() - critic(real).mean() + 10 * penalty).backward()
    for mine, parameter in zip(ours, critic.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, rtol=1e-4, atol=1e-6)


def test_the_plain_way_and_the_one_that_compiles_give_the_same_bits(monkeypatch):
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4, affine=True), nn.LeakyReLU(0.2), nn.Flatten())
    critic.append(nn.Linear(4 * 4 * 4, 1))
    x, found = torch.randn(5, 3, 6, 6), []
    for compiling in (False, True):
        monkeypatch.setattr(torch.compiler, "is_compiling", lambda compiling=compiling: compiling)
        gradient, scores = input_gradient(critic, x)
        critic.zero_grad()
        ((gradient_norm(gradient) - 1).square().mean() + scores.mean()).backward()
        found.append([gradient, scores, *(p.grad.clone() for p in critic.parameters())])
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(*found, strict=True))


def test_the_gradient_goes_on_to_what_its_input_was_made_of_and_no_further_without_grad():
    w = torch.tensor(3.0, requires_grad=True)
    gradient, _ = input_gradient(lambda x: x.pow(3).sum(1), w * torch.ones(1, 1))
    torch.testing.assert_close(torch.autograd.grad(gradient.sum(), w)[0], torch.tensor(18.0))  # (3 w^2)' = 6 w
    with torch.no_grad():
        gradient, scores = input_gradient(lambda x: w * x.pow(3).sum(1), torch.ones(2, 1))
    torch.testing.assert_close(gradient, torch.full((2, 1), 9.0))
    assert not gradient.requires_grad
    assert not scores.requires_grad


def test_scores_that_do_not_depend_on_their_samples_have_gradient_zero():
    for critic in (lambda x: torch.ones(len(x)), lambda x: torch.ones(len(x), requires_grad=True) * 2):
        gradient, scores = input_gradient(critic, torch.randn(3, 4))
        assert torch.equal(gradient, torch.zeros(3, 4))
        assert len(scores) == 3


def test_a_critic_with_spectral_norm_may_change_its_own_estimates():
    torch.manual_seed(0)
    critic = nn.Sequential(torch.nn.utils.parametrizations.spectral_norm(nn.Linear(4, 1)), nn.Flatten(0))
    gradient, _ = input_gradient(critic, torch.randn(3, 4))
    for _ in range(50):
        gradient, _ = input_gradient(critic, torch.randn(3, 4))
    torch.testing.assert_close(gradient_norm(gradient), torch.ones(3))


def test_a_constant_critic_has_penalty_one_and_finite_gradients():
    """The norm's derivative at zero must not become a NaN."""
    critic = Linear((4,))
    nn.init.zeros_(critic.w)
    loss = WGANGP().critic_loss(critic, *draw((4,)))
    torch.testing.assert_close(loss.terms["penalty"], torch.tensor(1.0))
    loss.value.backward()
    assert critic.w.grad.isfinite().all()


def test_a_critic_that_changes_its_buffers_is_refused_in_words():
    critic = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    with pytest.raises(InputError, match=r"BatchNorm.*may not mix samples"):
        input_gradient(critic, torch.randn(3, 4))
