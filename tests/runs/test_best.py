"""The best step, by what the run says of itself."""

import json

import pytest
import torch

from helpers import small_run
from wgan.errors import InputError
from wgan.runs.best import best_step
from wgan.runs.weights_file import load


def evaluated(run, values, better="lower"):
    rows = [
        {"step": step, "while_training": True, "metrics": {"frechet": {"value": value, "better": better}}}
        for step, value in values.items()
    ]
    run.evaluations_file.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    settings = {"output__best_by": "frechet", "output__evaluate_every": 6, "output__checkpoint_every": 6}
    return small_run(tmp_path_factory.mktemp("runs") / "run", **settings)


def test_the_best_checkpoint_makes_samples(run):
    evaluated(run, {6: 1.0, 12: 2.0})
    assert best_step(run, "frechet") == 6
    assert torch.equal(run.sample(3, step="best"), run.sample(3, step=6))
    assert not torch.equal(run.sample(3, step="best"), run.sample(3))
    evaluated(run, {6: 1.0, 12: 2.0}, better="higher")
    assert torch.equal(run.sample(3, step="best"), run.sample(3, step=12))
    z = run.latents(3)
    assert torch.equal(load(run.path, step="best")(z), run.generator(12)(z))


def test_without_a_best_step_it_is_said_why(run, tmp_path):
    evaluated(run, {})
    with pytest.raises(InputError, match="frechet was not evaluated while it trained"):
        run.sample(1, step="best")
    evaluated(run, {9: 1.0})
    with pytest.raises(InputError, match=r"no checkpoint of step 9, the best by frechet. There are: 6, 12"):
        run.sample(1, step="best")
    plain = small_run(tmp_path / "plain", training__steps=2)
    with pytest.raises(InputError, match=r"trained without output\.best_by"):
        plain.sample(1, step="best")
    with pytest.raises(InputError, match="holds one generator"):
        load(run.generator_file, step="best")
