"""Schedules against their closed forms."""

import math

import pytest
import torch

from helpers import small_config, small_experiment, small_run
from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.objectives import GAN, R1, WGANGP
from wgan.training import SGD, Adam, Schedule, TrainState


def state():
    networks = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)
    settings = Adam(learning_rate=0.01, betas=(0.0, 0.9)), SGD(learning_rate=0.1)
    return TrainState(*networks, *settings, ema_decay=0.9, device=torch.device("cpu"))


def rates(training):
    return [optimizer.param_groups[0]["lr"] for optimizer in (training.generator_optimizer, training.critic_optimizer)]


@pytest.mark.parametrize(
    ("shape", "step", "share"),
    [
        ("linear", 0, 0.0),
        ("linear", 25, 0.25),
        ("linear", 100, 1.0),
        ("linear", 400, 1.0),
        ("cosine", 0, 0.0),
        ("cosine", 25, (1 - math.sqrt(0.5)) / 2),
        ("cosine", 50, 0.5),
        ("cosine", 400, 1.0),
    ],
)
def test_settings_go_from_where_they_begin_to_their_share(shape, step, share):
    schedule = Schedule(steps=100, shape=shape, learning_rate=0.2, penalty_weight=0.5, beta2=0.99)
    training = state()
    for at in (70, step):  # what was set before does not matter
        schedule.apply(training, at)
    assert rates(training) == pytest.approx([0.01 * (1 - 0.8 * share), 0.1 * (1 - 0.8 * share)])
    assert training.generator_optimizer.param_groups[0]["betas"] == pytest.approx((0.0, 0.9 + 0.09 * share))
    weight = schedule.objective(R1(penalty_weight=4.0), step).penalty_weight
    assert weight == pytest.approx(4.0 * (1 - 0.5 * share))


def test_without_steps_nothing_changes():
    training, objective = state(), WGANGP()
    schedule = Schedule(learning_rate=0.0, penalty_weight=0.0)
    schedule.apply(training, 50)
    assert rates(training) == [0.01, 0.1]
    assert schedule.objective(objective, 50) is objective


def test_a_penalty_that_is_not_there_cannot_change():
    with pytest.raises(InputError, match=r"GAN has no penalty_weight.*schedule"):
        Schedule(steps=10, penalty_weight=0.5).objective(GAN(), 0)


@pytest.mark.parametrize(("step", "share"), [(25, (1 - math.sqrt(0.5)) / 2), (50, 0.5), (100, 1.0), (400, 1.0)])
def test_the_half_life_of_the_average_grows_to_its_full_length(step, share):
    """Of a decay d, it is the number of steps n with d^n = 1/2."""
    schedule = Schedule(steps=100, shape="cosine", growing_average=True)
    half_life = math.log(0.5) / math.log(0.99)
    assert schedule.average_decay(0.99, step) ** (share * half_life) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("schedule", "end", "step", "decay"),
    [
        (Schedule(steps=100, growing_average=True), 0.99, 0, 0.0),
        (Schedule(steps=100, growing_average=True), 0.0, 50, 0.0),
        (Schedule(steps=100), 0.99, 50, 0.99),
        (Schedule(growing_average=True), 0.99, 50, 0.99),
    ],
)
def test_the_average_keeps_nothing_at_first_and_its_own_decay_where_nothing_grows(schedule, end, step, decay):
    assert schedule.average_decay(end, step) == decay


def test_a_growing_average_is_the_weighted_sum_of_the_generators(tmp_path):
    """By hand from the generators of all steps, with the decay of each step."""
    settings = {"schedule__steps": 10, "schedule__growing_average": True, "training__ema_decay": 0.8}
    average, half_life = None, math.log(0.5) / math.log(0.8)
    with small_experiment(tmp_path / "run", **settings) as experiment:
        state = experiment.state
        for event in experiment.events():
            weight = state.generator[0].weight.detach().clone()
            share = min((event.step - 1) / 10, 1.0)
            decay = min(0.5 ** (1 / (share * half_life)) if share else 0.0, event.step / (event.step + 10))
            average = weight if average is None else decay * average + (1 - decay) * weight
            torch.testing.assert_close(state.ema[0].weight, average)


SCHEDULED = {
    "schedule__steps": 10,
    "schedule__shape": "cosine",
    "schedule__learning_rate": 0.1,
    "schedule__penalty_weight": 0.1,
    "schedule__beta2": 0.99,
    "schedule__growing_average": True,
}


@pytest.mark.parametrize("name", ["learning_rate", "penalty_weight", "beta2"])
def test_each_schedule_reaches_the_training(tmp_path, name):
    constant = small_run(tmp_path / "constant")
    scheduled = small_run(tmp_path / "scheduled", schedule__steps=8, **{f"schedule__{name}": 0.5})
    assert scheduled.critic_file.read_bytes() != constant.critic_file.read_bytes()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"schedule__learning_rate": 0.5}, r"schedule\.steps is 0"),
        ({"schedule__growing_average": True}, r"schedule\.steps is 0"),
        ({"schedule__steps": 5, "schedule__penalty_weight": 0.1, "objective": "gan"}, "GAN has no penalty_weight"),
        (
            {"schedule__steps": 5, "schedule__beta2": 0.5, "generator_optimizer": "sgd", "critic_optimizer": "rmsprop"},
            "a setting of Adam, and neither optimiser is",
        ),
    ],
)
def test_a_schedule_without_effect_is_refused_before_there_is_a_run(tmp_path, settings, words):
    with pytest.raises(InputError, match=words):
        small_experiment(tmp_path / "run", **settings)
    assert not (tmp_path / "run").exists()


def test_a_scheduled_run_resumes_bit_for_bit(tmp_path):
    whole = small_run(tmp_path / "whole", **SCHEDULED)
    small_run(tmp_path / "parts", stop=7, **SCHEDULED)
    parts = small_run(tmp_path / "parts", **SCHEDULED)
    assert whole.generator_file.read_bytes() == parts.generator_file.read_bytes()
    assert whole.critic_file.read_bytes() == parts.critic_file.read_bytes()
    constant = small_run(tmp_path / "constant")
    assert whole.critic_file.read_bytes() != constant.critic_file.read_bytes()


def test_a_learning_rate_of_nothing_stops_the_generator(tmp_path):
    """The rate of update t is that of the step before it: at 0 from step 5 on, weights no longer move."""
    experiment = small_experiment(tmp_path / "run", schedule__steps=5, schedule__learning_rate=0.0)
    weights = {}
    for event in experiment.events():
        weights[event.step] = experiment.state.generator[0].weight.detach().clone()
    assert not torch.equal(weights[4], weights[5])
    assert torch.equal(weights[5], weights[12])


def test_unknown_keys_in_a_file_are_refused():
    text = small_config().to_toml().replace("[schedule]\nsteps = 0", "[schedule]\nstep = 0")
    with pytest.raises(InputError, match="step"):
        RunConfig.from_toml(text)
