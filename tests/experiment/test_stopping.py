"""Runs that end before their last step: where, what they leave, and that a broken run ends where a whole one does."""

import numpy as np
import pytest

from helpers import QUIET, small_config, small_experiment, small_run, without_time
from ranks import together
from shared_work import ended_early
from wgan.diagnosis import Log, Setup
from wgan.errors import InputError
from wgan.experiment import stopping
from wgan.experiment.plan import plan
from wgan.experiment.train import start
from wgan.metrics import METRICS
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.training.stopping import stalled_since

WORSE = {
    "stop__by": "frechet",
    "stop__window": 2,
    "output__best_by": "frechet",
    "output__evaluate_every": 3,
    "output__checkpoint_every": 7,
    "training__steps": 60,
    "training__seed": 2,
    "generator_optimizer__learning_rate": 3.0,
}
"""The rate is so high that early steps are the best."""


def evaluations(run):
    return [{**row, "seconds": 0} for row in run.evaluations()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("whole") / "run", **WORSE)


def test_it_ends_where_the_metric_no_longer_improves(whole):
    """The first evaluation at which the values so far are stalled, and no earlier one."""
    rows = whole.evaluations()
    values = [row["metrics"]["frechet"]["value"] for row in rows]
    ends = [stalled_since(values[:count], 2) is not None for count in range(1, len(values) + 1)]
    assert ends == [False] * (len(values) - 1) + [True]
    found = whole.stopped()
    assert found == {
        "step": rows[-1]["step"],
        "by": "frechet",
        "window": 2,
        "since": rows[stalled_since(values, 2)]["step"],
    }
    assert found["step"] < 60


def test_it_leaves_what_a_last_step_leaves(whole):
    step = whole.stopped()["step"]
    assert whole.metrics()[-1]["step"] == max(whole.samples()) == whole.comparisons()[-1]["step"] == step
    best = min(whole.evaluations(), key=lambda row: row["metrics"]["frechet"]["value"])["step"]
    assert set(whole.checkpoints()) >= {best, step}
    assert whole.evolution_file.exists()
    told = diagnose(whole).summary
    assert f"It was stopped at step {step}: frechet has not improved beyond its noise since step" in told


def test_the_same_command_finds_it_complete(whole):
    before = whole.generator_file.stat().st_mtime_ns
    with small_experiment(whole.path, **WORSE) as running:
        assert running.complete
        assert list(running.events()) == []
    with small_experiment(whole.path, **{**WORSE, "training__steps": 90}) as running:
        assert running.complete, "a longer run would have ended there as well"
    assert whole.generator_file.stat().st_mtime_ns == before


@pytest.mark.parametrize("stop", [2, 8, 11])
def test_a_killed_run_ends_at_the_same_step(whole, tmp_path, stop):
    assert stop < whole.stopped()["step"]
    small_run(tmp_path / "run", stop=stop, **WORSE)
    parts = small_run(tmp_path / "run", **WORSE)
    assert_equal_in_all(parts, whole)


