"""What a sweep would train, without training it."""

import shlex
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from helpers import QUIET
from wgan.cli import app
from wgan.cli.sweep import plan_lines
from wgan.errors import InputError
from wgan.experiment.plan import plan
from wgan.sweeps import Sweep, carry_out, given_of, planned_sweep, script
from wgan.sweeps.outcome import taken
from wgan.sweeps.planned import corners
from wgan.sweeps.record import read_record


def asked(*texts, **others):
    return Sweep("digits", None, given_of({"training.steps": 20}, texts), **others)


def planned(folder, *texts, **others):
    return planned_sweep(asked(*texts, **others), folder, QUIET)


def recorded(folder, *texts, **others):
    """Planned, and written as if its runs were about to start."""
    made = planned(folder, *texts, **others)
    folder.mkdir(exist_ok=True)
    made.record()
    return made


def names(made):
    return [run.name for run in made.runs]


def test_names_say_what_is_special(tmp_path):
    made = planned(tmp_path / "s", "objective.penalty_weight=1,10", "training.critic_steps=2", seeds=(0, 5))
    assert names(made) == [f"penalty_weight={weight}-seed{seed}" for weight in (1, 10) for seed in (0, 5)]
    both = planned(tmp_path / "s", "generator_optimizer.learning_rate=1e-4", "critic_optimizer.learning_rate=1e-4,2e-4")
    assert names(both) == ["learning_rate=0.0001-seed0", "learning_rate=0.0002-seed0"]
    long = planned(
        tmp_path / "s", "networks.generator_widths=[64,64],[128,64]", "critic_optimizer.learning_rate=1e-4,1e-3"
    )
    assert names(long)[0] == "generator_widths=64-64-learning_rate=0.0001-seed0"
    assert planned(None, "objective.penalty_weight=1,10").folder.as_posix() == "runs/sweep-wgan-gp-digits"
    assert not (tmp_path / "s").exists(), "a plan writes nothing"


def test_a_run_is_what_wgan_train_would_make_of_it(tmp_path):
    made = planned(tmp_path, "objective=wgan-gp,wgan-lp", "critic_optimizer.learning_rate=3e-4", seeds=(2,))
    for run in made.runs:
        assert plan("digits", settings=run.given).config == run.config
        assert run.config.threads == 1
        assert (run.config.precision, run.config.compile) == ("fp32", "off")
    kept = planned(tmp_path, "threads=2", "precision=bf16", "objective.penalty_weight=1,2").runs[0].config
    assert (kept.threads, kept.precision) == (2, "bf16")


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["objective.penalty_wight=1,2"], "Did you mean objective.penalty_weight"),
        (["training.batch_size=8,0"], "With training.batch_size=0"),
        (["objective=wgan-gp,wgan", "objective.penalty_weight=5"], "With objective=wgan: "),
        (["training.seed=1,2"], "--seeds"),
        (["objective.penalty_weight=1..5"], "--random N"),
    ],
)
def test_what_will_not_do_in_one_run_is_refused_before_any_starts(tmp_path, texts, told):
    with pytest.raises(InputError, match=told):
        planned(tmp_path / "s", *texts)
    assert not (tmp_path / "s").exists()


def test_the_metric_is_measured_in_all_runs(tmp_path):
    made = planned(tmp_path, 'output.metrics=["mmd"]', metric="coverage", at="best")
    config = made.runs[0].config
    assert config.output.metrics == ("mmd", "coverage")
    assert config.output.best_by == "coverage"
    with pytest.raises(InputError, match="Did you mean coverage"):
        planned(tmp_path, metric="coverge")
    default = planned(tmp_path)
    assert (default.taken.metric, default.taken.evaluated) == ("frechet", False)
    assert taken(asked(), spatial=False).metric == "energy"


