"""Compiled without waiting: when a run changes to compiled steps, what is written before, and that resuming repeats it.

In most tests, steps in bf16 stand for compiled ones: their bits are others too, and they need no compiler.
"""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from compiled_work import inputs, new_state
from helpers import assert_equal_runs, small_config, small_experiment, small_run, weights
from wgan.experiment.compiled_before import remember, was_compiled
from wgan.experiment.engine_choice import GAINS, EngineChoice, engine_settings, first_settings
from wgan.experiment.later import LONGEST, STAY, WORTH_CHANGING, Later, Report, pays
from wgan.runs.run import Run
from wgan.training import Changing, Eager, Mode, Stepwise, Unusable, build_engine, sparing

COMPILED = Mode(compiled=True)
AT = 5
GOOD = Report(plain=90.0, compiled=60.0)
PLAIN = {"precision": "fp32", "compile": "off", "threads": 1}


TRIALS = sys.modules["wgan.experiment.engine_trials"]


def built(mode, *arguments, **options):
    """An engine; one that is compiled is another in the last bits."""
    return Stepwise(mode, Eager("bf16")) if mode.compiled else build_engine(mode, *arguments, **options)


def unusable(mode, *arguments, **options):
    if mode.compiled:
        raise Unusable("no compiler")
    return build_engine(mode, *arguments, **options)


@pytest.fixture
def compiler(monkeypatch):
    monkeypatch.setattr(TRIALS, "build_engine", built)


@pytest.fixture
def changes(monkeypatch, compiler):
    """Has runs compile later; gives what the process reports after step `AT`."""

    class Scripted(Later):
        def begin(self):
            begun.append(Run.open(self._run).config.compile)

        def look(self, step, last):
            self.report = given["report"] if step == AT else None
            return ""

    def chosen(trials, config, *arguments):
        if config.compile != "auto":
            return usual(trials, config, *arguments)
        return EngineChoice(
            sparing(trials.build(Mode()), 1), PLAIN | {"compile": "auto", "graphs": "off"}, (), later=COMPILED
        )

    begun, given = [], {"report": GOOD, "begun": None}
    given["begun"] = begun
    usual = sys.modules["wgan.experiment.ready"].choose_engine
    monkeypatch.setattr(sys.modules["wgan.experiment.trainer"], "Later", Scripted)
    monkeypatch.setattr(sys.modules["wgan.experiment.ready"], "choose_engine", chosen)
    return given


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """Begun plain, then continued with compiled steps, by hand."""
    place = tmp_path_factory.mktemp("later") / "by-hand"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TRIALS, "build_engine", built)
        small_run(place, training__steps=AT, **PLAIN)
        return small_run(place, compile="on", threads=1)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("later") / "plain", **PLAIN)


def differ(one, other):
    mine, theirs = weights(one), weights(other)
    return any(not torch.equal(value, theirs[key]) for key, value in mine.items())


class TestTheStepOfTheChange:
    def test_is_a_setting(self, tmp_path, compiler, unbroken, plain):
        run = small_run(tmp_path / "run", compile="on", compile_from=AT, threads=1)
        assert_equal_runs(run, unbroken)
        assert differ(run, plain)
        assert differ(run, small_run(tmp_path / "compiled", compile="on", threads=1))

    def test_may_lie_behind_the_end(self, tmp_path, compiler, plain):
        assert_equal_runs(small_run(tmp_path / "run", compile_from=12, threads=1), plain)

    @pytest.mark.parametrize("stop", [3, 5, 8])
    def test_is_the_same_for_a_run_that_was_killed_before_at_and_after_it(self, tmp_path, compiler, unbroken, stop):
        small_run(tmp_path / "run", stop=stop, compile="on", compile_from=AT, threads=1)
        run = small_run(tmp_path / "run")
        assert (run.config.compile, run.config.compile_from) == ("on", AT)
        assert_equal_runs(run, unbroken)

    def test_is_gone_with_compilation(self, tmp_path, compiler):
        small_run(tmp_path / "run", stop=8, compile="on", compile_from=AT, threads=1)
        run = small_run(tmp_path / "run", compile="off")
        assert (run.config.compile, run.config.compile_from) == ("off", None)

    def test_is_forgotten_where_a_command_asks_for_what_the_run_had_not(self, tmp_path, compiler):
        """Else the configuration would say that its plain steps were compiled."""
        small_run(tmp_path / "run", stop=8, compile="off", compile_from=AT, threads=1)
        run = small_run(tmp_path / "run", compile="on")
        assert (run.config.compile, run.config.compile_from) == ("on", None)

    def test_is_kept_by_a_run_that_was_interrupted_before_its_first_step(self):
        found = first_settings(small_config(compile_from=AT), 2)
        assert (found["compile"], found["compile_from"]) == ("on", AT)

    def test_stays_where_nothing_compiles(self, tmp_path, monkeypatch):
        monkeypatch.setattr(TRIALS, "build_engine", unusable)
        run = small_run(tmp_path / "run", compile="on", compile_from=AT, threads=1)
        assert (run.config.compile, run.config.compile_from) == ("off", AT)


