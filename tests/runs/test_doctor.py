"""The doctor reads runs: one that is kept because it fails, a healthy one, one that ended, one of an older version."""

import json
import tomllib

import numpy as np
import pytest
import tomli_w
from PIL import Image
from typer.testing import CliRunner

import wgan
from helpers import small_experiment, small_run
from wgan.cli import app
from wgan.config import parse_setting
from wgan.errors import InputError, TrainingError
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.types import SampleSpec


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def collapsing(tmp_path):
    """The as-published recipe on a hundred small pictures; its settings are its own but for widths and batch."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    for i in range(100):
        Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(folder / f"{i:03}.png")
    settings = {
        "data.size": [16, 16],
        "networks.generator_width": 8,
        "networks.critic_width": 8,
        "training.batch_size": 32,
        "output.log_every": 1,
    }
    recipe = "wgan-gp-anime-as-published"
    return wgan.train(folder, recipe=recipe, steps=12, out=tmp_path / "run", settings=settings, progress=False)


def test_the_run_of_document_004_is_named_by_its_causes(collapsing):
    found = diagnose(collapsing)
    assert found.verdict == "broken"
    codes = [finding.code for finding in found.findings]
    assert codes[0] == "critic-mixes-samples"
    assert "BatchNorm" in found.findings[0].evidence
    assert {"penalty-on-cross-entropy", "summed-loss", "dataset-too-small"} <= set(codes)
    lines = " ".join(invoke("doctor", collapsing.path).stdout.split())
    for words in ("broken", "BatchNorm", "BCE", "--set networks.critic_norm=layer", "--set objective=wgan-gp"):
        assert words in lines


def test_its_advice_makes_it_another_run(collapsing):
    """What is typed after `--set` is a setting of this run's configuration."""
    for finding in diagnose(collapsing).findings:
        settings = dict(parse_setting(setting) for setting in finding.settings)
        assert (collapsing.config.with_settings(settings) != collapsing.config) == bool(settings)


def test_json_is_one_object_with_what_the_face_promises(tmp_path):
    run = small_run(tmp_path / "run")
    facts = json.loads(invoke("doctor", run.path, "--json").stdout)
    assert facts["verdict"] == "learning"
    assert "Fréchet distance" in facts["summary"]
    assert facts["run"] == str(run.path)
    assert all({"code", "severity", "evidence", "advice"} <= set(finding) for finding in facts["findings"])
    assert facts == {"run": str(run.path), **diagnose(run).to_dict()}


def test_a_healthy_run_is_called_so(tmp_path):
    """Seeds 0 to 4 all give `healthy` after 600 steps."""
    run = wgan.train("digits", steps=600, out=tmp_path / "run", progress=False)
    found = diagnose(run)
    assert found.verdict in ("healthy", "converged")
    assert all(finding.severity != "error" for finding in found.findings)


def test_a_run_that_ended_is_diverged_until_it_is_gone_on_with(tmp_path):
    running = small_experiment(tmp_path / "run", training__steps=30)
    weight = next(running.state.critic.parameters())
    with pytest.raises(TrainingError, match="wgan doctor"):  # noqa: PT012
        for event in running.events():
            if event.step == 7:
                weight.data.fill_(float("nan"))
    found = diagnose(running.run)
    assert (found.verdict, found.findings[0].code, found.findings[0].step) == ("diverged", "non-finite", 8)
    assert "became nan at step 8" in found.findings[0].evidence
    running.close()
    small_run(tmp_path / "run", training__steps=30)
    assert diagnose(tmp_path / "run").verdict != "diverged"


def test_a_run_of_an_older_version_is_read(tmp_path):
    run = small_run(tmp_path / "run")
    values = tomllib.loads(run.config_file.read_text())
    described = {"kind": "picture", "shape": [1, 8, 8], "dtype": "uint8", "low": 0.0, "high": 255.0}
    assert values.pop("sample") == described
    del values["wiring"]
    run.comparisons_file.unlink()
    run.config_file.write_text(tomli_w.dumps(values))
    run.metrics_file.write_text("".join(f'{{"step": {step}, "distance": 1.0}}\n' for step in range(10, 400, 10)))
    assert diagnose(run.path).verdict == "warming-up"
    assert Run.open(run.path).spec == SampleSpec.picture(1, 8, 8)
    assert Run.open(run.path).sample(2).shape == (2, 1, 8, 8)


def test_no_run_is_told(tmp_path):
    with pytest.raises(InputError, match="is not a run"):
        diagnose(tmp_path)
    assert invoke("doctor", tmp_path).exit_code == 2