def test_a_command_with_other_axes_adds_runs_and_knows_those_that_are_the_same(tmp_path):
    folder = tmp_path / "s"
    first = recorded(folder, "objective.penalty_weight=1,10")
    rate = first.runs[0].config.critic_optimizer.learning_rate
    again = planned(folder, "objective.penalty_weight=1,10", seeds=(0, 1))
    assert again.runs[0] == first.runs[0]
    assert not again.others
    wider = recorded(folder, "objective.penalty_weight=1,5", f"critic_optimizer.learning_rate={rate},9e-4")
    assert names(wider)[:2] == ["penalty_weight=1-seed0", "penalty_weight=1-learning_rate=0.0009-seed0"]
    assert [run.name for run in wider.others] == ["penalty_weight=10-seed0"]
    assert len(read_record(folder).runs) == 5
    assert names(planned(folder, "objective.penalty_weight=1,10")) == names(first), "and back"


def test_another_sweep_is_refused(tmp_path):
    folder = tmp_path / "s"
    first = recorded(folder, "objective.penalty_weight=1,10")
    first.at(first.runs[0]).path.mkdir()
    with pytest.raises(InputError, match=r"training\.critic_steps is not set there and 3 here"):
        planned(folder, "objective.penalty_weight=1,10", "training.critic_steps=3")
    longer = Sweep("digits", None, given_of({"training.steps": 30}, ["objective.penalty_weight=1,10"]))
    with pytest.raises(InputError, match=r"training\.steps is 20 there and 30 here"):
        planned_sweep(longer, folder, QUIET)
    np.save(tmp_path / "other.npy", np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8))
    other = replace(asked("objective.penalty_weight=1,10"), data=str(tmp_path / "other.npy"))
    with pytest.raises(InputError, match="other data"):
        planned_sweep(other, folder, QUIET)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").touch()
    with pytest.raises(InputError, match="no sweep"):
        planned(tmp_path / "full")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "a\\\\b", "..", ".", "", "logs", "C:evil"])
def test_a_run_lies_in_the_folder_of_its_sweep(tmp_path, name):
    folder = tmp_path / "s"
    recorded(folder, "objective.penalty_weight=1,10")
    file = folder / "sweep.toml"
    file.write_text(file.read_text().replace('"penalty_weight=1-seed0"', f'"{name}"'))
    with pytest.raises(InputError, match="would lie outside of its folder"):
        planned(folder, "objective.penalty_weight=1,10")


@pytest.mark.parametrize(
    ("seeds", "told"),
    [((), "at least one"), ((-1,), "no seed"), ((2**63,), "no seed"), ((1.5,), "no seed"), ((3, 3), "twice")],
)
def test_seeds_are_looked_at_before_any_run_starts(tmp_path, seeds, told):
    with pytest.raises(InputError, match=told):
        planned(tmp_path / "s", seeds=seeds)
    with pytest.raises(InputError, match="no seed"):
        planned(tmp_path / "s", "objective.penalty_weight=1..5", way="random", count=2, draw_seed=-1)


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True])
def test_some_run_is_trained_at_once(tmp_path, jobs):
    with pytest.raises(InputError, match="a whole number from 1 on"):
        carry_out(planned(tmp_path / "s"), QUIET, jobs=jobs)
    assert not (tmp_path / "s").exists()


def test_the_ends_of_ranges_are_tried_one_axis_at_a_time():
    texts = [f"a.key{number}=1.0..9" for number in range(30)]
    found = corners(asked(*texts, "a.word=x,y,z", way="optuna", count=3))
    assert len(found) == 1 + 30 + 2
    first = found[0]
    assert {*first.values()} == {1.0, "x"}
    changed = [{key: value for key, value in one.items() if value != first[key]} for one in found[1:]]
    assert changed == [*({f"a.key{number}": 9.0} for number in range(30)), {"a.word": "y"}, {"a.word": "z"}]


def test_a_sweep_that_was_only_listed_may_be_replaced(tmp_path):
    folder = tmp_path / "s"
    first = recorded(folder, "objective.penalty_weight=1,10")
    other = planned(folder, "objective.penalty_weight=1,10", "training.critic_steps=3")
    assert not other.others
    first.at(first.runs[0]).path.mkdir()
    with pytest.raises(InputError, match="other settings"):
        planned(folder, "objective.penalty_weight=1,10", "training.critic_steps=3")


