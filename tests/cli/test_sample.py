"""`wgan sample`: files that are named, chosen and never lost."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from helpers import Described, small_run
from wgan.cli import app
from wgan.runs.latents_text import latent_text


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    plain = small_run(folder / "a" / "run")
    asked = small_run(folder / "asked", source=Described(), data__condition=("label", "energy"), training__steps=2)
    return plain, small_run(folder / "b" / "run", training__seed=1), asked


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def sample(run, *arguments, code=0):
    result = CliRunner().invoke(app, ["sample", str(getattr(run, "path", run)), *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def values(file):
    return np.load(file).astype(np.int64)


def test_runs_of_the_same_name_do_not_collide(trained):
    one, other, _ = trained
    assert sample(one, "-n", 4).stdout == "run-0.png\n"
    first = Path("run-0.png").read_bytes()
    told = sample(other, "-n", 4)
    assert told.stdout == "run-0-2.png\n"
    assert told.stderr == "note: run-0.png holds samples of another run: this is in run-0-2.png.\n"
    assert Path("run-0.png").read_bytes() == first
    assert sample(one, "-n", 4).stderr == "", "the same again"
    assert sample(other, "-n", 4).stdout == "run-0-2.png\n"
    assert sample(one, "-n", 5).stdout == "run-0-3.png\n", "another number"
    refused = sample(other, "-n", 4, "--out", "run-0.png", code=2).stderr
    assert "holds samples of another run, and is not overwritten. Use --out run-0-2.png" in " ".join(refused.split())


def test_a_folder_of_samples_is_not_mixed(trained):
    one, other, _ = trained
    sample(one, "-n", 3, "--each", "each")
    before = {path.name: path.read_bytes() for path in Path("each").iterdir()}
    sample(one, "-n", 3, "--each", "each")
    for run, more in ((other, ["-n", 3]), (one, ["-n", 2]), (one, ["-n", 3, "--seed", 1])):
        assert "Use --each each-2" in sample(run, *more, "--each", "each", code=2).stderr
    assert {path.name: path.read_bytes() for path in Path("each").iterdir()} == before


def test_arrays_by_the_ending_of_a_name(trained):
    run = trained[0]
    assert sample(run, "-n", 70, "--seed", 2, "--out", "new/x.npy").stdout == "new/x.npy\n"
    np.testing.assert_array_equal(np.load("new/x.npy"), run.sample(70, seed=2, units=True).numpy()[:, 0])
    sample(run, "-n", 3, "--interpolate", "--out", "walk.npy")
    assert np.load("walk.npy").shape == (10, 8, 8), "whole walks"
    assert "does not say what it is from" in sample(run, "--out", "walk.npy", code=2).stderr


def test_a_folder_of_runs_names_them(trained):
    folder = trained[0].path.parent
    told = "".join(sample(folder, code=2).stderr.split())
    assert told.endswith(f"Nameoneoftherunsinit:{trained[0].path}.")
    (folder / "sweep.toml").touch()
    (folder / "report.html").touch()
    assert "showstherunsofthissweep" in "".join(sample(folder, code=2).stderr.split())


def test_an_unknown_ending_is_refused_before_any_work(trained, monkeypatch):
    monkeypatch.setattr("wgan.runs.run.Run.generator", lambda *arguments: pytest.fail("worked"))
    for name in ("x.foo", "x", "x.csv"):
        assert "Name " in sample(trained[0], "--out", name, code=2).stderr
    assert "Give one of them" in sample(trained[0], "--out", "x.npy", "--each", "each", code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--format", "npy"], "--each DIR"),
        (["--only", 3, "-n", 5], "Leave out -n"),
        (["--latent", "x", "-n", 64], "Leave out -n"),
        (["--latent", "x", "--seed", 0], "Leave out --seed"),
        (["--stretch", "--out", "x.npy"], "leave it out"),
        (["--stretch", "--each", "x"], "leave it out"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(trained, arguments, told):
    assert told in " ".join(sample(trained[0], *arguments, code=2).stderr.split())
    assert not [*Path().iterdir()]


def test_several_seeds_are_several_files(trained):
    run = trained[0]
    assert sample(run, "--seed", "3..5", "-n", 4).stdout.split() == ["run-3.png", "run-4.png", "run-5.png"]
    sample(run, "--seed", "0..1", "-n", 4, "--out", "x.npy")
    for seed in (0, 1):
        np.testing.assert_array_equal(np.load(f"x-{seed}.npy"), run.sample(4, seed=seed, units=True).numpy()[:, 0])
    assert sample(run, "--seed", "0..1", "-n", 2, "--each", "each").stdout == "4 samples in each\n"
    names = sorted(path.name for path in Path("each").glob("[!.]*"))
    assert names == ["seed0-000000.png", "seed0-000001.png", "seed1-000000.png", "seed1-000001.png"]
    with Image.open("each/seed1-000001.png") as image:
        np.testing.assert_array_equal(np.asarray(image), run.sample(2, seed=1, units=True).numpy()[1, 0])


@pytest.mark.parametrize(
    "seed", ["x", "-1", "3..", "..3", "9223372036854775808", "0" * 20 + "9" * 30, "1" * 5000, "1..2..3", "1.5"]
)
def test_what_is_no_seed_is_refused(trained, seed):
    assert "is no seed" in sample(trained[0], f"--seed={seed}", code=2).stderr
    told = sample(trained[0], "--seed", "0..9223372036854775807", "--each", "each", code=2).stderr
    assert "more than 100,000 seeds" in " ".join(told.split())
    assert "ends before it begins" in sample(trained[0], "--seed", "5..3", code=2).stderr


def test_one_sample_of_a_seed_is_that_of_them_all(trained):
    for run, more in ((trained[0], []), (trained[2], []), (trained[2], ["--condition", "label=eel"])):
        name = run.path.parent.name
        sample(run, *more, "--seed", 3, "-n", 300, "--out", f"{name}{len(more)}.npy")
        sample(run, *more, "--seed", 3, "--only", 270, "--out", f"{name}{len(more)}-one.npy")
        every, (one,) = values(f"{name}{len(more)}.npy"), values(f"{name}{len(more)}-one.npy")
        assert np.abs(every[270] - one).max() <= 1, "but for the rounding of another batch"
        assert np.abs(every[269] - one).max() > 1
    assert sample(trained[0], "--only", 1).stdout == "run-0-only1.png\n"
    assert "Ask for one value" in sample(trained[2], "--only", 1, "--condition", "energy=20..40", code=2).stderr


def test_latents_are_named_in_words(trained):
    run = trained[0]
    z = run.latents(3, 5)
    texts = [f"--latent={latent_text(one)}" for one in z]
    sample(run, *texts, "--out", "x.npy")
    expected = run.sample(3, seed=5, units=True).numpy()[:, 0].astype(np.int64)
    np.testing.assert_array_equal(values("x.npy"), expected)
    assert sample(run, *texts).stdout == "run-latent.png\n"
    dashed = latent_text(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    assert sample(run, "--latent", dashed).stdout == "run-latent-2.png\n"
    assert "has 4 values, and the text holds 2" in sample(
        run, "--latent", latent_text(torch.zeros(2)), code=2
    ).stderr.replace("\n", " ")
    assert "is cut off" in sample(run, "--latent", "abc", code=2).stderr
    Path("notes.md").write_text("# no weights, but some text")
    assert "is not a file of weights" in sample(Path("notes.md"), code=2).stderr
    assert "Leave out" in sample(run, *texts, "--interpolate", code=2).stderr
    assert "Give one" in sample(run, *texts, "--only", 1, code=2).stderr
    sample(trained[2], "--latent", latent_text(z[0]), "--condition", "label=eel", "--out", "eel.npy")
    assert np.load("eel.npy").shape == (1, 8, 8)


def test_a_latent_may_begin_with_a_dash(trained):
    text = next(
        text for seed in range(1000) if (text := latent_text(trained[0].latents(1, seed)[0])).startswith(("-", "_"))
    )
    sample(trained[0], "--latent", text)


def test_the_best_step(trained, tmp_path):
    shutil.copytree(trained[0].path, tmp_path / "run")
    config = tmp_path / "run" / "config.toml"
    assert "best_by" in sample("run", "--step", "best", code=2).stderr
    config.write_text(config.read_text().replace("[output]", '[output]\nbest_by = "frechet"', 1))
    rows = [
        {"step": step, "while_training": True, "metrics": {"frechet": {"value": 1.0 * step, "better": "lower"}}}
        for step in (6, 12)
    ]
    (tmp_path / "run" / "evaluations.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert sample("run", "--step", "best", "-n", 4).stdout == "run-0-best.png\n"
    sample("run", "--step", "best", "-n", 4, "--out", "best.npy")
    sample("run", "--step", 6, "-n", 4, "--out", "six.npy")
    np.testing.assert_array_equal(np.load("best.npy"), np.load("six.npy"))
    assert "no step" in sample("run", "--step", "worst", code=2).stderr
