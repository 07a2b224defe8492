"""Observation: what a line of the log has; it changes no run, and a run that was killed has the lines of another."""

import json
import math
from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import nn

from helpers import small_experiment, small_run
from wgan.experiment.observer import SPATIAL, Observer
from wgan.experiment.plan import Parts
from wgan.training import Stream, latents

SIGNALS = {
    "train_distance",
    "accuracy",
    "score_spread",
    "energy_distance",
    "diversity",
    "missed",
    "coverage",
    "outside",
    "saturated",
    "saturated_real",
    "slope",
    "ema_drift",
    "generator_update",
    "critic_update",
    "layers",
}
HELD_OUT = {"held_out_distance", "held_out_accuracy", "memorised"}
OTHERS = {"step", "images_seen", "epoch", "seconds", "critic_loss", "generator_loss"}


def lines(run):
    """The lines as they are in the file; a number that is not finite is no JSON."""

    def refuse(constant):
        raise AssertionError(f"{constant} in a line of the log")

    return [json.loads(line, parse_constant=refuse) for line in run.metrics_file.read_text().splitlines()]


def without_time(run):
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines(run)]


def numbers(line):
    for value in line.values():
        if isinstance(value, Mapping):
            yield from numbers(value)
        else:
            yield value


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("unbroken") / "run")


def test_lines_have_the_signals(unbroken):
    penalised = {"distance", "penalty", "gradient_norm"}
    for line in lines(unbroken):
        assert set(line) == SIGNALS | HELD_OUT | OTHERS | penalised
        assert all(isinstance(value, int | float) and math.isfinite(value) for value in numbers(line))
        assert list(line["layers"]["generator"]) == [name for name, _ in unbroken.generator().named_parameters()]
        assert set(line["layers"]) == {"generator", "critic"}
        assert min(numbers(line["layers"])) >= 0
    assert [line["step"] for line in lines(unbroken)] == [5, 10, 12]


@pytest.mark.parametrize(
    ("objective", "more"), [("gan", {"sure"}), ("wgan", {"at_clip"}), ("r1", {"sure"}), ("hinge", set())]
)
def test_signals_that_only_some_objectives_have(tmp_path, objective, more):
    found = lines(small_run(tmp_path / "run", training__steps=1, objective__name=objective))[0]
    assert found.keys() & {"sure", "at_clip"} == more


def test_with_nothing_held_out_lines_lack_what_needs_it(tmp_path):
    for line in lines(small_run(tmp_path / "run", training__steps=5, data__holdout=0.0)):
        assert line.keys() >= SIGNALS
        assert not line.keys() & HELD_OUT


def test_points_have_the_same_signals(tmp_path):
    data = np.random.default_rng(0).standard_normal((200, 2), np.float32)
    line = lines(small_run(tmp_path / "run", training__steps=1, source=data))[0]
    assert line.keys() >= SIGNALS | HELD_OUT


@pytest.mark.parametrize("count", [2, 30])
def test_what_has_no_finite_value_is_left_out(tmp_path, count):
    """Data that are all alike have no spread to measure a distance by."""
    data = np.full((count, 8, 8), 77, np.uint8)
    line = lines(small_run(tmp_path / "run", training__steps=1, source=data, data__holdout=0.0))[0]
    assert SIGNALS - line.keys() <= {"energy_distance", "diversity"}
    assert "energy_distance" not in line
    assert line["saturated_real"] == 0


def test_signals_are_of_the_held_out_samples_and_the_latents_of_their_step(tmp_path):
    """Worked out anew, from the state after the last step; so few are held out that all of them are looked at."""
    data = np.random.default_rng(0).integers(0, 256, (80, 8, 8), np.uint8)
    running = small_experiment(tmp_path / "run", source=data, data__holdout=0.25)
    for _ in running.events():
        pass
    state, (_, held_out) = running.state, running.pack.split(0.25)
    assert len(held_out) == 20 < SPATIAL
    z = latents(0, Stream.PROBE, state.step, SPATIAL, 4)
    reals = torch.from_numpy(running.pack.samples[held_out]).float() / 127.5 - 1
    with torch.no_grad():
        fakes, shown = state.generator(z), state.ema(z)
        distance = state.critic(reals).mean() - state.critic(fakes).mean()
        diversity = torch.pdist(shown.flatten(1)).mean() / torch.pdist(reals.flatten(1)).mean()
    line = lines(running.run)[-1]
    assert line["held_out_distance"] == pytest.approx(distance.item(), rel=1e-4, abs=1e-5)
    assert line["diversity"] == pytest.approx(diversity.item(), rel=1e-4)


def test_updates_are_those_of_the_lines_own_step(tmp_path):
    """With SGD the generator moves by its rate times the gradient that `layers` tells of."""
    settings = {f"{player}_optimizer__name": "sgd" for player in ("generator", "critic")}
    rate = {"generator_optimizer__learning_rate": 0.1}
    running = small_experiment(tmp_path / "run", training__steps=5, **settings, **rate)
    before = 0.0
    for event in running.events():
        if event.step < 5:
            before = torch.cat([p.detach().flatten() for p in running.state.generator.parameters()]).norm().item()
    line = lines(running.run)[-1]
    gradient = math.hypot(*line["layers"]["generator"].values())
    assert line["generator_update"] == pytest.approx(0.1 * gradient / before, rel=1e-4)


@pytest.mark.parametrize("stop", [4, 5, 9, 11])
def test_a_killed_run_has_the_lines_of_the_unbroken_one(tmp_path, unbroken, stop):
    """Killed right before a line is due, and right after; checkpoints are at other steps than lines."""
    small_run(tmp_path / "run", stop=stop)
    assert without_time(small_run(tmp_path / "run")) == without_time(unbroken)


@pytest.mark.parametrize("checkpoint_every", [4, 9])
def test_a_run_that_goes_on_right_before_a_line_is_due_has_it_whole(tmp_path, unbroken, checkpoint_every):
    small_run(tmp_path / "run", output__checkpoint_every=checkpoint_every, stop=checkpoint_every + 1)
    run = small_run(tmp_path / "run", output__checkpoint_every=checkpoint_every)
    assert without_time(run) == without_time(unbroken)


def forgetful():
    """Networks that draw random numbers, and change their buffers, whenever they are called."""
    torch.manual_seed(0)
    hidden = [nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Dropout(0.2)]
    generator = nn.Sequential(*hidden, nn.Linear(16, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))
    critic = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.BatchNorm1d(16), nn.Dropout(0.2), nn.Linear(16, 1))
    return Parts(generator, critic)


@pytest.mark.parametrize(("parts", "objective"), [(lambda: Parts(), "wgan-gp"), (forgetful, "hinge")])
def test_nothing_that_is_observed_changes_the_run(tmp_path, monkeypatch, parts, objective):
    settings = {"objective__name": objective, "output__log_every": 1}
    with_it = small_run(tmp_path / "with", parts=parts(), **settings).load_checkpoint()
    monkeypatch.setattr(Observer, "before_step", lambda self: None)
    monkeypatch.setattr(Observer, "line", lambda self: {})
    run = small_run(tmp_path / "without", parts=parts(), **settings)
    assert not lines(run)[-1].keys() & SIGNALS, "it was not observed"
    without = run.load_checkpoint()
    for network in ("generator", "critic", "ema"):
        assert with_it[network].keys() == without[network].keys()
        assert all(torch.equal(value, without[network][key]) for key, value in with_it[network].items())