def test_an_engine_changes_at_a_step_wherever_a_state_comes_from():
    done = []

    class Named(Stepwise):
        def __call__(self, state, step):
            done.append((self.mode.compiled, state.step))
            return {}

    changing, state = Changing(Named(Mode(), Eager()), Named(COMPILED, Eager()), 2), new_state()
    for state.step in (0, 1, 2, 3, 1):
        changing(state, inputs())
    assert done == [(False, 0), (False, 1), (True, 2), (True, 3), (False, 1)]
    assert changing.mode == COMPILED


class TestARunThatChangesByItself:
    def test_equals_one_that_is_told_to(self, tmp_path, changes, unbroken):
        run = small_run(tmp_path / "run")
        assert (run.config.compile, run.config.compile_from) == ("on", AT)
        assert_equal_runs(run, unbroken)
        assert changes["begun"] == ["auto"], "the process finds the configuration on the disk"

    @pytest.mark.parametrize("stop", [3, 5, 8])
    def test_also_where_it_was_killed(self, tmp_path, changes, unbroken, stop):
        small_run(tmp_path / "run", stop=stop)
        changed = Run.open(tmp_path / "run").config.compile_from
        assert changed == (AT if stop > AT else None), "nothing is written before it is decided"
        assert_equal_runs(small_run(tmp_path / "run"), unbroken)

    def test_has_written_it_down_before_the_first_compiled_step(self, tmp_path, changes, monkeypatch):
        seen = []

        class Watching(Stepwise):
            def __call__(self, state, step):
                config = Run.open(tmp_path / "run").config
                seen.append((state.step, config.compile, config.compile_from))
                return super().__call__(state, step)

        def built(mode, *arguments, **options):
            return Watching(mode, Eager()) if mode.compiled else build_engine(mode, *arguments, **options)

        monkeypatch.setattr(TRIALS, "build_engine", built)
        small_run(tmp_path / "run")
        assert seen == [(step, "on", AT) for step in range(AT, 12)]

    def test_says_what_it_does(self, tmp_path, changes):
        with small_experiment(tmp_path / "run") as running:
            told = [text for event in running.events() for text in running.news()]
        assert told == [f"Steps after step {AT} are compiled."]

    @pytest.mark.parametrize(
        ("report", "text"),
        [
            (Report(why="no compiler"), f"compiled fp32 cannot be used here: no compiler. {STAY}"),
            (
                Report(plain=1.0, compiled=0.95),
                "Plain steps take 1.05 times the processor time of compiled ones, which is too little to change. "
                f"{STAY}",
            ),
        ],
    )
    def test_stays_plain_where_compiling_does_not_pay(self, tmp_path, changes, plain, report, text):
        changes["report"] = report
        with small_experiment(tmp_path / "run") as running:
            told = [text for event in running.events() for text in running.news()]
        assert told == [text]
        assert running.run.config.compile == "off"
        assert_equal_runs(running.run, plain)

    def test_stays_plain_where_the_engine_fails_after_all(self, tmp_path, changes, plain, monkeypatch):
        monkeypatch.setattr(TRIALS, "build_engine", unusable)
        run = small_run(tmp_path / "run")
        assert (run.config.compile, run.config.compile_from) == ("off", AT)
        assert_equal_runs(run, plain)

    def test_leaves_open_what_a_longer_run_may_ask_again(self, tmp_path, changes):
        changes["report"] = Report(plain=0.1, compiled=0.05)
        run = small_run(tmp_path / "run")
        assert run.config.compile == "auto"
        assert engine_settings(run, small_config(), 1)["compile"] == "auto"


def test_a_change_has_to_save_more_than_it_costs():
    report = Report(plain=0.03, compiled=0.02)
    steps = round(WORTH_CHANGING / 0.01)
    assert pays(report, steps + 1)
    assert not pays(report, steps - 1)
    assert not pays(Report(plain=GAINS["compile"] - 0.01, compiled=1.0), 10**9)
    assert not pays(Report(why="no compiler"), 10**9)


