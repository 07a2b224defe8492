"""Steps with a condition: objectives see a critic of one input, whatever they do with it."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import relu, softplus

from compiled_work import OTHERS, PAIRS, SHAPE, SIZE, astray, in_double, inputs, new_state
from helpers import CONDITIONS
from wgan.objectives import OBJECTIVES, WGANGP
from wgan.training import Batches, Eager, Game, Mode
from wgan.training.engines.trials import TOLERANCE, disagreement, furthest, gradients_of
from wgan.types import SampleSpec
from wgan.types.bound import Bound, bound, tiled

ADVERSARIAL = {
    "wasserstein": lambda real, fake: fake - real,
    "saturating": lambda real, fake: softplus(-real) + softplus(fake),
    "non-saturating": lambda real, fake: softplus(-real) + softplus(fake),
    "least-squares": lambda real, fake: (real - 1) ** 2 / 2 + fake**2 / 2,
    "hinge": lambda real, fake: relu(1 - real) + relu(1 + fake),
    "relativistic": lambda real, fake: softplus(fake - real),
}
PENALTY = {
    "one-centred": lambda slope: (slope - 1) ** 2,
    "one-sided": lambda slope: relu(slope - 1) ** 2,
    "zero-centred": lambda slope: slope**2 / 2,
}


def slope_at(critic, x, y):
    """The slope of each score by its own sample, one sample after the other; none by the condition."""
    slopes = []
    for one, own in zip(x.split(1), y.split(1), strict=True):
        (gradient,) = torch.autograd.grad(critic(one.requires_grad_(), own).sum(), one, create_graph=True)
        slopes.append(gradient.norm())
    return torch.stack(slopes)


def written_out(named, critic, batch, fake):
    """The critic's loss of D(x, y), as papers write it."""
    game, (real, _, noise, y, *_) = named.composition, batch
    loss = ADVERSARIAL[game.loss](critic(real, y), critic(fake, y)).mean()
    alpha = noise.uniforms.reshape(-1, 1, 1, 1)
    points = {
        "line": alpha * real + (1 - alpha) * fake,
        "real": real.clone(),
        "fake": fake.clone(),
        "around-real": real + 0.5 * real.std(correction=0) * noise.normals,
    }
    for point in game.at if game.penalty_weight else ():
        loss = loss + game.penalty_weight * PENALTY[game.penalty](slope_at(critic, points[point], y)).mean()
    return loss


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("together", [True, False], ids=["one call", "two calls"])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_critics_loss_is_that_of_both_inputs_written_out(name, together, condition):
    """In double precision, its gradients too: each fake has the condition of its real sample."""
    objective = OBJECTIVES[name]()
    state, step = in_double(new_state(condition=condition), inputs(Game(objective, together), condition=condition))
    batch = step.batches[0]
    with torch.no_grad():
        fake = state.generator(batch.z, batch.condition)
    expected = written_out(objective, state.critic, batch, fake)
    weights = list(state.critic.parameters())
    gradients = torch.autograd.grad(expected, weights)
    terms = Eager().of_critic(state, step.game, batch)
    torch.testing.assert_close(terms["critic_loss"], expected.detach())
    for weight, gradient in zip(weights, gradients, strict=True):
        torch.testing.assert_close(weight.grad, gradient)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_generators_loss_is_that_of_both_inputs(name):
    """It asks for what the last real batch is, for relativistic losses the samples to compare with."""
    objective = OBJECTIVES[name]()
    state, step = in_double(new_state(condition="mixture"), inputs(Game(objective), condition="mixture"))
    batch = step.generator_batches[0]
    real, z, y, _ = batch
    assert torch.equal(real, step.batches[-1].real)
    fake = state.critic(state.generator(z, y), y)
    loss, scores = objective.composition.loss, state.critic(real, y)
    expected = {
        "saturating": lambda: -softplus(fake),
        "non-saturating": lambda: softplus(-fake),
        "least-squares": lambda: (fake - 1) ** 2 / 2,
        "relativistic": lambda: softplus(scores - fake),
    }.get(loss, lambda: -fake)()
    terms = Eager().of_generator(state, step.game, batch)
    torch.testing.assert_close(terms["generator_loss"], expected.mean().detach())


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("pair", [*PAIRS, *OTHERS])
class TestPairs:
    def test_scoring_together_is_scoring_apart(self, pair, condition):
        state, step = new_state(pair, condition=condition), inputs(Game(WGANGP(), True), condition=condition)
        assert disagreement(Eager(), "fp32", state, step)[0] < 1e-4

    def test_bf16_rounds_and_no_more(self, pair, condition):
        if pair == "resnet":
            pytest.skip("four channels are too few for bf16, with and without a condition")
        if pair == "r3gan" and condition in ("class", "labels"):
            pytest.skip("off by 0.41 and 0.57 before the layers that start at zero, so a run would refuse bf16")
        state, step = new_state(pair, condition=condition), inputs(Game(WGANGP(), True), condition=condition)
        difference, weight = disagreement(Eager("bf16"), "bf16", state, step)
        assert 1e-4 < difference < TOLERANCE["bf16"], weight

    def test_gradients_are_those_of_double_precision(self, pair, condition):
        def given():
            return new_state(pair, condition=condition), inputs(Game(WGANGP(), True), condition=condition)

        found = gradients_of(Eager(), "fp32", *given())
        difference, weight = furthest(gradients_of(Eager(), "fp32", *in_double(*given())), found)
        assert 0 < difference < TOLERANCE["fp32"], weight
        assert all(gradient is not None for player in found.values() for gradient in player.values())


