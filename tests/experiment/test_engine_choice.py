"""Tuning: what is chosen for which times, what is told, and that a run keeps what it has."""

import math
import os
import subprocess
import sys

import pytest
import torch

from helpers import small_config, small_experiment, small_run
from wgan.config import ENGINE
from wgan.diagnosis import Wiring
from wgan.errors import InputError
from wgan.experiment import ready
from wgan.experiment.engine_choice import (
    FEWEST_STEPS,
    GAINS,
    WORTH_BUILDING,
    WORTH_COMPILING,
    WORTH_COMPILING_ON_CUDA,
    WORTH_TRYING,
    choose_engine,
    engine_settings,
)
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.pace import Pace
from wgan.experiment.preflight import game_of
from wgan.objectives import WGANGP
from wgan.runs.run import Run
from wgan.training import Eager, Mode, Stepwise, Unusable

LONG = 100_000


class Scripted(EngineTrials):
    """EngineTrials whose times are given: seconds of a step, by mode and threads; a mode without one cannot be used.

    A trial takes as long as five steps, by a clock of its own.
    """

    alone, steps_left, begun, before = True, LONG, 0, False

    def __init__(self, times, steps_left, device):
        self.times, self.steps_left, self.device = times, steps_left, torch.device(device)
        self.tried, self.now, self.clock, self.deadline = [], 0.0, lambda: self.now, math.inf

    def build(self, mode):
        if mode not in {known for known, _ in self.times}:
            raise Unusable("no compiler")
        return Stepwise(mode, Eager())

    def was_compiled(self, mode):
        return self.before

    def settle(self, engine):
        self.settled = engine.mode

    def seconds(self, engine, enough=math.inf):
        key = engine.mode, torch.get_num_threads()
        self.tried.append(key)
        self.now += 5 * self.times[key]
        return self.times[key]


