"""What a run says that it will take and give: the lines, by what is known of it."""

import math
import sys

import pytest

from helpers import QUIET, small_experiment, small_run
from wgan.cli.train import starting_lines
from wgan.experiment.engine_choice import FEWEST_STEPS, EngineChoice
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.expectation import SHORTEST, expectations, seconds_left
from wgan.experiment.plan import plan
from wgan.experiment.train import start
from wgan.runs.run import Run
from wgan.training import PLAIN


def lines(count=50_000, left=1000, seconds=None, memory=None, data="digits", **settings):
    planned = plan(data, out="unused", settings={key.replace("__", "."): value for key, value in settings.items()})
    planned.__dict__["train_count"] = count
    return list(expectations(planned, left, seconds, memory))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (60.0, "60 s to the end (0.06 s a step"),
        (119.0, "120 s to the end (0.12 s"),
        (121.0, "2 min to the end (0.12 s"),
        (3600.0, "60 min to the end (3.6 s"),
        (11_600.0, "3.2 h to the end (12 s"),
        (40 * 86_400.0, "40 days to the end (3,500 s"),
    ],
)
def test_time_has_two_digits_and_a_unit(seconds, said):
    (line,) = lines(seconds=seconds)
    assert line == f"expect  about {said} a step, as measured here)".replace(" s a step a step", " s a step")


def test_memory_stands_beside_the_time():
    (line,) = lines(seconds=7200.0, memory=1_120_000_000)
    assert line.endswith("7.2 s a step, as measured here), about 1.1 GB of memory for the networks and a batch")
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


class Trials(EngineTrials):
    """Steps of a quarter of a second."""

    alone = True

    def __init__(self):
        pass

    def seconds(self, engine, enough=math.inf):
        return 0.25


SETTINGS = {"threads": 1}


class TestTheTime:
    def test_is_that_of_the_engine_s_trial(self, tmp_path):
        assert seconds_left(Trials(), EngineChoice(PLAIN, SETTINGS, (), 0.5), Run(tmp_path), 200) == 100.0

    def test_is_measured_where_no_engine_was_tried(self, tmp_path):
        measured = EngineChoice(PLAIN, SETTINGS, ())
        assert seconds_left(Trials(), measured, Run(tmp_path), 200) == 50.0
        assert seconds_left(Trials(), measured, Run(tmp_path), FEWEST_STEPS - 1) is None
        several = Trials()
        several.alone = False
        assert seconds_left(several, measured, Run(tmp_path), 200) is None

    def test_of_a_run_that_goes_on_is_what_it_took(self, tmp_path):
        run = small_run(tmp_path / "run", stop=8)
        last = run.metrics()[-1]
        found = seconds_left(Trials(), EngineChoice(PLAIN, SETTINGS, ()), run, 10)
        assert found == pytest.approx(10 * last["seconds"] / last["step"])


def test_a_run_says_it_before_its_first_step(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["wgan.experiment.train"], "seconds_left", lambda *given: 7200.0)
    with small_experiment(tmp_path / "run", training__batch_size=8) as running:
        first, *rest = starting_lines(running)
        assert first.startswith("        from the start, on cpu")
        assert rest[0].startswith("expect  about 2 h to the end (600 s a step, as measured here), about ")
        assert rest[1].startswith("        1,617 pictures are few")
        list(running.events())
    with small_experiment(tmp_path / "run", training__batch_size=8) as running:
        assert running.expected == (), "nothing is left to train"


def test_a_run_of_seconds_says_nothing(tmp_path):
    with start(plan("digits", out=tmp_path, settings={"training.steps": 5}), terminal=QUIET) as running:
        assert running.expected == ()
