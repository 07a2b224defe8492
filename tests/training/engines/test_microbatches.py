"""Microbatches: the gradients of parts add up to those of the whole batch."""

from dataclasses import replace

import pytest
import torch

from compiled_work import in_double, inputs, new_state
from helpers import small_run, weights
from wgan.augmentation import DiffAugment
from wgan.errors import InputError
from wgan.objectives import GAN, R3GAN, WGANGP, Composed
from wgan.training import Eager, Game
from wgan.training.engines.microbatches import InParts
from wgan.training.engines.trials import gradients_of

APART = (("training__microbatch", 3), ("networks__batch_norm", False))


def given(pair="mlp", objective=None, condition=None, augmentation=None):
    """A state in evaluation mode, where BatchNorm mixes no samples, and a step of eight samples, in fp64."""
    game = Game(objective or WGANGP(), augmentation=augmentation)
    state, step = in_double(new_state(pair, condition=condition), inputs(game, condition=condition))
    state.generator.eval()
    return state, step


@pytest.mark.parametrize("size", [1, 3, 4, 8, 100])
@pytest.mark.parametrize("pair", ["mlp", "dcgan"])
def test_the_gradients_of_parts_add_up(pair, size):
    """Of both players, in parts that do not divide the batch too."""
    whole, parts = (
        gradients_of(Eager(), "fp32", *given(pair)),
        gradients_of(InParts(Eager(), size), "fp32", *given(pair)),
    )
    for player, gradients in whole.items():
        for name, gradient in gradients.items():
            torch.testing.assert_close(parts[player][name], gradient, rtol=1e-9, atol=1e-12, msg=f"{player} {name}")


@pytest.mark.parametrize("objective", [WGANGP(), R3GAN(), GAN(), Composed(at=("real", "fake"))], ids=str)
def test_pairs_points_conditions_and_changes_stay_together(objective):
    """Each sample keeps its fake, its alpha, its condition and its numbers; terms are those of the whole batch."""
    state, step = given(objective=objective, condition="mixture", augmentation=DiffAugment())
    for whole, part in (
        (
            Eager().of_critic(state, step.game, step.batches[0]),
            InParts(Eager(), 3).of_critic(state, step.game, step.batches[0]),
        ),
        (
            Eager().of_generator(state, step.game, step.generator_batches[0]),
            InParts(Eager(), 3).of_generator(state, step.game, step.generator_batches[0]),
        ),
    ):
        assert part.keys() == whole.keys()
        for name, value in whole.items():
            torch.testing.assert_close(part[name], value)


def test_no_more_samples_are_computed_at_a_time():
    state, step = given()
    seen = []
    handle = state.critic.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    gradients_of(InParts(Eager(), 3), "fp32", state, step._replace(game=replace(step.game, objective=GAN())))
    handle.remove()
    assert max(seen) == 3


def test_a_weight_that_no_loss_reaches_has_no_gradient():
    state, step = given()
    state.critic.spare = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    InParts(Eager(), 3).of_critic(state, step.game, step.batches[0])
    assert state.critic.spare.grad is None


def test_a_run_in_parts_is_the_run(tmp_path):
    whole = weights(small_run(tmp_path / "whole", **dict(APART[1:])))
    parts = weights(small_run(tmp_path / "parts", **dict(APART)))
    torch.testing.assert_close(parts["/ema/0.weight"], whole["/ema/0.weight"], rtol=1e-3, atol=1e-4)


def test_a_sum_has_no_parts(tmp_path):
    with pytest.raises(InputError, match="reduction=mean"):
        small_run(tmp_path / "run", training__microbatch=3, objective=Composed(reduction="sum"))