@pytest.fixture(autouse=True)
def two_threads():
    """As on the machines that the times are of."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def choose(times, steps_left=LONG, device="cpu", *, alone=True, pace=None, told=None, **settings):
    trials = Scripted(times, steps_left, device)
    trials.alone = alone
    tell = (lambda text: None) if told is None else told.append
    return choose_engine(trials, small_config(**settings), tell, pace), trials.tried


FP32, BF16 = Mode(), Mode("bf16")
COMPILED, COMPILED_BF16 = Mode(compiled=True), Mode("bf16", compiled=True)
TIMES = {
    (FP32, 2): 0.060,
    (FP32, 1): 0.090,
    (BF16, 2): 0.040,
    (COMPILED, 2): 0.050,
    (COMPILED, 1): 0.070,
    (COMPILED_BF16, 2): 0.030,
}


def test_the_fastest_is_chosen_one_thing_at_a_time():
    found, tried = choose(TIMES)
    assert found.engine.mode == COMPILED_BF16
    assert found.settings == {"precision": "bf16", "compile": "on", "graphs": "off", "threads": 2}
    assert tried == [(FP32, 2), (FP32, 1), (BF16, 2), (COMPILED_BF16, 2)]
    (note,) = found.notes
    assert "compiled bf16, 2 threads" in note
    assert "eager fp32, 2 threads 60.0 ms" in note
    assert "eager fp32, 1 thread 90.0 ms" in note
    assert "Tried in 1 s: " in note


@pytest.mark.parametrize(
    ("steps", "compiles", "tries"),
    [
        (FEWEST_STEPS - 1, False, 0),
        (round(WORTH_TRYING / 0.060) - 1, False, 1),
        (round(WORTH_TRYING / 0.060) + 1, False, 3),
        (round(WORTH_COMPILING / 0.040) - 1, False, 3),
        (round(WORTH_COMPILING / 0.040) + 1, True, 4),
    ],
)
def test_short_runs_are_not_worth_a_trial(steps, compiles, tries):
    found, tried = choose(TIMES, steps)
    assert found.engine.mode.compiled == compiles
    assert len(tried) == tries
    assert bool(found.notes) == (tries > 1)


def test_what_is_tried_is_said_and_the_pace_is_not_measured_again():
    told = []
    _, tried = choose(TIMES, pace=Pace(0.060), told=told)
    assert [mode for mode, _ in tried] == [FP32, BF16, COMPILED_BF16]
    assert told == ["trying eager fp32, 1 thread", "trying eager bf16, 2 threads", "trying compiled bf16, 2 threads"]


def test_trials_take_a_share_of_the_run():
    """Of 400 steps of a second, 8 seconds are for trials: a warm step and 1 thread take them, and bf16 is left out."""
    times = {(FP32, 2): 1.0, (FP32, 1): 0.9, (BF16, 2): 0.5, (COMPILED, 2): 0.5}
    found, tried = choose(times, 400, pace=Pace(1.0), compile="off")
    assert tried == [(FP32, 2), (FP32, 1)]
    assert found.notes == (
        "Training uses eager fp32, 2 threads. Tried in 10 s: eager fp32, 2 threads 1000.0 ms, eager fp32, 1 thread "
        "900.0 ms; no time for eager bf16.",
    )
    _, tried = choose(times, 2000, pace=Pace(1.0), compile="off")
    assert tried == [(FP32, 2), (FP32, 1), (BF16, 2)]
    assert choose(times, 100, pace=Pace(1.0), compile="off")[1] == [], "of two seconds, none is for another look"


def test_a_first_step_that_took_memory_is_not_what_others_are_compared_with():
    """It alone was timed, since it takes a second: one thread, timed warm, would seem to gain a third."""
    times = {(FP32, 2): 0.7, (FP32, 1): 0.72, (BF16, 2): 0.7, (COMPILED, 2): 0.7}
    found, _ = choose(times, pace=Pace(1.0))
    assert found.settings["threads"] == 2
    assert found.seconds == 0.7


@pytest.mark.parametrize(("expected", "device", "left"), [(100, "cpu", 2), (1e6, "cpu", 60), (100, "cuda", 5)])
def test_trials_take_a_minute_at_most_and_a_moment_on_a_gpu(expected, device, left):
    trials = Scripted(TIMES, LONG, device)
    trials.begin(float(expected))
    assert trials.left == pytest.approx(left)
    trials.unbounded()
    assert trials.left == math.inf


def test_on_a_busy_cpu_nothing_is_tried():
    found, tried = choose(TIMES, pace=Pace(0.060, share=0.54))
    assert tried == []
    assert found.engine.mode == FP32
    assert found.seconds == 0.060
    assert found.notes == (
        "Other programs keep the CPU busy (our thread had 54% of a CPU): no other engine was tried "
        "(--compile on does without).",
    )
    assert choose(TIMES, 10, pace=Pace(0.060, share=0.54))[0].notes == (), "there was nothing to try"


def test_several_processes_measure_nothing():
    """Each would choose for itself, and wait for steps that the others don't do."""
    found, tried = choose(TIMES, alone=False)
    assert tried == []
    assert found.engine.mode == FP32


def test_a_gain_within_the_noise_is_none():
    times = dict.fromkeys(TIMES, 0.06 / (GAINS["precision"] - 0.01)) | {(FP32, 2): 0.060}
    times |= {(COMPILED, 2): 0.060 / (GAINS["compile"] - 0.01)}
    assert choose(times)[0].settings == {"precision": "fp32", "compile": "off", "graphs": "off", "threads": 2}


def test_one_thread_is_chosen_where_two_are_in_each_others_way():
    times = {(FP32, 2): 1.2, (FP32, 1): 0.015, (BF16, 1): 0.015, (COMPILED, 1): 0.015}
    assert choose(times)[0].settings["threads"] == 1
    assert torch.get_num_threads() == 2, "the caller keeps its own number"


def test_one_busy_moment_does_not_decide():
    class Disturbed(Scripted):
        def seconds(self, engine, enough=math.inf):
            return super().seconds(engine, enough) * (20 if len(self.tried) == 1 else 1)

    found = choose_engine(Disturbed(TIMES, LONG, "cpu"), small_config())
    assert found.settings["threads"] == 2
    assert len(found.notes) == 1, "nothing of other programs"


