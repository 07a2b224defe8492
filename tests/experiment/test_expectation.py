"""What a run says that it will take and give: the lines, by what is known of it."""

import pytest

from helpers import QUIET, small_run
from wgan.experiment import ready
from wgan.experiment.engine_choice import FEWEST_STEPS, EngineChoice
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.expectation import SHORTEST, changed, expectations, so_far
from wgan.experiment.pace import Pace
from wgan.experiment.plan import plan
from wgan.experiment.train import start
from wgan.runs.run import Run
from wgan.training import Eager, Mode, Stepwise
from wgan.views.terminal import Terminal


def lines(count=50_000, left=1000, seconds=None, memory=None, data="digits", **settings):
    planned = plan(data, out="unused", settings={key.replace("__", "."): value for key, value in settings.items()})
    planned.__dict__["train_count"] = count
    return list(expectations(planned, left, seconds, memory))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (60.0, "60 s to the end (1,000 steps at 0.06 s)"),
        (119.0, "120 s to the end (1,000 steps at 0.12 s)"),
        (121.0, "2 min to the end (1,000 steps at 0.12 s)"),
        (3600.0, "60 min to the end (1,000 steps at 3.6 s)"),
        (11_600.0, "3.2 h to the end (1,000 steps at 12 s)"),
        (40 * 86_400.0, "40 days to the end (1,000 steps at 3,500 s)"),
    ],
)
def test_time_has_two_digits_and_a_unit(seconds, said):
    (line,) = lines(seconds=seconds)
    assert line == f"expect  about {said}"


def test_memory_stands_below_the_time():
    time, line = lines(seconds=7200.0, memory=1_120_000_000)
    assert time == "expect  about 2 h to the end (1,000 steps at 7.2 s)"
    assert line == "        about 1.1 GB of memory for the networks and a batch"
    (line,) = lines(seconds=7200.0, output__metrics=["diversity"])
    assert line == "expect  about 2 h to the end (1,000 steps at 7.2 s, besides measuring its metrics)"
    for memory, said in ((10**9, "1.0 GB"), (27_345_678, "27 MB"), (9_970_000, "10 MB"), (4_440_000, "4.4 MB")):
        assert lines(memory=memory) == [f"expect  about {said} of memory for the networks and a batch"]
    (line,) = lines(memory=10**9, training__microbatch=8)
    assert line == "expect  about 1.0 GB of memory for the networks and a part of a batch"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (270, "270 pictures are very few: "),
        (499, "very few"),
        (500, "500 pictures are few: "),
        (1999, "are few"),
        (2000, "2,000 pictures are not many: "),
        (9999, "not many"),
    ],
)
def test_few_pictures_are_a_matter_of_their_number(count, said):
    time, quality = lines(count, seconds=7200.0)
    assert time.startswith("expect  about 2 h")
    assert quality.startswith(f"        {count:,} pictures are ")
    assert said in quality
    assert quality.endswith(". More pictures help more than more steps.")


def test_enough_pictures_and_points_are_no_matter_for_words():
    assert len(lines(10_000, seconds=7200.0)) == 1
    assert len(lines(100, seconds=7200.0, data="toy:ring8")) == 1


def test_short_runs_say_nothing():
    assert lines(100, seconds=SHORTEST - 1, memory=10**9) == []
    assert lines(100, left=FEWEST_STEPS - 1, memory=10**9) == []
    assert len(lines(100, left=FEWEST_STEPS)) == 1


def test_a_run_of_minutes_has_said_its_time():
    (line,) = lines(seconds=7200.0, memory=10**9, training__minutes=120)
    assert line.startswith("expect  about 1.0 GB")


def chosen(mode, seconds=None):
    return EngineChoice(Stepwise(mode, Eager()), {"threads": 1}, (), seconds)


def test_what_an_engine_changes_is_said_if_it_is_much():
    (line,) = changed(1000, 1.4, 0.95, chosen(Mode("bf16")))
    assert line == "expect  about 16 min with eager bf16 (1,000 steps at 0.95 s)"
    assert list(changed(1000, 1.4, 1.13, chosen(Mode("bf16")))) == []
    assert list(changed(10, 1.4, 0.95, chosen(Mode("bf16")))) == [], "it is a matter of seconds"


def test_what_else_it_could_be_is_offered_for_a_new_run():
    planned = plan("digits", out="unused")

    def line(seconds, offer):
        return next(expectations(planned, 15_800, seconds, None, offer))

    assert line(22_120.0, lambda seconds: "--size 32: about 40 min") == (
        "expect  about 6.1 h at 8x8 here (15,800 steps at 1.4 s); --size 32: about 40 min; "
        "--minutes 60 fits the run to an hour (and --fresh, since this run is there now)"
    )
    assert line(1800.0, lambda seconds: "") == "expect  about 30 min at 8x8 here (15,800 steps at 0.11 s)"
    assert line(22_120.0, None) == "expect  about 6.1 h to the end (15,800 steps at 1.4 s)"


def test_the_time_of_a_run_that_goes_on_is_what_it_took(tmp_path):
    run = small_run(tmp_path / "run", stop=8)
    last = run.metrics()[-1]
    assert so_far(run) == last["seconds"] / last["step"]
    assert so_far(Run(tmp_path / "none")) is None


class TestARun:
    def test_says_it_before_anything_is_tried(self, tmp_path, monkeypatch, told):
        monkeypatch.setattr(EngineTrials, "pace", lambda self, mode: Pace(60.0, share=0.5))
        with started(tmp_path, told, **{"training.steps": 120}) as running:
            assert running.expected == ()
        first, memory, few, *rest = told
        assert first == (
            "expect  about 2 h at 8x8 here (120 steps at 60 s); --minutes 60 fits the run to an hour "
            "(and --fresh, since this run is there now)"
        )
        assert memory.endswith("of memory for the networks and a batch")
        assert few.startswith("        1,617 pictures are few")
        assert rest == []
        assert any("our thread had 50% of a CPU" in note for note in running.notes)

    def test_of_seconds_says_nothing(self, tmp_path, told):
        with started(tmp_path, told, **{"training.steps": 5}) as running:
            assert running.expected == ()
        assert told == []

    def test_lets_slow_steps_speak_soon_and_keeps_to_that(self, tmp_path, monkeypatch, told):
        monkeypatch.setattr(EngineTrials, "pace", lambda self, mode: Pace(5.0))
        monkeypatch.setattr(ready, "choose_engine", lambda *given: chosen(Mode(), 5.0))
        with started(tmp_path, told, **{"training.steps": 120}) as running:
            output = running.run.config.output
            assert (output.first_line, output.log_every) == (3, 10)
            assert running.run.config.chosen == ("output.first_line", "output.log_every")
            lines = [event.step for event in running.events() if event.row is not None]
        assert lines[:5] == [3, 6, 10, 20, 30]
        assert list(running.run.samples())[:6] == [0, 3, 6, 12, 24, 48]
        monkeypatch.setattr(EngineTrials, "pace", lambda self, mode: Pace(0.001))
        assert plan("digits", out=tmp_path, settings={"training.steps": 200}).config.output == output


@pytest.fixture
def told(monkeypatch):
    """What a terminal says."""
    said = []
    monkeypatch.setattr(Terminal, "say", lambda self, text: said.append(text))
    return said


def started(out, told, **settings):
    few = {"training.batch_size": 8, "training.critic_steps": 1, "output.sample_every": 100}
    return start(plan("digits", out=out, settings=few | settings), terminal=QUIET)
