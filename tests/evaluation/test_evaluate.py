"""`wgan.evaluate` on a run: its values fall towards the floor, and are kept."""

import json

import numpy as np
import pytest
import torch

import wgan
from helpers import small_experiment, small_run
from wgan.errors import InputError
from wgan.evaluation import Evaluation

FAST = ("frechet", "coverage", "class_balance")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Trained for seconds, with its first steps kept."""
    settings = {"output.checkpoint_every": 125, "output.keep_checkpoints": 3, "output.sample_every": 250}
    out = tmp_path_factory.mktemp("run")
    return wgan.train("digits", steps=250, out=out / "run", settings=settings, progress=False)


def test_training_brings_the_values_towards_the_floor(run, tmp_path):
    untrained = wgan.train("digits", steps=1, out=tmp_path / "untrained", progress=False)
    before = wgan.evaluate(untrained, metrics=FAST)
    after = wgan.evaluate(run, metrics=FAST)
    assert isinstance(after, Evaluation)
    assert after.step == 250
    assert before.values["frechet"] > 3 * after.values["frechet"]
    assert after.values["frechet"] > 0.8 * after.metrics["frechet"].floor
    assert before.values["coverage"] + 0.3 < after.values["coverage"] <= after.metrics["coverage"].floor + 0.05
    for name in FAST:
        assert before.metrics[name].floor == after.metrics[name].floor
        assert after.metrics[name].low <= after.metrics[name].value <= after.metrics[name].high


def test_evaluations_of_the_runs_own_data_are_kept(run, tmp_path):
    rows = len(run.evaluations())
    evaluation = wgan.evaluate(run.path, metrics=["frechet"], step=125, seed=2)
    kept = run.evaluations()
    assert len(kept) == rows + 1
    assert kept[-1] == json.loads(json.dumps(evaluation.to_dict()))
    assert (kept[-1]["step"], kept[-1]["seed"], kept[-1]["n"]) == (125, 2, 180)
    assert set(kept[-1]["metrics"]["frechet"]) == {"value", "floor", "low", "high", "better", "n"}
    other = np.random.default_rng(0).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    elsewhere = wgan.evaluate(run, metrics=["frechet"], data=other)
    assert elsewhere.data == "array"
    assert elsewhere.reference == 4
    assert len(run.evaluations()) == rows + 1, "of other data, nothing is kept"


def test_a_seed_repeats_an_evaluation(run):
    first, second = (wgan.evaluate(run, metrics=FAST, n=60, seed=1) for _ in range(2))
    assert first.metrics == second.metrics
    assert wgan.evaluate(run, metrics=["frechet"], n=60, seed=2).values != {"frechet": first.values["frechet"]}


def test_samples_are_evaluated_too(run):
    samples = run.sample(180, seed=0)
    evaluation = wgan.evaluate(samples, data="digits", metrics=["frechet"])
    assert evaluation.step is None
    assert evaluation.values["frechet"] == pytest.approx(wgan.evaluate(run, metrics=["frechet"]).values["frechet"])
    with pytest.raises(InputError, match="data="):
        wgan.evaluate(samples)
    with pytest.raises(InputError, match="Name other data"):
        wgan.evaluate(torch.zeros(4, 2), data="digits")


def test_more_fakes_than_reals_is_said(run):
    evaluation = wgan.evaluate(run, metrics=["frechet"], n=2000)
    assert (evaluation.n, evaluation.reference, evaluation.floor) == (2000, 180, 1617)
    assert any("floors are of 1,617" in note for note in evaluation.notes)


def test_rewinding_drops_later_evaluations_and_keeps_earlier_ones(tmp_path):
    stopped = small_run(tmp_path / "run", stop=8)
    for step in (4, 6, 8):
        stopped.append_evaluation({"step": step})
    with stopped.evaluations_file.open("a") as file:
        file.write('{"step": 9')
    assert [row["step"] for row in stopped.evaluations()] == [4, 6, 8]
    stopped.append_evaluation({"step": 10})
    assert [row["step"] for row in stopped.evaluations()] == [4, 6, 8, 10], "a line cut short costs only itself"
    small_experiment(tmp_path / "run")
    assert [row["step"] for row in stopped.evaluations()] == [4, 6]


def test_a_run_of_passed_data_needs_them_again(tmp_path):
    data = np.random.default_rng(0).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    own = wgan.train(data, recipe="wgan-gp-digits", steps=1, out=tmp_path / "run", progress=False)
    with pytest.raises(InputError, match="Pass them again"):
        wgan.evaluate(own)
    wgan.evaluate(own, data=data, metrics=["frechet"])
    assert len(own.evaluations()) == 1


def test_no_samples_are_refused_in_a_sentence():
    with pytest.raises(InputError, match="0 is too few"):
        wgan.evaluate(torch.zeros(0, 1, 8, 8), data="digits")


def test_an_evaluation_that_cannot_be_kept_is_returned_with_a_warning(tmp_path):
    own = small_run(tmp_path / "run")
    own.evaluations_file.mkdir()
    with pytest.warns(UserWarning, match=r"evaluations\.jsonl cannot be written \(Is a directory\)"):
        assert wgan.evaluate(own, data="digits", metrics=["frechet"], n=30).values["frechet"] > 0


def test_the_weights_are_those_of_the_step_that_is_named(tmp_path):
    """A run in progress: the newest weights are there already, and their checkpoint is not."""
    own = small_run(tmp_path / "run")
    older = wgan.evaluate(own, data="digits", metrics=["frechet"], n=30, step=6)
    own.checkpoints()[12].unlink()
    newest = wgan.evaluate(own, data="digits", metrics=["frechet"], n=30)
    assert (newest.step, newest.metrics) == (6, older.metrics)


def test_a_run_without_checkpoints_is_evaluated_by_its_generator(tmp_path):
    own = small_run(tmp_path / "run")
    before = wgan.evaluate(own, data="digits", metrics=["frechet"], n=30)
    for path in own.checkpoints().values():
        path.unlink()
    after = wgan.evaluate(own, data="digits", metrics=["frechet"], n=30)
    assert (after.step, after.metrics) == (12, before.metrics)


def test_points_have_the_units_of_the_data():
    """Of one law, far from 0: they lie where the data lie."""
    data = np.random.default_rng(0).normal(100, 20, (600, 3))
    same = torch.from_numpy(np.random.default_rng(1).normal(100, 20, (60, 3))).float()
    value, floor = (
        getattr(wgan.evaluate(same, data=data, metrics=["w1"]).metrics["w1"], name) for name in ("value", "floor")
    )
    assert value < 1.3 * floor
    other = torch.from_numpy(np.random.default_rng(1).normal(180, 20, (60, 3))).float()
    assert wgan.evaluate(other, data=data, metrics=["w1"]).metrics["w1"].value > 3 * floor
