"""A budget of time, with the times given: how long a run becomes, what fits its length, and that it is chosen once."""

import sys

import pytest
import torch
from typer.testing import CliRunner

from helpers import QUIET, assert_equal_runs, small_config, small_experiment, small_run
from ranks import together
from shared_work import fitted_apart, fitted_together
from wgan.cli import app
from wgan.config import RunConfig
from wgan.errors import InputError
from wgan.evaluation import evaluate
from wgan.experiment import minutes, trainer
from wgan.experiment.batch_memory import Fitted
from wgan.experiment.engine_choice import WORTH_COMPILING
from wgan.experiment.minutes import SPARE, Costs, fitted, left_of, not_compiling, of_length, seconds_of_a_step
from wgan.experiment.plan import plan
from wgan.experiment.recorder import Recorder
from wgan.experiment.train import start
from wgan.runs.run import Run

NOBODY = frozenset()
BIG = {
    "training__minutes": 10.0,
    "training__ema_decay": 0.999,
    "schedule__steps": 9,
    "schedule__learning_rate": 0.0,
    "output__log_every": 50,
    "output__sample_every": 100,
    "output__checkpoint_every": 500,
}
"""A schedule over three quarters of twelve steps."""


def counted(config: RunConfig):
    """What a run writes, step by step; a checkpoint and a grid at step 0, and a comparison."""
    found = {"line": 0, "comparison": 1, "grid": 1, "evaluation": 0, "checkpoint": 1}
    for step in range(1, config.training.steps + 1):
        for name, is_due in config.due(step)._asdict().items():
            found[name] += is_due
    return found


@pytest.mark.parametrize("steps", [1, 100, 511, 700, 5000, 40_000])
@pytest.mark.parametrize("metrics", [[], ["frechet"]])
def test_the_costs_are_those_of_what_is_due(steps, metrics):
    config = of_length(small_config(**BIG, output__metrics=metrics), steps, NOBODY)
    seconds = {"line": 1.0, "comparison": 3.0, "grid": 5.0, "evaluation": 7.0, "checkpoint": 11.0}
    exact = {name: seconds[name] * count for name, count in counted(config).items()}
    for name, value in exact.items():
        found = Costs(0.0, **{name: seconds[name]}).of(config)
        assert value - 1e-9 <= found <= value + 3 * seconds[name], name  # an end that falls on a line counts once
    assert Costs(2.0, **seconds).of(config) == pytest.approx(
        2.0 * steps + sum(Costs(0.0, **{name: value}).of(config) for name, value in seconds.items())
    )


@pytest.mark.parametrize("step", [0.001, 0.1, 30.0])
def test_no_longer_run_would_fit(step):
    costs, config = Costs(step, line=0.2, grid=1.0, checkpoint=0.5, comparison=0.1), small_config(**BIG)
    found = fitted(config, costs, 600.0, NOBODY)
    assert costs.of(found) <= (1 - SPARE) * 600
    more = int(found.training.steps * 1.011) + 1  # three digits
    assert costs.of(of_length(config, more, NOBODY)) > (1 - SPARE) * 600


def test_little_time_is_not_spent_on_compiling():
    auto = small_config(**BIG)
    assert not_compiling(auto, WORTH_COMPILING - 1).compile == "off"
    assert not_compiling(auto, WORTH_COMPILING).compile == "auto"
    assert not_compiling(small_config(**BIG, compile="on"), 60.0).compile == "on"
    assert (left_of(60.0, 10.0), left_of(60.0, 100.0)) == (50.0, 30.0)


def test_a_step_is_the_least():
    assert fitted(small_config(**BIG), Costs(100.0), 1.0, NOBODY).training.steps == 1


def test_what_has_to_fit_the_length_does():
    config = of_length(small_config(**BIG), 1000, NOBODY)
    assert config.training.steps == 1000
    assert config.schedule.steps == 750
    assert config.training.ema_decay**50 == pytest.approx(0.5, rel=1e-3), "half of the memory is 5% of the run"
    output = config.output
    assert (output.log_every, output.sample_every, output.checkpoint_every) == (50, 100, 250)
    short = of_length(small_config(**BIG), 100, NOBODY).output
    assert (short.log_every, short.sample_every, short.checkpoint_every) == (5, 10, 25)
    long = of_length(small_config(**BIG), 10**6, NOBODY)
    assert long.training.ema_decay == 0.999, "never a longer memory than the recipe's"
    assert long.output == small_config(**BIG).output
    assert set(config.chosen) == {"training.steps", "training.ema_decay", "schedule.steps", "output.checkpoint_every"}
    assert of_length(small_config(training__minutes=1.0), 100, NOBODY).schedule.steps == 0


