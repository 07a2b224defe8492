"""Metrics while training: the same numbers as later, the best checkpoint kept, and the run unchanged."""

import pytest

from helpers import small_run
from wgan.errors import InputError
from wgan.evaluation import evaluate

METRICS = {"output__metrics": ["mmd"], "output__best_by": "frechet", "output__evaluate_every": 4}


def evaluations(run):
    return [{**row, "seconds": 0} for row in run.evaluations()]


def test_numbers_from_training_are_those_of_evaluate(tmp_path):
    run = small_run(tmp_path / "run", **METRICS, output__checkpoint_every=4, output__keep_checkpoints=3)
    assert [row["step"] for row in run.evaluations()] == [4, 8, 12]
    for row in list(run.evaluations()):
        later = evaluate(run, data="digits", metrics=["mmd", "frechet"], step=row["step"])
        for name, result in later.metrics.items():
            assert row["metrics"][name]["value"] == pytest.approx(result.value, rel=1e-6)
            assert row["metrics"][name]["floor"] == result.floor


def test_the_best_checkpoint_is_kept_and_later_evaluations_do_not_choose_it(tmp_path):
    """The rate is so high that the first step evaluated is the best."""
    settings = {**METRICS, "training__steps": 24, "training__seed": 2, "generator_optimizer__learning_rate": 3.0}
    run = small_run(tmp_path / "run", **settings)
    rows = run.evaluations()
    best = min(rows, key=lambda row: row["metrics"]["frechet"]["value"])["step"]
    assert best < 18, "the settings make a run that gets worse"
    assert list(run.checkpoints()) == [best, 18, 24]
    evaluate(run, data="digits", metrics=["frechet"], step=24)
    assert list(small_run(tmp_path / "run", **{**settings, "training__steps": 30}).checkpoints()) == [best, 24, 30]


def test_a_killed_run_has_each_evaluation_once_and_the_same_best(tmp_path):
    whole = small_run(tmp_path / "whole", **METRICS)
    small_run(tmp_path / "parts", **METRICS, stop=9)
    parts = small_run(tmp_path / "parts", **METRICS)
    assert evaluations(parts) == evaluations(whole)
    assert list(parts.checkpoints()) == list(whole.checkpoints())
    assert parts.generator_file.read_bytes() == whole.generator_file.read_bytes()


def test_metrics_do_not_change_the_run(tmp_path):
    plain, measured = small_run(tmp_path / "plain"), small_run(tmp_path / "measured", **METRICS)
    assert plain.generator_file.read_bytes() == measured.generator_file.read_bytes()


def test_an_unknown_metric_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="frechet"):
        small_run(tmp_path / "run", output__metrics=["frechett"])


def test_a_longer_run_has_the_evaluations_of_one_that_was_never_shorter(tmp_path):
    small_run(tmp_path / "parts", **METRICS, training__steps=10)  # evaluated at 4, 8 and its end
    parts = small_run(tmp_path / "parts", **METRICS, training__steps=16)
    whole = small_run(tmp_path / "whole", **METRICS, training__steps=16)
    assert evaluations(parts) == evaluations(whole)
