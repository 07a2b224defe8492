"""Metrics of a user's own: what they are given, what becomes of what they return, and what is never imported."""

import math
import sys
from contextlib import suppress

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from helpers import held, small_run
from wgan.cli import app
from wgan.data import open_pack, open_source
from wgan.errors import InputError
from wgan.evaluation import best_step, evaluate
from wgan.evaluation.evaluator import Evaluator
from wgan.metrics import metric_of, name_of
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run

MODULE = """
import numpy as np

def brightness(samples, reals):
    return abs(samples.mean() - reals.mean())

def variety(samples, reals):
    samples -= samples.min()  # what it is given is its own
    return np.asarray(samples.std() / reals.std())

variety.better = "higher"

class Odd:
    better = "smaller"

    def __call__(self, samples, reals):
        return 0

odd, number = Odd(), 3
"""
GIVEN = {"a text": "3", "nothing": None, "several numbers": np.ones(2), "a truth": True}


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module in the current folder, which is not yet imported."""
    (tmp_path / "my_quality.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield "my_quality"
    sys.modules.pop("my_quality", None)


def test_the_arrays_are_those_of_the_data():
    """The reals are the held-out digits byte by byte, and the samples are of their type."""
    seen = []

    def look(samples, reals):
        seen.append((samples, reals))
        return 0.0

    pack = open_pack(open_source("digits"))
    evaluator = Evaluator(pack, 0.1, [look])
    _, held_out = pack.split(0.1)
    reals = sorted(pack.samples[held_out].reshape(len(held_out), -1).tolist())
    for samples, beside in seen:
        assert samples.dtype == beside.dtype == pack.samples.dtype
        assert sorted(beside.reshape(len(beside), -1).tolist()) == reals
        assert samples.shape == (180, 1, 8, 8)
    found = evaluator.evaluate([pack.samples_at(held_out)], 180, intervals=True)
    np.testing.assert_array_equal(seen[len(evaluator._train)][0], pack.samples[held_out])
    assert found.metrics["look"].low == found.metrics["look"].high == 0


def test_points_have_their_own_units(tmp_path):
    table = np.random.default_rng(0).normal((100.0, -3.0), (5.0, 0.1), (400, 2)).astype(np.float32)
    np.save(tmp_path / "table.npy", table)

    def off(samples, reals):
        return np.abs(samples.mean(0) - [100, -3]).max() + np.abs(reals.mean(0) - [100, -3]).max()

    found = evaluate(
        open_pack(open_source(tmp_path / "table.npy")).samples_at(np.arange(40)), metrics=[off], data=table
    )
    assert found.values["off"] > 90, "samples that are handed in have no units but their own"
    pack = open_pack(open_source(tmp_path / "table.npy"))
    assert Evaluator(pack, 0.1, [off]).floors["off"] < 4


def test_the_command_imports_what_it_names(module):
    run = small_run("run", training__steps=4)
    named = f"{module}:brightness,{module}:variety"
    done = CliRunner().invoke(app, ["evaluate", "run", "--data", "digits", "--metrics", named])
    assert done.exit_code == 0, done.output
    found = run.evaluations()[-1]["metrics"]
    assert found[f"{module}:variety"]["better"] == "higher"
    samples = run.spec.to_stored(run.sample(180)).numpy()
    pack = open_pack(open_source("digits"))
    reals = pack.samples[pack.split(0.1)[1]]
    brightness = found[f"{module}:brightness"]
    assert brightness["value"] == pytest.approx(abs(samples.mean() - reals.mean()))
    assert brightness["low"] < brightness["value"] < brightness["high"]
    assert found[f"{module}:variety"]["value"] == pytest.approx((samples - samples.min()).std() / reals.std(), rel=1e-5)


@pytest.mark.parametrize("given", GIVEN)
def test_what_is_no_number_is_told(given):
    metric = metric_of(lambda samples, reals: GIVEN[given])[1]
    with pytest.raises(InputError, match="no number"):
        metric.compare(held(np_rows()), held(np_rows()))


def np_rows():
    return torch.ones(3, 1, 2, 2)


def test_what_it_raises_is_told():
    def fails(samples, reals):
        raise KeyError("eyes")

    with pytest.raises(InputError, match=r"fails raised KeyError: 'eyes'.*3 samples and 3 reals of shape \(1, 2, 2\)"):
        metric_of(fails)[1].compare(held(np_rows()), held(np_rows()))


def test_not_a_number_for_reals_is_refused_and_for_fakes_left_empty():
    pack = open_pack(open_source("digits"))
    with pytest.raises(InputError, match="returned nan for real samples"):
        Evaluator(pack, 0.1, [lambda samples, reals: math.nan])
    evaluator = Evaluator(pack, 0.1, [lambda samples, reals: math.nan if samples.max() == 0 else 1.0])
    found = evaluator.evaluate([-np_rows().new_ones(180, 1, 8, 8)], 180)
    assert found.to_dict()["metrics"]["<lambda>"]["value"] is None
    assert any("left empty" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no_such_module:f", "There is no module no_such_module"),
        ("my_quality:sharpness", r"my_quality\.py\) has no sharpness"),
        ("my_quality:number", "is no function"),
        ("my_quality:odd", "better is 'smaller'"),
        ("my_qualitybrightness", "Unknown metric"),
    ],
)
def test_a_name_that_leads_nowhere_is_told(module, name, told):
    with pytest.raises(InputError, match=told):
        metric_of(name)


def test_a_script_that_ends_the_program_is_told(module, tmp_path):
    (tmp_path / "my_quality.py").write_text(MODULE + "\nraise SystemExit(0)\n")
    with pytest.raises(InputError, match=r"my_quality .* ends the program when it is imported.*__main__"):
        metric_of("my_quality:brightness")


@pytest.mark.parametrize("name", ["my_quality:brightness", "my_quality:none", "no_such_module:f"])
@pytest.mark.parametrize("had", [False, True])
def test_the_current_folder_is_looked_in_for_it_alone(module, tmp_path, name, had):
    """What the program imports later is not looked for there, unless Python did so before."""
    sys.path.extend([str(tmp_path)] * had)
    before = [*sys.path]
    with suppress(InputError):
        metric_of(name)
    assert sys.path == before


def test_two_functions_of_one_name_are_refused_and_ours_keeps_its_name():
    pack = open_pack(open_source("digits"))
    with pytest.raises(InputError, match="same name"):
        Evaluator(pack, 0.1, [lambda samples, reals: 0, lambda samples, reals: 1])

    def frechet(samples, reals):
        return 0.0

    assert set(Evaluator(pack, 0.1, ["frechet", frechet]).metrics) == {"frechet", "own:frechet"}


def test_while_training_it_chooses_the_best_and_readers_do_not_import_it(module):
    name = f"{module}:variety"
    settings = {"output__best_by": name, "output__evaluate_every": 4, "output__keep_checkpoints": 1}
    run = small_run("run", **settings)
    values = {row["step"]: row["metrics"][name]["value"] for row in run.evaluations()}
    assert best_step(run, name) == max(values, key=values.get)
    assert module in sys.modules
    del sys.modules[module]
    again = Run.open("run")
    assert again.config.output.best_by == name
    assert best_step(again, name) == max(values, key=values.get)
    diagnose(again)
    for command in (["report", "run"], ["doctor", "run"], ["evaluate", "run", "--metrics", "diversity"]):
        done = CliRunner().invoke(app, [*command, *(["--data", "digits"] if command[0] == "evaluate" else [])])
        assert done.exit_code == 0, done.output
    assert module not in sys.modules


def test_a_configuration_names_a_function_by_its_module(module):
    variety = metric_of(f"{module}:variety")[1].function
    assert name_of(variety) == f"{module}:variety"
    with pytest.raises(InputError, match="at the top level"):
        name_of(lambda samples, reals: 0)