def test_what_is_not_the_fault_of_a_setting_is_not_blamed_on_it(tmp_path):
    wrong = replace(asked("objective.penalty_weight=1,10"), data=str(tmp_path / "nowhere"))
    with pytest.raises(InputError) as told:
        planned_sweep(wrong, tmp_path / "s", QUIET)
    assert "penalty_weight" not in str(told.value)
    with pytest.raises(InputError, match="--seeds"):
        planned(tmp_path / "s", "seed=1,2")


def test_draws_that_are_alike_are_told(tmp_path):
    few = planned(tmp_path / "s", "objective.penalty_weight=1,10", way="random", count=9)
    assert any("2 combinations are different" in line for line in plan_lines(few, 1))


def test_a_run_that_keeps_its_name_is_told(tmp_path):
    folder = tmp_path / "s"
    assert not recorded(folder, "objective.penalty_weight=1,10").planner.kept
    again = planned(folder, "objective.penalty_weight=10")
    assert names(again) == ["penalty_weight=10-seed0"]
    assert again.planner.kept == again.runs
    assert any("keep their names, as penalty_weight=10-seed0" in line for line in plan_lines(again, 1))
    assert any("shown too: 1 more" in line for line in plan_lines(again, 1))


def test_the_script_for_slurm_has_commands_that_are_the_same_runs(tmp_path):
    folder = tmp_path / "a b"
    made = planned(folder, "networks.generator_widths=[64],[32, 32]", "start.generator=it's here", seeds=(0, 3))
    lines = script(made.sweep, made.runs, folder, "wgan sweep")
    assert f"#SBATCH --array=0-{len(made.runs) - 1}" in lines
    commands = [line.partition(" exec ")[2].removesuffix(" ;;") for line in lines if " exec " in line]
    for command, run in zip(commands, made.runs, strict=True):
        words = shlex.split(command)
        assert words[:3] == ["wgan", "train", "digits"]
        assert words[words.index("--out") + 1] == str(folder / run.name)
        settings = [words[place + 1] for place, word in enumerate(words) if word == "--set"]
        given = given_of({}, settings)
        assert {key: axis.values[0] for key, axis in given.items()} == run.given
    with pytest.raises(InputError, match="--random"):
        script(asked("objective.penalty_weight=1..5", way="optuna", count=3), made.runs, folder, "")


def test_the_command_lists_what_it_would_train(tmp_path):
    def wgan(*arguments, code=0):
        result = CliRunner().invoke(app, ["sweep", "digits", "--steps", "9", "--out", str(tmp_path / "s"), *arguments])
        assert result.exit_code == code, result.output
        return result

    told = wgan("--set", "objective.penalty_weight=1,10", "--seeds", "2", "--dry-run").stdout
    assert told.count("9 steps  to train") == 4
    assert "fp32" not in told
    drawn = wgan("--set", "objective.penalty_weight=1.0..9", "--random", "3", "--dry-run").stdout
    assert drawn.count("to train") == 3
    assert "not both" in wgan("--random", "2", "--optuna", "2", code=2).stderr
    assert "no sweep yet" in wgan("--table", code=2).stderr
    assert not (tmp_path / "s").exists()
    same = "--set", "objective.penalty_weight=1,10"
    assert "--array=0-1" in wgan(*same, "--slurm").stdout
    assert [path.name for path in (tmp_path / "s").iterdir() if path.suffix] == ["sweep.toml"]
    assert wgan(*same, "--table").stdout.count("1 not started") == 2
    listed = wgan("--set", "objective.penalty_weight=1,10", "--slurm")
    assert "s/sweep.toml lists these runs; nothing is trained yet." in listed.stderr
    assert listed.stdout.startswith("#!/bin/bash")