def test_two_steps_of_two_generator_updates_are_those_of_double_precision():
    assert astray(Mode(), "dcgan", SHAPE, latents=2, condition="mixture") < 1e-3


class TestBinding:
    def test_conditions_of_a_batch_are_those_of_several(self):
        y = torch.arange(6.0).reshape(3, 2)
        assert tiled(y, 3) is y
        assert tiled(y, 7)[:, 0].tolist() == [0, 2, 4, 0, 2, 4, 0]
        assert tiled(y, 2)[:, 0].tolist() == [0, 2]

    def test_a_network_without_a_condition_stays_itself(self):
        network = torch.nn.Linear(2, 1)
        assert bound(network, None) is network

    def test_both_forms_are_the_same(self):
        state, batch = new_state(condition="class"), inputs(condition="class").batches[0]
        x = torch.cat([batch.real, batch.real])
        expected = state.critic(x, torch.cat([batch.condition] * 2))
        assert torch.equal(bound(state.critic, batch.condition)(x), expected)
        assert torch.equal(Bound(state.critic, batch.condition)(x), expected)


class TestBatches:
    SAMPLES = torch.arange(20.0)[:, None].numpy()

    def batches(self, **options):
        spec = replace(SampleSpec.of((1,)), condition=CONDITIONS["mixture"])
        rows = torch.stack([torch.arange(20) % 3, torch.zeros(20), torch.ones(20), torch.arange(20) / 10], 1).numpy()
        known = torch.tensor([place for place in range(20) if place != 13]).numpy()
        given = {"batch_size": 8, "seed": 3, "flip": False, "device": torch.device("cpu"), "rows": rows}
        return Batches(self.SAMPLES, spec, known, **(given | options))

    def test_each_sample_comes_with_its_own_condition_in_every_epoch(self):
        found = self.batches()
        for number in range(6):
            places, y = found(number)[:, 0], found.conditions(number)
            assert y.shape == (SIZE, CONDITIONS["mixture"].size)
            assert y[:, :3].argmax(1).tolist() == (places % 3).tolist()
            torch.testing.assert_close(y[:, 5], places / 10)
            assert 13 not in places.tolist()

    def test_without_rows_there_are_none(self):
        assert self.batches(rows=None).conditions(0) is None
