"""What is made of the rounds, and processes that fail."""

import json
import os
import subprocess
import sys

import pytest
import torch

from wgan.bench.case import make_case
from wgan.bench.ceiling import ceilings
from wgan.bench.first_grid import first_grid
from wgan.bench.measure import Measured, Spread, Trainer, fresh_environment, measure
from wgan.bench.split import PARTS, split
from wgan.data import plain
from wgan.errors import InputError, TrainingError
from wgan.experiment.build import batches

TINY = {"training.batch_size": 8, "device": "cpu"}


def test_engines_are_compared_within_a_round():
    slow_then_fast = Measured("a", rounds=(4.0, 2.0, 1.0))
    always_twice_as_fast = Measured("b", rounds=(2.0, 1.0, 0.5))
    assert always_twice_as_fast.faster(slow_then_fast) == Spread(2.0, 2.0, 2.0)
    assert slow_then_fast.step == Spread(2.0, 1.0, 4.0)


def test_a_process_that_fails_says_why(tmp_path):
    (tmp_path / "config.toml").write_text("recipe = 1")
    with pytest.raises(TrainingError, match=r"engine eager fp32 ended with 1\. .*recipe"):
        measure(tmp_path, ["eager fp32"], 1, plain)


def test_a_process_that_ends_between_two_rounds_says_why(tmp_path):
    said = tmp_path / "said"
    said.write_text("loading\nno memory left\n")
    command = [sys.executable, "-c", "print('{\"seconds\": 1.0}')"]
    with subprocess.Popen(command, 0, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        trainer = Trainer("eager fp32", process, said)
        process.wait()
        with pytest.raises(TrainingError, match=r"engine eager fp32 ended with 0\. no memory left"):
            trainer.warm()


def test_an_engine_that_does_not_compile_here_says_so_and_the_others_are_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    make_case("wgan-gp-toy", TINY, tmp_path)
    compiled, eager = measure(tmp_path, ["compiled fp32", "eager fp32"], 2, plain)
    assert compiled.unusable
    assert not compiled.rounds
    assert eager.unusable is None
    assert len(eager.rounds) == 2


def test_a_run_without_a_grid_says_why(tmp_path):
    make_case("wgan-gp-digits", TINY, tmp_path)
    with pytest.raises(TrainingError, match=r"ended before its first grid.*training\.steps"):
        first_grid(tmp_path, "wgan-gp-digits", {"training.steps": 0})


def test_a_trainer_answers_with_what_it_did_and_needed(tmp_path):
    make_case("wgan-gp-digits", TINY, tmp_path)
    command = [sys.executable, "-m", "wgan.bench.trainer", str(tmp_path), "eager fp32", str(os.getpid())]
    done = subprocess.run(
        command, input="2\n1\n", capture_output=True, text=True, env=fresh_environment(tmp_path), check=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 3
    assert all(answer["seconds"] > 0 for answer in answers)
    assert all(answer["device_memory"] is None for answer in answers)
    assert all(2**20 < answer["memory"] < 2**40 for answer in answers)


def test_the_split_has_every_part_and_the_whole(tmp_path):
    found = split(make_case("wgan-gp-digits", TINY, tmp_path), torch.device("cpu"), 1)
    assert tuple(found.parts) == PARTS
    assert all(seconds >= 0 for seconds in found.parts.values())
    assert found.whole > 0


def test_the_ceiling_is_of_each_precision():
    found = ceilings(torch.device("cpu"))
    assert set(found) == {"fp32", "bf16"}
    assert all(rate > 0 for rate in found.values())


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("wgan-gp-toy", (2,)),
        ("wgan-gp-digits", (1, 8, 8)),
        ("wgan-gp-mnist", (1, 28, 28)),
        ("wgan-gp-celeba", (3, 64, 64)),
    ],
)
def test_data_are_made_up_in_the_shape_that_the_recipe_was_written_for(name, shape, tmp_path):
    case = make_case(name, TINY, tmp_path)
    assert case.pack.shape == shape
    real = batches(case.config, case.pack, torch.device("cpu"))(0)
    assert real.shape == (8, *shape)
    assert real.std() > 0.1


def test_an_impossible_size_is_refused(tmp_path):
    with pytest.raises(InputError):
        make_case("wgan-gp-celeba", {"data.size": [17, 17]}, tmp_path)
    assert not list(tmp_path.iterdir())
