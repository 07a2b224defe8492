"""What is on disk while a run gets ready, what an interruption leaves, and that the same command goes on from it."""

import signal

import pytest

from helpers import QUIET
from wgan.experiment import ready, trainer
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.pace import Pace
from wgan.experiment.plan import plan
from wgan.experiment.recorder import Recorder
from wgan.experiment.stopping import OVERDUE, SECONDS_OVERDUE, is_overdue
from wgan.experiment.train import start
from wgan.runs.run import Run
from wgan.system.interruption import Interrupted

FEW = {"training.batch_size": 8, "training.critic_steps": 1, "training.steps": 120}


def interrupted(out, monkeypatch, settings, error=KeyboardInterrupt, what="choose_engine"):
    """The same command, and a signal while engines are tried; returns what it says."""

    def never(*given):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(ready, what, never)
        patched.setattr(EngineTrials, "pace", lambda self, mode: Pace(0.5))
        with pytest.raises(Interrupted) as found:
            start(plan("digits", out=out, settings=settings), terminal=QUIET)
    return found.value


def test_a_signal_in_the_trials_leaves_a_run(tmp_path, monkeypatch):
    """Bit for bit the one that a run is which nobody interrupts, and which tries nothing."""
    said = interrupted(tmp_path / "run", monkeypatch, FEW)
    assert str(said) == "Saved at step 0; the same command continues from there."
    assert said.signal == signal.SIGINT
    run = Run.open(tmp_path / "run")
    assert list(run.checkpoints()) == [0]
    config = run.config
    assert (config.precision, config.compile, config.graphs, config.threads) == ("fp32", "off", "off", config.threads)
    assert config.threads is not None
    tried = []
    monkeypatch.setattr(EngineTrials, "seconds", lambda self, engine, enough=0.0: tried.append(engine) or 100.0)
    monkeypatch.setattr(EngineTrials, "pace", lambda self, mode: Pace(0.001))
    ends = []
    for place in ("run", "whole"):
        with start(plan("digits", out=tmp_path / place, settings=FEW), terminal=QUIET) as running:
            events = running.events()
            for _ in range(7):
                next(events)
            ends.append(running.state.state_dict()["generator"])
    assert tried == []
    assert all(value.equal(ends[1][name]) for name, value in ends[0].items())


def test_the_signal_is_kept(tmp_path, monkeypatch):
    said = interrupted(tmp_path, monkeypatch, FEW, Interrupted(number=signal.SIGTERM))
    assert said.signal == signal.SIGTERM
    assert "Saved at step 0" in str(said)


def test_what_was_given_of_the_engine_is_written(tmp_path, monkeypatch):
    interrupted(tmp_path, monkeypatch, FEW | {"precision": "bf16", "threads": 1})
    config = Run.open(tmp_path).config
    assert (config.precision, config.compile, config.threads) == ("bf16", "off", 1)


MINUTE = {"training.minutes": 0.01, "training.batch_size": 8, "training.critic_steps": 1}


@pytest.fixture
def hundredth(monkeypatch):
    """A step takes a hundredth of a second, and nothing else takes any time."""
    monkeypatch.setattr(trainer, "seconds_of_a_step", lambda loop, budget, known: 0.01)
    monkeypatch.setattr(Recorder, "seconds", lambda self: {})


@pytest.mark.parametrize("again", [MINUTE, {key: value for key, value in MINUTE.items() if "minutes" not in key}])
def test_a_run_of_minutes_is_measured_when_it_goes_on(tmp_path, monkeypatch, hundredth, again):
    interrupted(tmp_path, monkeypatch, MINUTE)
    assert Run.open(tmp_path).config.chosen == ()
    planned = plan("digits", out=tmp_path, settings=again)
    assert planned.is_open
    with start(planned, terminal=QUIET) as running:
        config = running.run.config
        assert config.training.minutes == 0.01
        assert 1 <= config.training.steps <= 57
        assert "training.steps" in config.chosen
    assert not plan("digits", out=tmp_path, settings=again).is_open


class TestMinutesThatAreOver:
    """A run of 0.6 seconds whose steps take longer than when they were timed."""

    SETTINGS = MINUTE | {"output.log_every": 5}

    def ended(self, out, monkeypatch, **changed):
        with start(plan("digits", out=out, settings=self.SETTINGS | changed), terminal=QUIET) as running:
            clock = iter(range(10**6))
            monkeypatch.setattr(trainer.time, "monotonic", lambda: float(next(clock)))
            list(running.events())
            return running

    def test_end_it_at_a_line(self, tmp_path, monkeypatch, hundredth):
        running = self.ended(tmp_path, monkeypatch)
        found = running.run.stopped()
        assert found == running.stopped
        assert found["by"] == "minutes"
        assert found["step"] == max(running.run.checkpoints()) == max(running.run.samples()) < 57
        assert found["step"] % 5 == 0
        before = [row["seconds"] for row in running.run.metrics()[:-1]]
        assert found["seconds"] > 0.6 + SECONDS_OVERDUE >= max(before)

    def test_are_over_for_the_same_command_and_not_for_more(self, tmp_path, monkeypatch, hundredth):
        first = self.ended(tmp_path, monkeypatch)
        again = self.ended(tmp_path, monkeypatch)
        assert again.complete
        assert again.stopped == first.stopped
        more = self.ended(tmp_path, monkeypatch, **{"training.minutes": 0.1})
        assert first.stopped["step"] < more.stopped["step"] == max(more.run.checkpoints())
        assert more.stopped["minutes"] == 0.1
        assert more.stopped["seconds"] > 6 + SECONDS_OVERDUE


@pytest.mark.parametrize(("minutes", "limit"), [(0.01, 0.6 + SECONDS_OVERDUE), (6.0, 360 * OVERDUE)])
def test_minutes_are_kept_by_a_share_and_by_seconds_at_least(minutes, limit):
    assert not is_overdue(limit - 0.01, minutes)
    assert is_overdue(limit + 0.01, minutes)
    assert not is_overdue(1e9, None)
