"""Signals of conditional runs: networks whose answers to a condition can be worked out."""

import math

import pytest
import torch
from scipy.stats import energy_distance
from torch import nn

from wgan.diagnosis import Networks, Probe
from wgan.diagnosis.conditioned import exchanged, least_move, matched

NAMES = {"matched", "held_out_matched", "moved", "moved_real"}
NONE = torch.zeros(0, 2)


class Placed(nn.Module):
    """A generator of points at `scale` times their condition, beside a part that the latents move."""

    def __init__(self, scale):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, z, condition):
        return torch.cat([self.scale * condition[:, :1], z[:, :1]], dim=1)


class Near(nn.Module):
    """A critic that scores points lower the farther their first value is from `scale` times the condition's."""

    def __init__(self, scale):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, x, condition):
        return -(x[:, 0] - self.scale * condition[:, 0]).abs()


def classes(count, seed=0):
    """Conditions of two classes, (count, 2), and points at 1 and 0 beside a normal number."""
    random = torch.Generator().manual_seed(seed)
    conditions = nn.functional.one_hot(torch.randint(2, (count,), generator=random), 2).float()
    return conditions, torch.stack([conditions[:, 0], torch.randn(count, generator=random)], dim=1)


def signals(generator, critic, held_out=(NONE, NONE), count=64):
    conditions, points = classes(count)
    probe = Probe(points, held_out[1], conditions=conditions, held_out_conditions=held_out[0])
    z = torch.randn(count, 2, generator=torch.Generator().manual_seed(7))
    terms = probe.measure(Networks(generator, critic, generator), z)
    assert all(value.ndim == 0 and not value.requires_grad for value in terms.values())
    return {name: float(value) for name, value in terms.items()}, points, conditions


def test_a_critic_that_knows_every_condition_and_one_that_hears_none():
    assert signals(Placed(1.0), Near(1.0))[0]["matched"] == 1
    assert signals(Placed(1.0), Near(0.0))[0]["matched"] == 0.5


def test_what_was_memorised_of_training_samples_is_not_heard_of_others():
    """The held-out points have the other class's place."""
    conditions, points = classes(64, seed=1)
    found, *_ = signals(Placed(1.0), Near(1.0), (conditions.flip(1), points))
    assert (found["matched"], found["held_out_matched"]) == (1, 0)


@pytest.mark.parametrize("scale", [0.0, 1.0, 3.0])
def test_samples_move_by_what_their_condition_moves_them(scale):
    found, points, _ = signals(Placed(scale), Near(1.0))
    assert found["moved"] == pytest.approx(scale / torch.pdist(points).mean().item(), rel=1e-5)


def test_real_samples_move_at_least_by_half_of_their_energy_distance():
    """Against the pairs of two classes one by one, and SciPy's distance where samples are numbers."""
    conditions, points = classes(80)
    numbers = points[:, :1] + 0.3 * points[:, 1:]
    distances = torch.cdist(numbers, numbers)
    some, others = (numbers[conditions[:, place] == 1, 0] for place in (0, 1))
    between = torch.cdist(some[:, None], others[:, None]).mean()
    within = sum(torch.pdist(one[:, None]).mean() for one in (some, others)) / 2
    found = least_move(distances, conditions)
    assert found.item() == pytest.approx(float(between - within), rel=1e-5)
    # SciPy's is the root of twice that, whose means within count each sample with itself.
    biased = sum(torch.cdist(one[:, None], one[:, None]).mean() for one in (some, others)) / 2
    expected = energy_distance(some.numpy(), others.numpy()) ** 2 / 2
    assert found.item() == pytest.approx(expected + float(biased - within), rel=1e-4)


def test_a_generator_whose_samples_are_the_data_moves_them_at_least_so_far():
    """Points at their class, beside a normal number: moved by 1, the distance of the classes."""
    found, *_ = signals(Placed(1.0), Near(1.0), count=512)
    assert 0.2 < found["moved_real"] < found["moved"]


def test_conditions_that_have_nothing_to_do_with_samples_move_none():
    points = classes(512)[1]
    assert abs(float(least_move(torch.cdist(points, points), classes(512, seed=5)[0]))) < 0.02


def test_of_numbers_the_nearest_counts_as_the_same():
    """On a line: the distance to all others less that to the nearest."""
    numbers = torch.tensor([[0.0], [1.0], [3.0]])
    found = least_move(torch.cdist(numbers, numbers), numbers)
    assert found.item() == pytest.approx((3 - 1 + 2 - 1 + 3 - 2) / 3)


def test_conditions_are_exchanged_by_random_numbers_and_equal_ones_do_not_count():
    conditions = torch.eye(2)[[0, 1, 1, 0]]
    other, differs = exchanged(conditions, torch.tensor([0.3, 0.1, 0.2, 0.0]))
    assert other.argmax(1).tolist() == [0, 1, 1, 0]
    assert not differs.any()
    assert matched(torch.zeros(4), torch.ones(4), differs).isnan()
    other, differs = exchanged(conditions, torch.tensor([0.1, 0.0, 0.2, 0.3]))
    assert (other.argmax(1).tolist(), differs.tolist()) == ([1, 0, 1, 0], [True, True, False, False])
    assert matched(torch.tensor([1.0, 0, 5, 5]), torch.zeros(4), differs) == 0.75, "one is higher, one is a tie"


def test_a_run_without_conditions_has_none_of_them():
    points = classes(64)[1]
    plain = nn.Linear(2, 2)
    found = Probe(points, points).measure(Networks(plain, nn.Linear(2, 1), plain), points)
    assert not NAMES & set(found)


def test_a_line_is_finite_but_for_what_cannot_be_said():
    """All conditions are equal: no other one is there to be heard."""
    points = classes(64)[1]
    probe = Probe(points, NONE, conditions=torch.ones(64, 1), held_out_conditions=torch.ones(0, 1))
    found = probe.measure(Networks(Placed(1.0), Near(1.0), Placed(1.0)), points)
    assert {name for name, value in found.items() if not math.isfinite(float(value))} == NAMES - {"held_out_matched"}
