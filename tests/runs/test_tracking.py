"""What trackers are told of how a run ended."""

from collections import deque

import pytest

from helpers import small_run
from wgan.runs.tracking import Tracking


class Listening:
    """A follower that keeps what it is told."""

    started = True

    def __init__(self, name, about, sent):
        self.news, self.states = deque(), []
        made.append(self)

    def put(self, item):
        pass

    def end(self, verdict, state):
        self.states.append(state)

    def join(self, seconds):
        pass


made = []


@pytest.mark.parametrize("state", ["stopped", "failed", "finished"])
def test_an_error_is_told_as_one(tmp_path, monkeypatch, state):
    monkeypatch.setattr("wgan.runs.tracking.Follower", Listening)
    made.clear()
    tracking = Tracking(small_run(tmp_path / "r"), ["wandb"])
    tracking.begin()
    if state != "stopped":
        getattr(tracking, state)()
    tracking.end()
    assert made[0].states == [state]


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, KeyboardInterrupt])
def test_training_tells_errors_from_signals(tmp_path, monkeypatch, error):
    def raising(*_):
        raise error

    told = []
    monkeypatch.setattr(Tracking, "failed", lambda self: told.append("failed"))
    monkeypatch.setattr(Tracking, "end", lambda self: told.append("end"))
    monkeypatch.setattr("wgan.runs.writer.RunWriter.line", raising)
    with pytest.raises(BaseException):  # noqa: B017, PT011 -- how it is explained is tested elsewhere
        small_run(tmp_path / "r")
    assert told == (["end"] if error is KeyboardInterrupt else ["failed", "end"])