def test_what_was_asked_for_is_not_tried():
    found, tried = choose(TIMES, precision="fp32", compile="off", graphs="off", threads=1)
    assert tried == []
    assert (found.settings["threads"], torch.get_num_threads()) == (1, 2)
    torch.set_num_threads(2)
    found, tried = choose(TIMES, compile="on")
    assert found.engine.mode == COMPILED_BF16, "the precision is still open"


def test_what_cannot_be_used_is_told_and_done_without():
    times = {key: seconds for key, seconds in TIMES.items() if not key[0].compiled}
    found, _ = choose(times, 10, compile="on")
    assert found.settings["compile"] == "off"
    assert found.notes == (
        "compiled fp32 cannot be used here: no compiler. Training uses eager fp32, whose steps take about a third "
        "longer than compiled ones (docs/performance.md).",
    )
    found, _ = choose(times)
    assert found.engine.mode == BF16
    assert found.notes[0].startswith("compiled bf16 cannot be used here: no compiler. Training uses eager bf16, ")
    found, _ = choose(times, 10, device="cuda", compile="on")
    assert found.notes[0].endswith("Training uses eager fp32, which is slower: `wgan bench` measures by how much.")


class Patient(Scripted):
    """Another process can compile; `before` says that it did."""

    compiles_later = True


class TestCompilingLater:
    def test_a_run_begins_with_the_best_of_the_others_and_leaves_compiling_open(self):
        trials = Patient(TIMES, 10 * LONG, "cpu")
        found = choose_engine(trials, small_config())
        assert (found.engine.mode, found.later) == (BF16, COMPILED_BF16)
        assert found.settings == {"precision": "bf16", "compile": "auto", "graphs": "off", "threads": 2}
        assert trials.tried == [(FP32, 2), (FP32, 1), (BF16, 2)]
        assert trials.settled == BF16

    def test_what_was_compiled_before_is_tried_at_once(self):
        trials = Patient(TIMES, LONG, "cpu")
        trials.before = True
        found = choose_engine(trials, small_config())
        assert (found.engine.mode, found.later) == (COMPILED_BF16, None)
        assert "compile_from" not in found.settings

    @pytest.mark.parametrize("settings", [{"compile": "on"}, {"compile": "off"}, {"compile_from": 40}])
    def test_not_where_it_was_decided(self, settings):
        found = choose_engine(Patient(TIMES, LONG, "cpu"), small_config(**settings))
        assert found.later is None
        assert found.settings["compile"] == settings.get("compile", "on")

    def test_also_in_a_run_that_is_too_short_to_compile_for(self):
        for steps, mode in ((-1, BF16), (1, COMPILED_BF16)):
            trials = Patient(TIMES, round(WORTH_BUILDING / 0.040) + steps, "cpu")
            trials.before = True
            assert choose_engine(trials, small_config(), pace=Pace(0.050)).engine.mode == mode

    @pytest.mark.parametrize("before", [False, True])
    def test_a_run_that_had_yet_to_decide_does_so_at_the_step_where_it_goes_on(self, before):
        """Its steps until now were plain and had a thread less: the configuration has to say so."""
        trials = Patient(TIMES, LONG if before else FEWEST_STEPS, "cpu")
        trials.begun, trials.before = 40, before
        found = choose_engine(trials, small_config(precision="fp32", threads=2))
        assert (found.settings["compile"], found.settings["compile_from"]) == ("on" if before else "off", 40)
        assert found.engine.at == 40
        assert found.engine.first.threads == 1
        assert found.engine.then.mode.compiled == before

    def test_or_leaves_it_open_again(self):
        trials = Patient(TIMES, LONG, "cpu")
        trials.begun = 40
        found = choose_engine(trials, small_config(precision="fp32", threads=2))
        assert (found.settings["compile"], found.later) == ("auto", COMPILED)
        assert "compile_from" not in found.settings
        assert found.notes[0].endswith("eager fp32, 1 thread until then.")

    def test_not_where_a_run_is_short(self):
        steps = round(WORTH_COMPILING / 0.040)
        found = choose_engine(Patient(TIMES, steps - 1, "cpu"), small_config())
        assert (found.later, found.settings["compile"]) == (None, "off")
        assert choose_engine(Patient(TIMES, steps + 1, "cpu"), small_config()).later == COMPILED_BF16

    def test_parts_of_a_program_cannot_be_built_by_another_process(self, tmp_path):
        with small_experiment(tmp_path / "run") as running:
            loop = running.loop(running.world)
        assert EngineTrials(loop).compiles_later
        own = loop._replace(config=loop.config.model_copy(update={"custom": {"critic": "Own"}}))
        assert not EngineTrials(own).compiles_later