def test_a_metric_that_may_end_it_is_measured_as_often_as_the_length_asks():
    ends = small_config(**BIG, stop__by="frechet")
    assert [of_length(ends, steps, NOBODY).output.evaluate_every for steps in (60, 3000, 90_000)] == [2, 100, 1000]
    measured = small_config(**BIG, output__metrics=["frechet"])
    assert [of_length(measured, steps, NOBODY).output.evaluate_every for steps in (60, 3000)] == [6, 300]


def test_what_was_given_stays():
    given = frozenset({"schedule.steps", "training.ema_decay", "output.log_every"})
    config = of_length(small_config(**BIG), 100, given)
    assert (config.schedule.steps, config.training.ema_decay, config.output.log_every) == (9, 0.999, 50)
    assert config.output.sample_every == 10


def test_steps_are_timed_without_taking_any(tmp_path):
    with small_experiment(tmp_path / "run", networks__batch_norm=True) as running:
        before = {name: value.clone() for name, value in running.state.generator.state_dict().items()}
        assert seconds_of_a_step(running.loop(running.world), 0.1) > 0
        assert running.state.step == 0
        after = running.state.generator.state_dict()
        assert all(torch.equal(value, after[name]) for name, value in before.items())


@pytest.mark.parametrize(("known", "taken"), [(0.0, 6), (1.9, 6), (2.1, 3), (3.4, 0)])
def test_slow_steps_are_not_timed_again_and_again(tmp_path, monkeypatch, known, taken):
    """Of 100 seconds, 3 are for measuring; 10 where even the fewest steps take more, and else none."""
    taking = []

    def timed(loop, count):
        taking.append(count)
        return count * (known or 2.0) / 1.9

    monkeypatch.setattr(minutes, "_timed", timed)
    with small_experiment(tmp_path / "run") as running:
        found = seconds_of_a_step(running.loop(running.world), 100.0, known)
    assert found == pytest.approx((known or 2.0) / 1.9 if taken else known)
    assert sum(taking) == taken


def test_first_steps_that_are_slower_than_was_known_are_timed_again(tmp_path, monkeypatch):
    """Data that are read for the first time, and not what steps take."""
    taking, times = [], [9.0, 6.0]

    def timed(loop, count):
        taking.append(count)
        return times.pop(0)

    monkeypatch.setattr(minutes, "_timed", timed)
    with small_experiment(tmp_path / "run") as running:
        assert seconds_of_a_step(running.loop(running.world), 100.0, 2.0) == 2.0
    assert taking == [3, 3]


@pytest.mark.parametrize(("step", "refused"), [(1201.0, True), (1199.0, False), (None, False)])
def test_minutes_that_hold_no_step_are_refused_before_anything_is_written(tmp_path, monkeypatch, step, refused):
    planned = plan("digits", out=tmp_path / "run", settings={**MINUTE, "training.minutes": 10.0})
    story = sys.modules["wgan.experiment.train"]
    monkeypatch.setattr(story, "fitted_to_memory", lambda *of: Fitted(planned, seconds=step))
    monkeypatch.setattr(trainer, "seconds_of_a_step", lambda loop, budget, known: known)
    monkeypatch.setattr(Recorder, "seconds", lambda self: {})
    if refused:
        with pytest.raises(InputError, match=r"A step takes about 20 min here, with 8 samples.* --minutes 10"):
            start(planned, terminal=QUIET)
        assert not (tmp_path / "run").exists()
    else:
        with start(planned, terminal=QUIET) as running:
            steps = running.config.training.steps
        assert steps == 1 if step else steps > 1000


@pytest.fixture
def hundredth(monkeypatch):
    """A step takes a hundredth of a second, and nothing else takes any time."""
    asked = []

    def seconds(loop, budget, known):
        asked.append(budget)
        return 0.01

    monkeypatch.setattr(trainer, "seconds_of_a_step", seconds)
    monkeypatch.setattr(Recorder, "seconds", lambda self: {})
    return asked


MINUTE = {"training.minutes": 0.01, "training.batch_size": 8, "training.critic_steps": 1}
"""0.6 seconds: less 5%, 57 steps; and what was spent before the first."""


def finished(out, settings):
    with start(plan("digits", out=out, settings=settings), terminal=QUIET) as running:
        list(running.events())
    return running.run


