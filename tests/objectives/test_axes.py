"""Loss x penalty x point: every named objective against its three axes, closed forms, and the Dirac-GAN."""

import math
from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from helpers import FixedNoise, noise_for
from wgan.objectives import DRAGAN, GAN, LSGAN, OBJECTIVES, R1, R3GAN, WGAN, WGANGP, WGANLP, Composed, Hinge, axes
from wgan.objectives.axes import LOSSES, PENALTIES, POINTS, around
from wgan.objectives.composed import LossName, PenaltyName, PointName

NAMED = {name: kind() for name, kind in OBJECTIVES.items() if kind is not Composed}
NAMED |= {"gan, saturating": GAN(saturating=True), "wgan": WGAN(clip=0.03), "wgan-gp": WGANGP(3.0)}
"""Each method, to be compared with the same one written as a choice on each axis: two implementations."""


def critic_of(inputs=12):
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0)).double()


def gradients(network, loss):
    network.zero_grad()
    loss.value.backward()
    return torch.cat([p.grad.flatten() for p in network.parameters()])


def test_every_objective_says_which_composition_it_is():
    assert all(isinstance(axes(named), Composed) for named in NAMED.values())
    assert axes(WGAN(clip=0.03)) == Composed(penalty_weight=0.0, clip=0.03)


def test_an_objective_of_the_users_own_has_no_known_axes():
    class Own(WGAN):
        pass

    assert axes(Own()) is None


def test_the_names_of_the_axes_are_those_of_their_tables():
    for names, table in ((LossName, LOSSES), (PenaltyName, PENALTIES), (PointName, POINTS)):
        assert names.__args__ == tuple(table)


@pytest.mark.parametrize("name", NAMED)
def test_named_objectives_equal_their_axes(name):
    torch.manual_seed(0)
    named, composed = NAMED[name], axes(NAMED[name])
    critic, real, fake = critic_of(), *torch.randn(2, 7, 3, 2, 2).double()
    noise = noise_for(real)
    losses = [objective.critic_loss(critic, real, fake, noise) for objective in (named, composed)]
    torch.testing.assert_close(losses[0].value, losses[1].value)
    torch.testing.assert_close(*(gradients(critic, loss) for loss in losses))
    for term in set(losses[0].terms) & set(losses[1].terms):
        torch.testing.assert_close(losses[0].terms[term], losses[1].terms[term])
    x = fake.clone().requires_grad_()
    values = [objective.generator_loss(critic, real, x).value for objective in (named, composed)]
    torch.testing.assert_close(*values)
    torch.testing.assert_close(*(torch.autograd.grad(value, x)[0] for value in values))
    for objective in (named, composed):
        own = deepcopy(critic)
        objective.constrain(own)
        assert (max(p.abs().max().item() for p in own.parameters()) <= 0.03) == (name == "wgan")


class Linear(nn.Module):
    """C(x) = w . x, of slope |w| everywhere."""

    def __init__(self, w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w))

    def forward(self, x):
        return x @ self.w


SLOPE = 2.5


@pytest.mark.parametrize(
    ("objective", "penalty"),
    [
        (WGANGP(), (SLOPE - 1) ** 2),
        (WGANLP(), (SLOPE - 1) ** 2),
        (DRAGAN(), (SLOPE - 1) ** 2),
        (R1(), SLOPE**2 / 2),
        (R3GAN(), 2 * SLOPE**2 / 2),
    ],
)
def test_penalties_of_a_linear_critic_are_their_closed_forms(objective, penalty):
    torch.manual_seed(0)
    critic, real, fake = Linear([1.5, -2.0]), *torch.randn(2, 5, 2)
    loss = objective.critic_loss(critic, real, fake, noise_for(real))
    assert loss.terms["penalty"].item() == pytest.approx(penalty, rel=1e-5)
    without = replace(objective, penalty_weight=0.0).critic_loss(critic, real, fake, noise_for(real))
    assert (loss.value - without.value).item() == pytest.approx(objective.penalty_weight * penalty, rel=1e-4)


def test_a_one_sided_penalty_leaves_flat_critics_alone():
    critic, real, fake = Linear([0.3, 0.4]), *torch.randn(2, 5, 2)
    assert WGANLP().critic_loss(critic, real, fake, noise_for(real)).terms["penalty"] == 0
    assert WGANGP().critic_loss(critic, real, fake, noise_for(real)).terms["penalty"].item() == pytest.approx(0.25)