def test_killed_between_what_says_so_and_its_checkpoint(whole, tmp_path, monkeypatch):
    """What was written of the end is done again."""
    step = whole.stopped()["step"]
    from wgan.experiment.recorder import Recorder

    checkpoint = Recorder.checkpoint

    def killed(self, seconds):
        if self.state.step == step:
            raise KeyboardInterrupt
        checkpoint(self, seconds)

    monkeypatch.setattr(Recorder, "checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        small_run(tmp_path / "run", **WORSE)
    left = Run(tmp_path / "run")
    assert left.stopped_file.exists()
    assert left.stopped() is None, "the run is not over: it goes on from the checkpoint before"
    assert left.log().stopped is None
    monkeypatch.undo()
    with small_experiment(tmp_path / "run", **WORSE) as running:
        assert not running.complete
        assert not running.run.stopped_file.exists()
        list(running.events())
    assert_equal_in_all(running.run, whole)


def assert_equal_in_all(one, other):
    assert one.stopped() == other.stopped()
    assert evaluations(one) == evaluations(other)
    assert without_time(one.metrics()) == without_time(other.metrics())
    assert list(one.checkpoints()) == list(other.checkpoints())
    assert one.generator_file.read_bytes() == other.generator_file.read_bytes()


def test_it_goes_on_as_if_it_had_never_stopped(whole, tmp_path):
    """With a longer window that the whole run does not fill, and with none at all."""
    longer = {**WORSE, "stop__window": 50}
    unbroken = small_run(tmp_path / "unbroken", **longer)
    assert unbroken.stopped() is None
    small_run(tmp_path / "run", **WORSE)
    resumed = small_run(tmp_path / "run", **longer)
    assert_equal_in_all(resumed, unbroken)
    small_run(tmp_path / "none", **WORSE)
    none = small_run(tmp_path / "none", **{**WORSE, "stop__by": "never"})
    assert_equal_in_all(none, unbroken)


def test_all_processes_end_at_the_same_step(tmp_path):
    found = together(2, ended_early, tmp_path / "run", WORSE)
    step = Run(tmp_path / "run").stopped()["step"]
    assert step < 60
    assert found == [[(step, True, step), (step, True, 0)]] * 2


def verdicts(monkeypatch, converged):
    """Have a run judged by its newest comparison alone: converged from these steps on."""

    def examine(setup: Setup, log: Log):
        step = log.comparisons[-1]["step"]
        return type("", (), {"verdict": stopping.Verdict.converged if step in converged else stopping.Verdict.healthy})

    monkeypatch.setattr(stopping, "examine", examine)


@pytest.mark.parametrize(
    ("converged", "ends", "since"),
    [((128, 192, 256), 256, 128), ((64, 128, 256, 320, 384), 384, 256), ((64, 128, 256, 320), None, None)],
)
def test_it_ends_once_the_verdict_stays_converged(tmp_path, monkeypatch, converged, ends, since):
    """At three comparisons in a row, and not at the comparison that a last step makes."""
    verdicts(monkeypatch, converged)
    settings = {"output__log_every": 40, "output__sample_every": 400, "output__checkpoint_every": 400}
    run = small_run(tmp_path / "run", stop__by="converged", training__steps=400, **settings)
    found = run.stopped() or {"step": None, "since": None}
    assert (found["step"], found["since"]) == (ends, since)
    assert max(run.checkpoints()) == (ends or 400)
    if ends:
        assert f"since it had been converged from step {since} on" in diagnose(run).summary


@pytest.mark.parametrize("count", [10, 50], ids=["none are compared", "with training samples"])
def test_without_held_out_samples_to_compare_with_it_cannot_converge(tmp_path, count):
    few = np.random.default_rng(0).integers(0, 255, (count, 1, 8, 8)).astype(np.uint8)
    planned = plan(
        few, out=tmp_path / "run", settings={"stop.by": "converged", "data.holdout": 0.1}, progress=QUIET.counted
    )
    with pytest.raises(InputError, match="too few held-out samples"):
        start(planned, terminal=QUIET)


@pytest.mark.parametrize(("holdout", "said"), [(0.05, True), (0.1, False)])
def test_that_few_held_out_samples_may_let_it_run_on_is_said(tmp_path, holdout, said):
    """Of 1,797 digits, 90 and 180."""
    with small_experiment(tmp_path / "run", stop__by="converged", data__holdout=holdout) as running:
        told = [note for note in running.notes if "samples are held out. That is too few" in note]
    assert bool(told) == said


@pytest.mark.parametrize("reason", ["never", "converged", *METRICS, "math:sqrt"])
def test_every_metric_may_end_a_run(reason):
    """Also those that are named like a verdict."""
    assert small_config(stop__by=reason).stop.by == reason


def test_what_a_metric_needs_is_chosen_and_kept(tmp_path):
    """It is measured thirty times, its best is kept; and that stays so when the command no longer asks for it."""
    out = tmp_path / "run"
    length = {"training.steps": 90, "training.batch_size": 8}
    planned = plan("digits", out=out, settings={"stop.by": "frechet", **length}, progress=QUIET.counted)
    assert (planned.config.output.evaluate_every, planned.config.output.best_by) == (3, "frechet")
    given = plan("digits", out=out, settings={"stop.by": "frechet", "output.evaluate_every": 50, **length})
    assert given.config.output.evaluate_every == 50
    with start(planned, terminal=QUIET):
        pass
    again = plan("digits", out=out, settings=length)
    assert (again.config.output.evaluate_every, again.config.output.best_by) == (3, "frechet")
    longer = plan("digits", out=out, settings={"stop.by": "frechet", **length, "training.steps": 900})
    assert longer.config.output.evaluate_every == 3
    with start(again, terminal=QUIET) as running:
        assert running.config.stop.by == "never"


LENGTH = {"training.steps": 90, "training.batch_size": 8}


def part_of(out, steps, **settings):
    """A run that is left after so many steps of this command."""
    given = {**LENGTH, **{key.replace("__", "."): value for key, value in settings.items()}}
    with start(plan("digits", out=out, settings=given), terminal=QUIET) as running:
        for event in running.events():
            if event.step == steps:
                break
    return Run(out)


@pytest.mark.parametrize(
    ("before", "every"),
    [({}, 4), ({"output__metrics": ("frechet",), "output__evaluate_every": 10}, 5)],
    ids=["measured nothing", "measured it"],
)
def test_a_metric_may_end_a_run_that_was_begun_without(tmp_path, before, every):
    """Evaluations begin, or come more often: about thirty in the run. Those that there were stay."""
    steady = {"output__checkpoint_every": 20, **before}
    had = part_of(tmp_path, 20, **steady).evaluations()
    also = {key: value for key, value in steady.items() if key != "output__evaluate_every"}
    for last in (40, 60):  # the same command resumes it, with what it chose
        run = part_of(tmp_path, last, **also, stop__by="frechet")
        output = run.config.output
        assert (output.best_by, output.evaluate_every) == ("frechet", every)
    steps = [row["step"] for row in run.evaluations()]
    assert steps == [row["step"] for row in had] + [step for step in range(every, 61, every) if step > 20]


def test_the_best_is_kept_by_the_metric_that_ends_it_now(tmp_path):
    part_of(tmp_path, 3, stop__by="frechet")
    output = part_of(tmp_path, 6, stop__by="recall").config.output
    assert (output.best_by, output.evaluate_every) == ("recall", 3)
    given = {**LENGTH, "output.best_by": "frechet"}
    with pytest.raises(InputError, match=r"output\.best_by is recall there and frechet here"):
        start(plan("digits", out=tmp_path, settings={**given, "stop.by": "recall"}), terminal=QUIET)


def test_a_run_may_not_choose_code(tmp_path):
    """What a stranger's run says of itself is not taken over where it would be imported."""
    out = tmp_path / "run"
    with start(plan("digits", out=out, settings={"stop.by": "frechet"}), terminal=QUIET):
        pass
    file = out / "config.toml"
    file.write_text(file.read_text().replace('best_by = "frechet"', 'best_by = "evil:function"'))
    assert Run(out).config.output.best_by == "evil:function"
    planned = plan("digits", out=out)
    assert planned.config.output.best_by is None
    with pytest.raises(InputError, match=r"output\.best_by is evil:function there and None here"):
        start(planned, terminal=QUIET)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"step": 3, "by": 4, "window": 1, "since": 2}', '{"step": 3, "by": "x", "window": 1}', "\0"],
)
def test_what_does_not_say_what_ended_a_run_says_nothing(tmp_path, text):
    run = Run(tmp_path)
    run.checkpoint_folder.path.mkdir()
    (run.checkpoint_folder.path / "000000003.pt").touch()
    run.stopped_file.write_text(text)
    assert run.stopped() is None
    run.stopped_file.write_text('{"step": 3, "by": "x", "window": 1, "since": 2, "more": 4}')
    assert run.stopped() == {"step": 3, "by": "x", "window": 1, "since": 2}
