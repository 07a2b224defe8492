"""What is made of the rounds, and processes that fail."""

import time
from pathlib import Path

import pytest
import torch

from wgan.bench.case import make_case
from wgan.bench.ceiling import ceilings
from wgan.bench.measure import first_grid, fresh_environment, measure
from wgan.bench.parts import split
from wgan.bench.turns import Contender, Lost, Spread, ratio
from wgan.data import no_progress
from wgan.errors import InputError, TrainingError
from wgan.experiment.build import batches

TINY = {"training.batch_size": 8, "device": "cpu"}


def begun(folder: Path, method: str) -> Contender:
    (folder / "rival.py").write_text(
        f"import sys, time\nclass begin:\n    def __init__(self, given): pass\n    {method}\n"
    )
    return Contender("the rival", "rival", {}, environment={"PYTHONPATH": str(folder)})


def test_engines_are_compared_within_a_round():
    slow_then_fast, always_twice_as_fast = (4.0, 2.0, 1.0), (2.0, 1.0, 0.5)
    assert ratio(slow_then_fast, always_twice_as_fast) == Spread(2.0, 2.0, 2.0)
    assert Spread.of(slow_then_fast) == Spread(2.0, 1.0, 4.0)


def test_a_process_that_fails_says_why(tmp_path):
    (tmp_path / "config.toml").write_text("recipe = 1")
    with pytest.raises(TrainingError, match=r"engine eager fp32 ended with 1\. .*recipe"):
        measure(tmp_path, ["eager fp32"], 1, no_progress)


def test_a_process_that_ends_between_two_rounds_says_why(tmp_path):
    contender = begun(tmp_path, "def steps(self, count): sys.exit('loading\\nno memory left')")
    contender.ready()
    with pytest.raises(TrainingError, match=r"the rival ended with 1\. no memory left"):
        contender.warm_up(0.1)
    with pytest.raises(TrainingError, match=r"the rival ended with 1\. no memory left"):
        contender.steps(1)  # nobody reads the order
    contender.end()


def test_a_process_that_does_not_answer_in_time_is_lost(tmp_path):
    contender = begun(tmp_path, "def steps(self, count): time.sleep(60)")
    contender.ready()
    contender.until = time.monotonic() + 0.1
    with pytest.raises(Lost, match="the rival did not answer in time"):
        contender.steps(1)
    contender.end()


def test_what_a_library_prints_is_no_answer(tmp_path):
    contender = begun(tmp_path, "def double(self, number): print('loading', flush=True); return 2 * number")
    contender.ready()
    assert contender.start_up > contender.set_up > 0
    assert contender.ask("double", 4) == 8
    contender.end()


def test_an_engine_that_does_not_compile_here_says_so_and_the_others_are_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    make_case("wgan-gp-toy", TINY, tmp_path)
    compiled, eager = measure(tmp_path, ["compiled fp32", "eager fp32"], 2, no_progress)
    assert compiled.unusable
    assert not compiled.rounds
    assert eager.unusable is None
    assert len(eager.rounds) == 2


def test_a_run_without_a_grid_says_why(tmp_path):
    make_case("wgan-gp-digits", TINY, tmp_path)
    with pytest.raises(TrainingError, match=r"ended before its first grid.*training\.steps"):
        first_grid(tmp_path, "wgan-gp-digits", {"training.steps": 0})


def test_an_engine_trains_and_says_what_it_needed(tmp_path):
    make_case("wgan-gp-digits", TINY, tmp_path)
    given = {"folder": str(tmp_path), "engine": "eager fp32"}
    contender = Contender("an engine", "wgan.bench.contestant", given, environment=fresh_environment(tmp_path))
    contender.ready()
    assert all(contender.steps(count).wall > 0 for count in (2, 1))
    peaks = contender.ask("peaks")
    assert peaks["peak_device_bytes"] is None
    assert 2**20 < peaks["peak_bytes"] < 2**40
    contender.end()


def test_the_split_has_every_part_and_the_whole(tmp_path):
    found = split(make_case("wgan-gp-digits", TINY, tmp_path), torch.device("cpu"), 1)
    assert tuple(found.parts) == ("data", "fakes", "critic", "penalty", "generator", "optimizer")
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
