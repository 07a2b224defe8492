"""The operations of a step, against a count by hand."""

from itertools import pairwise

import pytest
import torch

from wgan.bench.case import make_case
from wgan.bench.parts import Counter, count, counted
from wgan.objectives.gradient import slopes

CPU = torch.device("cpu")


class MLP:
    """Multiply-adds of one sample in a stack of linear layers."""

    def __init__(self, *sizes):
        layers = [inputs * outputs for inputs, outputs in pairwise(sizes)]
        self.forward, self.first, self.last = sum(layers), layers[0], layers[-1]
        self.for_input = self.forward
        """Back to the input, through each layer's weights."""
        self.for_weights = self.forward + self.forward - self.first
        """Each layer's weights, and back to what entered it but for the first."""


def by_hand(generator, critic, batch_size, critic_steps, *, penalised):
    fakes = critic_steps * generator.forward
    scores = critic_steps * 2 * (critic.forward + critic.for_weights)
    # The slope, then back through it. Each layer was used once going back: its weights have a gradient and, but in the
    # last one, where all starts from ones, so has what entered it. Each but the last was used going forward, too: torch
    # goes back through these as well, although the second derivative of a LeakyReLU makes zeros of it.
    slope = critic.forward + critic.for_input
    through = critic.forward + critic.forward - critic.last
    forward = critic.forward - critic.last + critic.forward - critic.last - critic.first
    penalty = critic_steps * (slope + through + forward) if penalised else 0
    own = generator.forward + critic.forward + critic.for_input + generator.for_weights
    parts = {"data": 0, "fakes": fakes, "critic": scores, "penalty": penalty, "generator": own, "optimizer": 0}
    return {name: 2 * batch_size * part for name, part in parts.items()}


@pytest.mark.parametrize(
    ("objective", "penalised"), [("wgan-gp", True), ("wgan-lp", True), ("gan", False), ("wgan", False)]
)
@pytest.mark.parametrize(("batch_size", "critic_steps"), [(8, 1), (3, 4)])
def test_the_operations_of_mlps_are_those_counted_by_hand(objective, penalised, batch_size, critic_steps, tmp_path):
    settings = {
        "objective": objective,
        "networks.generator_widths": [5, 7, 11],
        "networks.critic_widths": [13, 6],
        "training.batch_size": batch_size,
        "training.critic_steps": critic_steps,
    }
    found = count(make_case("wgan-gp-digits", settings, tmp_path), CPU)
    expected = by_hand(MLP(16, 5, 7, 11, 64), MLP(64, 13, 6, 1), batch_size, critic_steps, penalised=penalised)
    assert found.parts == expected
    assert found.whole == sum(expected.values())


@pytest.mark.parametrize("objective", ["r3gan", "r1", "dragan", "composed"])
def test_parts_add_up_to_the_step_where_a_penalty_uses_the_scores_of_the_loss(objective, tmp_path):
    case = make_case("wgan-gp-toy", {"objective": objective, "training.batch_size": 4}, tmp_path)
    found = count(case, CPU)
    assert sum(found.parts.values()) == found.whole
    assert found.parts["penalty"] > 0


def test_convolutions_are_counted_as_the_products_they_are():
    x, weight = torch.zeros(2, 3, 8, 8), torch.zeros(5, 3, 4, 4)
    of_each_pixel = 3 * 4 * 4
    pixels = 2 * 5 * 4 * 4
    assert counted(lambda: torch.nn.functional.conv2d(x, weight, stride=2, padding=1)) == 2 * pixels * of_each_pixel


def test_counting_passes_a_slope_and_leaves_out_what_is_done_number_by_number():
    weight = torch.ones(6)
    x = torch.ones(4, 6)
    with Counter() as counter:
        found = slopes(lambda x: (x * weight).sum(1).tanh(), x)
    assert counter.total == 0
    assert found.shape == (4,)