LAST = {"channels_last": True}
ON_CUDA = (
    Mode(graphs=True),
    Mode("tf32", graphs=True, **LAST),
    Mode("bf16", graphs=True, **LAST),
    Mode("bf16", compiled=True, graphs=True),
)


class TestAGPU:
    def test_tries_its_own(self):
        times = {(FP32, 2): 0.2} | {(mode, 2): 0.15 / 1.5**i for i, mode in enumerate(ON_CUDA)}
        found, tried = choose(times, 20_000, device="cuda")
        assert found.engine.mode == ON_CUDA[-1]
        assert [mode for mode, _ in tried] == [FP32, *ON_CUDA]

    def test_what_precision_gains_shows_only_once_no_launch_is_waited_for(self):
        """Times of an H200: launches took 50 ms, whatever was computed; graphs did without, and showed the rest."""
        times = {(FP32, 2): 0.050, (ON_CUDA[0], 2): 0.037, (ON_CUDA[1], 2): 0.025, (ON_CUDA[2], 2): 0.020}
        times |= {(Mode(precision, **LAST), 2): 0.050 for precision in ("tf32", "bf16")}
        found, _ = choose(times, 2_000, device="cuda")
        assert found.engine.mode == ON_CUDA[2]

    def test_graphs_that_gain_nothing_by_themselves_are_kept_for_what_precision_gains_with_them(self):
        """Times of an H200 with larger networks: in fp32 it computed for as long as the launches took."""
        times = {(FP32, 2): 0.103, (ON_CUDA[0], 2): 0.104, (ON_CUDA[1], 2): 0.070, (ON_CUDA[2], 2): 0.039}
        times |= {(Mode(precision, **LAST), 2): 0.082 for precision in ("tf32", "bf16")}
        found, _ = choose(times, 2_000, device="cuda")
        assert found.engine.mode == ON_CUDA[2]

    def test_graphs_that_gain_nothing_with_any_precision_are_left(self):
        times = {(FP32, 2): 0.100, (ON_CUDA[0], 2): 0.104, (ON_CUDA[1], 2): 0.100, (ON_CUDA[2], 2): 0.099}
        found, tried = choose(times, 2_000, device="cuda")
        assert found.engine.mode == FP32
        assert [mode for mode, _ in tried] == [FP32, *ON_CUDA[:3]]
        assert found.seconds == 0.100

    @pytest.mark.parametrize(("more", "compiles"), [(-1, False), (1, True)])
    def test_compiling_takes_longer(self, more, compiles):
        times = {(FP32, 2): 0.2} | {(mode, 2): 0.1 / 1.5**i for i, mode in enumerate(ON_CUDA)}
        steps = round(WORTH_COMPILING_ON_CUDA / times[ON_CUDA[2], 2]) + more
        assert choose(times, steps, device="cuda")[0].engine.mode.compiled == compiles


def test_critics_that_mix_samples_and_objectives_of_others_get_real_and_fake_apart():
    ours = small_config()
    assert game_of(WGANGP(), ours, Wiring()).independent_scores
    assert not game_of(WGANGP(), ours, Wiring(mixes_samples=True)).independent_scores
    assert not game_of(WGANGP(), ours.model_copy(update={"custom": {"critic": "Own"}}), Wiring()).independent_scores

    class Own(WGANGP):
        pass

    assert not game_of(Own(), ours, Wiring()).independent_scores