def test_the_length_is_chosen_once(tmp_path, hundredth):
    with start(plan("digits", out=tmp_path, settings=MINUTE), terminal=QUIET) as running:
        steps = running.config.training.steps
        assert 1 <= steps <= 57
        assert running.config.training.ema_decay == running.state.ema_decay < 0.99
        events = running.events()
        for _ in range(max(1, steps // 2)):
            next(events)
    assert len(hundredth) == 1
    run = finished(tmp_path, MINUTE)
    assert len(hundredth) == 1, "nothing is measured again"
    assert (run.config.training.steps, max(run.checkpoints())) == (steps, steps)
    assert run.config.training.minutes == 0.01
    assert "training.steps" in run.config.chosen

    twice = finished(tmp_path, {**MINUTE, "training.minutes": 0.02})
    assert max(twice.checkpoints()) == twice.config.training.steps == 2 * steps
    longer = finished(
        tmp_path,
        {key: value for key, value in MINUTE.items() if "minutes" not in key} | {"training.steps": 2 * steps + 3},
    )
    assert max(longer.checkpoints()) == 2 * steps + 3
    assert longer.config.training.ema_decay == run.config.training.ema_decay
    assert len(hundredth) == 1


def test_minutes_that_a_command_leaves_out_are_not_forgotten(tmp_path, hundredth):
    without = {key: value for key, value in MINUTE.items() if key != "training.minutes"}
    with start(plan("digits", out=tmp_path, settings=MINUTE), terminal=QUIET) as running:
        first = running.run.config
    steps = first.training.steps
    for _ in range(2):
        with start(plan("digits", out=tmp_path, settings=without), terminal=QUIET) as running:
            again = running.run.config
        assert (again.training.steps, again.training.minutes, again.chosen) == (steps, 0.01, first.chosen)
    of_epochs = plan("digits", recipe="wgan-gp-celeba", out=tmp_path, settings=without).config.training
    assert (of_epochs.steps, of_epochs.minutes, of_epochs.epochs) == (steps, 0.01, None)
    planned = plan("digits", out=tmp_path, settings={**MINUTE, "training.minutes": 0.02})
    assert planned.config.training.steps == 2 * steps
    finished(tmp_path, {**without, "training.steps": steps + 1})
    with pytest.raises(InputError, match=f"is a run of {steps + 1} steps, not of minutes"):
        plan("digits", out=tmp_path, settings=MINUTE)


def test_a_run_of_minutes_is_the_run_of_what_they_chose(tmp_path, hundredth, monkeypatch):
    settings = {"training__minutes": 0.01, "networks__batch_norm": True}
    run = small_run(tmp_path / "minutes", **settings)
    chosen = {key.replace(".", "__"): value for key, value in _chosen(run).items()}
    plain = small_run(tmp_path / "plain", networks__batch_norm=True, **chosen)
    assert_equal_runs(run, plain)


def _chosen(run: Run):
    values = run.config.to_dict()
    return {key: values[key.split(".")[0]][key.split(".")[1]] for key in run.config.chosen}


def test_a_run_of_steps_takes_no_minutes(tmp_path, hundredth):
    finished(tmp_path, {**MINUTE, "training.minutes": None, "training.steps": 3})
    with pytest.raises(InputError, match="is a run of 3 steps, not of minutes"):
        plan("digits", out=tmp_path, settings=MINUTE)
    assert plan("digits", out=tmp_path, settings=MINUTE, fresh=True).is_open


@pytest.mark.parametrize("asked", [{"stop.by": "diversity"}, {"output.metrics": ["diversity"]}])
def test_what_is_measured_while_training_is_timed_before_the_first_step(tmp_path, monkeypatch, asked):
    """Nothing of the run is on disk then. What is measured is what `wgan evaluate` does."""
    monkeypatch.setattr(trainer, "seconds_of_a_step", lambda loop, budget, known: 0.01)
    run = finished(tmp_path, {**MINUTE, **asked})
    last = run.evaluations()[-1]
    assert last["step"] == run.config.training.steps
    found = evaluate(run.path, metrics=["diversity"])
    assert found.to_dict()["metrics"]["diversity"]["value"] == last["metrics"]["diversity"]["value"]


def test_one_length_is_given():
    for other in (["--steps", "9"], ["--epochs", "2"]):
        done = CliRunner().invoke(app, ["train", "digits", "--dry-run", "--minutes", "1", *other])
        assert done.exit_code == 2
        assert "not both" in done.output


def test_all_processes_take_the_same_steps(tmp_path):
    found = together(2, fitted_together, tmp_path / "run", {"training__minutes": 0.01})
    assert found[0] == found[1]
    assert found[0][0] == Run(tmp_path / "run").config.training.steps


def test_the_time_that_the_first_process_has_left_counts_for_all(tmp_path):
    first, second = together(2, fitted_apart, tmp_path / "run", {"training__minutes": 1})
    assert first[0].steps > 1
    assert first == second