class TestAProcessThat:
    def test_cannot_be_started_is_done_without(self, tmp_path, monkeypatch):
        def refuse(*arguments, **options):
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

        later = Later(tmp_path, COMPILED)
        monkeypatch.setattr(subprocess, "Popen", refuse)
        later.begin()
        assert later.look(1, 10**9) == ""
        assert later.report.why.startswith("no process could be started to compile it (")
        later.end()

    def test_takes_too_long_is_given_up(self, tmp_path, monkeypatch):
        monkeypatch.setattr("wgan.experiment.later.CODE", "import time; time.sleep(600)")
        times = iter([0.0, LONGEST, LONGEST + 1])
        later = Later(tmp_path, COMPILED, clock=lambda: next(times))
        later.begin()
        later.look(1, 10**9)
        assert later.report is None
        later.look(2, 10**9)
        assert later.report == Report(why="it was not compiled after 30 minutes")

    def test_is_told_to_end_may_clear_up(self, tmp_path, monkeypatch):
        """As compilers do with what they have half written."""
        code = f"""
import pathlib, signal, sys, time
def end(*_):
    pathlib.Path({str(tmp_path / "cleared")!r}).touch()
    sys.exit()
signal.signal(signal.SIGTERM, end)
pathlib.Path({str(tmp_path / "ready")!r}).touch()
time.sleep(600)
"""
        monkeypatch.setattr("wgan.experiment.later.CODE", code)
        later = Later(tmp_path, COMPILED)
        later.begin()
        while not (tmp_path / "ready").exists():
            os.sched_yield()
        later.end()
        assert (tmp_path / "cleared").exists()

    def test_was_killed_says_so(self, tmp_path, monkeypatch):
        monkeypatch.setattr("wgan.experiment.later.CODE", "import os; os.kill(os.getpid(), 9)")
        later = Later(tmp_path, COMPILED)
        later.begin()
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        later.look(1, 10**9)
        assert later.report.why == "the process that compiled it was ended (-9, most likely for lack of memory)"
        later.end()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """What `later_work.py` found, where a compiler worked."""
    place = tmp_path_factory.mktemp("later")
    work = Path(__file__).parents[1] / "later_work.py"
    environment = os.environ | {"TORCHINDUCTOR_CACHE_DIR": str(place / "torch"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(work), str(place)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"place": place}


class TestCompiled:
    def test_a_run_changes_to_what_another_process_compiled(self, compiled):
        assert compiled["settings"] == ["on", 4]
        assert compiled["cache_hits"] > 0
        assert compiled["cache_misses"] == 0
        told, changed = compiled["told"]
        assert told.startswith("Compiled steps are ready: ")
        assert changed == "Steps after step 4 are compiled."

    def test_it_equals_one_that_was_told_to_and_one_that_was_killed(self, compiled):
        by_itself, told, killed, plain = (Run.open(compiled["place"] / name) for name in compiled["runs"])
        assert_equal_runs(by_itself, told)
        assert_equal_runs(by_itself, killed)
        assert differ(by_itself, plain)

    def test_the_next_run_like_it_begins_compiled(self, compiled):
        assert compiled["was_compiled"] == [False, True]

    def test_a_run_that_is_stopped_leaves_no_process_behind(self, compiled):
        assert not compiled["left_behind"]


def test_a_cache_that_was_emptied_and_filled_by_others_is_not_taken_for_compiled_steps(tmp_path, monkeypatch):
    monkeypatch.setenv("WGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)  # torch sets it where it compiles
    with small_experiment(tmp_path / "run") as running:
        loop = running.loop(running.world)
    kept = tmp_path / "torch" / "fxgraph" / "ab"
    (kept / "mine").mkdir(parents=True)
    assert not was_compiled(loop, COMPILED)
    remember(loop, COMPILED, 1.5, str(tmp_path / "torch"))
    (kept / "another").mkdir()
    assert was_compiled(loop, COMPILED)
    (kept / "mine").rmdir()
    assert not was_compiled(loop, COMPILED)


GROUP = """
import os, subprocess, sys
from wgan.system.processes import begin
begin(os.getppid())
subprocess.run([sys.executable, "-c", "import sys; print('ready', flush=True); sys.stdin.read()"])
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], start_new_session=True)"


def test_nor_does_one_that_is_killed_not_even_the_compiler_that_it_ran():
    command = [sys.executable, "-c", PARENT, GROUP]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
        assert parent.stdout.read() == "", "the pipe is closed when the last who holds it has ended"