def test_losses_at_a_critic_that_cannot_tell_are_the_published_ones():
    real = torch.zeros(4, 2)
    undecided = {GAN(): 2 * math.log(2), Hinge(): 2.0, R3GAN(): math.log(2), WGAN(): 0.0, R1(): 2 * math.log(2)}
    for objective, value in undecided.items():
        loss = objective.critic_loss(Linear([0.0, 0.0]), real, real, noise_for(real))
        assert loss.value.item() == pytest.approx(value), objective
    half = LSGAN().critic_loss(lambda x: x.sum(1) + 0.5, real, real, noise_for(real))
    assert half.value.item() == pytest.approx(1 / 4)


def test_hinge_stops_at_its_margin():
    critic = Linear([1.0])
    far, near = torch.tensor([[1.5]]), torch.tensor([[0.5]])
    loss = Hinge().critic_loss(critic, far, -far, noise_for(far))
    assert gradients(critic, loss).item() == 0
    loss = Hinge().critic_loss(critic, near, -near, noise_for(near))
    assert gradients(critic, loss).item() == pytest.approx(-1.0)


def test_noise_around_real_data_is_half_as_wide_as_the_batch():
    torch.manual_seed(0)
    real = 3 * torch.randn(20_000, 2) + 1
    added = around(real, torch.randn_like(real)) - real
    assert added.std().item() == pytest.approx(1.5, rel=0.02)
    assert added.mean().item() == pytest.approx(0, abs=0.02)


def test_dragan_looks_where_its_noise_says():
    """C(x) = x^2 / 2 has slope |x|: the penalty tells the points at which it was taken."""
    real = torch.tensor([[1.0], [3.0]])  # standard deviation 1
    noise = FixedNoise(torch.rand(2), torch.tensor([[1.0], [-1.0]]))
    loss = DRAGAN(spread=0.5).critic_loss(lambda x: x.square().sum(1) / 2, real, real, noise)
    assert loss.terms["gradient_norm"].item() == pytest.approx((1.5 + 2.5) / 2)


def test_summed_losses_are_a_batch_times_the_mean_and_leave_the_penalty_alone():
    """Binary cross-entropy with reduction="sum", plus the mean penalty: what document-style scripts minimise."""
    torch.manual_seed(0)
    critic, real, fake = critic_of(), *torch.randn(2, 7, 3, 2, 2).double()
    noise = noise_for(real)
    summed = Composed("non-saturating", reduction="sum").critic_loss(critic, real, fake, noise)
    expected = sum(
        binary_cross_entropy_with_logits(critic(x), torch.full((7,), label).double(), reduction="sum")
        for x, label in ((real, 1.0), (fake, 0.0))
    )
    torch.testing.assert_close(summed.value, expected + 10 * summed.terms["penalty"])
    generator = Composed("non-saturating", reduction="sum").generator_loss(critic, real, fake).value
    torch.testing.assert_close(generator, 7 * GAN().generator_loss(critic, real, fake).value)


def dirac_distance(objective, steps=500, rate=0.2):
    """Mescheder et al. 2018, section 2: data at 0, a generator that is one point, a critic C(x) = w x.

    How far point and slope end from where they should be, (0, 0), by alternating gradient descent from (1, 1).
    """
    critic, place = Linear([1.0]), torch.tensor([[1.0]], requires_grad=True)
    real = torch.zeros(1, 1)
    for _ in range(steps):
        loss = objective.critic_loss(critic, real, place.detach(), noise_for(real))
        (slope,) = torch.autograd.grad(loss.value, critic.w)
        with torch.no_grad():
            critic.w -= rate * slope
        (pull,) = torch.autograd.grad(objective.generator_loss(critic, real, place).value, place)
        with torch.no_grad():
            place -= rate * pull
    return math.hypot(critic.w.item(), place.item())


@pytest.mark.parametrize("objective", [R1(1.0), R3GAN(1.0), Composed("wasserstein", "zero-centred", ("real",), 1.0)])
def test_dirac_gan_comes_to_rest_under_zero_centred_penalties(objective):
    assert dirac_distance(objective) < 1e-3


@pytest.mark.parametrize("objective", [GAN(), WGAN(), Hinge(), WGANGP(1.0), WGANLP(1.0)])
def test_dirac_gan_never_rests_without(objective):
    """Table 1 of Mescheder et al. 2018: neither the original game, nor WGAN, nor WGAN-GP converges here."""
    assert dirac_distance(objective) > 0.1