class TestRuns:
    def test_a_run_goes_on_with_the_engine_it_has(self, tmp_path):
        seed = {"training__seed": 1}
        whole = small_run(tmp_path / "whole", precision="bf16", **seed)
        parted = small_run(tmp_path / "parted", stop=8, precision="bf16", **seed)
        parted = small_run(parted.path, **seed)
        assert parted.config.precision == "bf16"
        assert parted.critic_file.read_bytes() == whole.critic_file.read_bytes()
        plain = small_run(tmp_path / "plain", **seed)
        assert plain.config.precision == "fp32"
        assert plain.critic_file.read_bytes() != whole.critic_file.read_bytes()

    def test_it_may_be_told_otherwise(self, tmp_path):
        begun = small_run(tmp_path / "run", stop=8, precision="bf16", training__seed=1)
        assert begun.config.precision == "bf16"
        run = small_run(tmp_path / "run", precision="fp32", training__seed=1)
        assert run.config.precision == "fp32"
        assert max(run.checkpoints()) == 12

    def test_what_it_chose_is_on_disk_before_the_first_step(self, tmp_path):
        run = small_experiment(tmp_path / "run").run
        chosen = run.config
        assert (chosen.precision, chosen.compile, chosen.graphs) == ("fp32", "off", "off")
        assert chosen.threads == torch.get_num_threads()

    @pytest.mark.parametrize("settings", [{"schedule__beta2": 0.5}, {"schedule__penalty_weight": 0.5}])
    def test_what_a_schedule_rules_out_is_told(self, tmp_path, settings):
        experiment = small_experiment(tmp_path / "run", schedule__steps=10, graphs="on", **settings)
        assert "the betas that it was recorded with" in experiment.notes[0]
        assert experiment.engine.mode == Mode()

    def test_without_a_compiler_training_goes_on(self, tmp_path):
        command = [sys.executable, "-m", "wgan", "train", "--steps", "2", "--batch-size", "8", "--compile", "on"]
        nowhere = {"CXX": str(tmp_path / "none"), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run(
            [*command, "--out", str(tmp_path / "run")],
            env=os.environ | nowhere,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "compiled fp32 cannot be used here: " in done.stdout
        assert (tmp_path / "run" / "generator.safetensors").exists()

    def test_less_is_done_without_than_what_cannot_be_used(self, tmp_path):
        settings = {"schedule__steps": 10, "schedule__penalty_weight": 0.5, "training__seed": 1}
        run = small_experiment(tmp_path / "run", compile="on", precision="bf16", **settings).run
        assert (run.config.compile, run.config.precision) == ("off", "bf16")

    def test_the_number_of_threads_is_the_run_s_and_not_the_caller_s(self, tmp_path):
        seen = []
        experiment = small_experiment(tmp_path / "run", threads=1)
        assert torch.get_num_threads() == 2
        for _ in experiment.events():
            seen.append(torch.get_num_threads())
        assert set(seen) == {1}
        assert torch.get_num_threads() == 2
        assert experiment.run.config.threads == 1

    def test_runs_of_before_there_were_engines_stay_plain(self, tmp_path, monkeypatch):
        run = small_run(tmp_path / "run", stop=8)
        text = run.config_file.read_text()
        lines = [line for line in text.splitlines() if line.split(" ")[0] not in ENGINE]
        run.config_file.write_text("\n".join(lines))
        had = engine_settings(Run.open(run.path), small_config(), 1)
        assert had == {"precision": "fp32", "compile": "off", "graphs": "off", "threads": None}

    def test_other_numbers_of_processes_find_their_own_threads(self, tmp_path):
        run = small_run(tmp_path / "run", threads=1)
        assert engine_settings(run, small_config(), 1)["threads"] == 1
        assert engine_settings(run, small_config(), 2)["threads"] is None

    def test_nobody_trains_on_while_an_engine_is_looked_for(self, tmp_path, monkeypatch):
        asked = []

        def meanwhile(*arguments):
            with pytest.raises(InputError, match="Another process is training"):
                small_run(tmp_path / "run")
            asked.append(arguments)
            return choose_engine(*arguments)

        monkeypatch.setattr(ready, "choose_engine", meanwhile)
        small_run(tmp_path / "run")
        assert len(asked) == 1
