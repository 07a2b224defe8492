"""An exported folder: what is in it, what is not, and that it is read without its run."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from helpers import Described, small_run
from wgan import InputError, Run, load, train
from wgan.cli import app
from wgan.networks.own import own_generator
from wgan.runs import opened
from wgan.runs.exported import Exported, earlier_name, exported, exported_from
from wgan.share.folder import FILES, Choices, checked_license, write_folder
from wgan.share.onnx import has_onnx
from wgan.share.public import public_source


def wgan(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run from a folder whose place is private, with a best step and a metric of the user's own in its settings."""
    where = tmp_path_factory.mktemp("secret") / "r1"
    settings = {"output.best_by": "frechet", "output.evaluate_every": 6, "output.sample_every": 6}
    return train("digits", steps=12, out=where, progress=False, settings={**settings, "training.batch_size": 8})


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_samples_are_those_of_the_run_without_it(run, here):
    moved = shutil.copytree(run.path, here / "elsewhere" / "digits")
    wanted = run.sample(8, seed=3)
    assert wgan("export", moved).strip() == "digits-export"
    shutil.rmtree(moved)
    folder = here / "digits-export"
    assert {path.name for path in folder.iterdir()} == {*FILES} - {"generator.onnx"}
    assert torch.equal(Run.open(folder).sample(8, seed=3), wanted)
    assert torch.equal(load(folder)(run.latents(8, 3)), wanted)
    alone = shutil.copy(folder / "generator.safetensors", here / "friend.safetensors")
    assert torch.equal(load(alone)(run.latents(8, 3)), wanted)
    assert wgan("sample", folder, "-n", 4).strip() == "digits-export-0.png"
    assert "frechet" in wgan("evaluate", folder, "--metrics", "frechet", "-n", 20)
    assert {path.name for path in folder.iterdir()} <= {*FILES}, "evaluating writes nothing there"
    assert "at step 12:" in wgan("evaluate", folder, "--metrics", "frechet", "-n", 20)


def test_nothing_of_the_machine_leaves(run, here):
    write_folder(run, here / "folder", Choices(data_name="numbers"))
    everything = b"".join(path.read_bytes() for path in (here / "folder").iterdir())
    known = run.provenance
    assert known.data_digest
    assert known.started
    told = wgan("evaluate", here / "folder", code=2)
    assert "was exported without its data" in " ".join(told.split())
    private = [str(run.path), "secret", known.machine, known.started, known.data_digest, "digits"]
    recipe = b"wgan-gp-digits"  # whose name is public
    assert [word for word in private if word.encode() in everything.replace(recipe, b"")] == []
    assert Run.open(here / "folder").provenance == replace(
        known, machine="", device="", started="", data_digest="", data_name="numbers", processes=1
    )


@pytest.mark.parametrize(
    ("source", "public"),
    [
        ("digits", True),
        ("toy:ring8", True),
        ("mnist", True),
        ("hf:owner/name@train", True),
        ("stacked:mnist", True),
        ("stacked:/home/me/scans", False),
        ("/home/me/scans", False),
        ("scans", False),
        ("~/scans", False),
        ("hf:owner/name\n---", False),
        (None, False),
    ],
)
def test_only_names_that_everybody_has_are_public(run, source, public):
    config = run.config.model_copy(update={"data": run.config.data.model_copy(update={"source": source})})
    assert public_source(config, None) == (source if public else None)
    assert public_source(config, "another name") is None


def test_the_same_run_is_exported_again_in_place(run, here):
    target = here / "folder"
    write_folder(run, target)
    (target / "README.md").write_text("changed by hand")
    write_folder(run, target, step=12)
    assert (target / "README.md").read_text().startswith("---\n")
    assert [path.name for path in here.iterdir()] == ["folder"], "nothing is left beside it"


def test_the_mark_is_a_random_name_that_earlier_ones_are_known_beside(run, here, monkeypatch):
    write_folder(run, here / "folder")
    mark = exported(here / "folder" / "generator.safetensors")
    assert (run.path / "export-id").read_text() == mark.run
    assert mark.run != earlier_name(run)
    assert exported_from(Run.open(here / "folder"), 3) == replace(mark, step=3)
    assert {path.name for path in (here / "folder").iterdir()} <= {*FILES}
    with monkeypatch.context() as patched:
        patched.setattr("wgan.share.folder.exported_from", lambda run, step: Exported(earlier_name(run), step))
        write_folder(run, here / "earlier")
    assert exported_from(Run.open(here / "earlier"), 3).run not in (earlier_name(run), mark.run)
    write_folder(run, here / "earlier")
    assert exported(here / "earlier" / "generator.safetensors") == mark


def test_nothing_else_is_overwritten(run, here):
    another = small_run(here / "another")
    write_folder(another, here / "theirs")
    with pytest.raises(InputError, match="holds the export of another run"):
        write_folder(run, here / "theirs")
    with pytest.raises(InputError, match=r"holds other files \(\.lock, checkpoints, comparisons\.jsonl and 7"):
        write_folder(another, here / "another")
    (here / "notes").mkdir()
    (here / "notes" / "README.md").write_text("mine")
    with pytest.raises(InputError, match="holds the export of another run"):
        write_folder(run, here / "notes")
    with pytest.raises(InputError, match="is a file"):
        write_folder(run, here / "notes" / "README.md")
    assert (here / "notes" / "README.md").read_text() == "mine"
    (here / "empty").mkdir()
    write_folder(run, here / "empty")


def test_an_interrupted_export_leaves_what_was_there(run, here, monkeypatch):
    write_folder(run, here / "folder")
    before = (here / "folder" / "README.md").read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("wgan.share.folder.card_of", interrupted)
    for target in (here / "folder", here / "new"):
        with pytest.raises(KeyboardInterrupt):
            write_folder(run, target)
    assert [path.name for path in here.iterdir()] == ["folder"]
    assert (here / "folder" / "README.md").read_bytes() == before


def test_what_a_killed_export_left_is_tidied(run, here):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    number = int(dead.stdout)
    write_folder(run, here / "folder")
    kept, half = here / f".folder.old.{number}.tmp", here / f".folder.{number}.tmp"
    (here / "folder").rename(kept)  # killed between the two renames
    half.mkdir()
    other, alive = here / f".folder-2.{number}.tmp", here / f".folder.{os.getppid()}.tmp"
    other.mkdir()
    alive.mkdir()
    with pytest.raises(InputError, match="no checkpoint"):
        write_folder(run, here / "folder", step=7)
    write_folder(run, here / "folder")
    assert {path.name for path in here.iterdir()} == {"folder", other.name, alive.name}


def test_a_step_can_be_chosen(run, here):
    steps = {row["step"]: row["metrics"]["frechet"]["value"] for row in run.evaluations()}
    best = min(steps, key=steps.get)
    write_folder(run, here / "folder", step="best")
    assert exported(here / "folder" / "generator.safetensors").step == best
    assert torch.equal(Run.open(here / "folder").sample(4), run.sample(4, step=best))
    with pytest.raises(InputError, match="has no best step"):
        write_folder(small_run(here / "r"), here / "other", step="best")


def test_the_model_lies_in_the_folder_and_the_card_says_how_it_is_used(run, here, monkeypatch):
    monkeypatch.setattr("wgan.share.folder.has_onnx", has_onnx)
    report = write_folder(run, here / "folder")
    assert {path.name for path in (here / "folder").iterdir()} == {*FILES}
    card = (here / "folder" / "README.md").read_text()
    [snippet] = [code for code in re.findall(r"```python\n(.*?)```", card, re.DOTALL) if "onnxruntime" in code]
    monkeypatch.chdir(here / "folder")
    made = {}
    exec(snippet, made)
    expected = run.spec.to_stored(run.generator()(torch.as_tensor(made["z"])))
    assert np.abs(made["samples"].astype(int) - expected.numpy()).max() <= max(1, report.difference)


def test_conditional_points_are_asked_as_before(here):
    run = small_run(here / "r", source=Described((3,)), data__condition=("label", "energy"))
    write_folder(run, here / "folder")
    asked = {"label": "dog", "energy": 20.0}
    assert torch.equal(Run.open(here / "folder").sample(4, condition=asked), run.sample(4, condition=asked))


OWN = """
from torch import nn

def made(widths=(16,)):
    return nn.Sequential(nn.Linear(4, widths[0]), nn.ReLU(), nn.Linear(widths[0], 64), nn.Unflatten(1, (1, 8, 8)))

class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = made()

    def forward(self, z):
        return self.layers(z)

def needs(something):
    return made()

def narrow():
    return made((8,))

def nothing():
    return 3

there = Own()
number = 3
"""


@pytest.fixture
def own(here, monkeypatch):
    """A module with a generator of one's own, and the run that trained it."""
    name = f"nets_{os.getpid()}_{abs(hash(here))}"  # modules are imported once
    (here / f"{name}.py").write_text(OWN)
    space = {}
    exec(OWN, space)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.LeakyReLU(), nn.Linear(8, 1), nn.Flatten(0))
    run = train(
        "digits", generator=space["Own"](), critic=critic, latent_size=4, steps=6, out=here / "r", progress=False
    )
    return name, run


def test_networks_of_ones_own_are_named(own, here):
    name, run = own
    wanted = Run.open(run.path, load_own(name)).sample(4)
    for source in (run.path, wgan("export", run.path, "--networks", f"{name}:Own").strip()):
        for part in ("Own", "there"):
            wgan("sample", source, "-n", 4, "--networks", f"{name}:{part}", "--out", f"{Path(source).name}.png")
        wgan("evaluate", source, "--metrics", "frechet", "-n", 20, "--networks", f"{name}:Own", "--data", "digits")
        weights = here / source / "generator.safetensors"
        assert torch.equal(opened(weights, load_own(name)).sample(4), wanted)
    assert torch.equal(Run.open(here / "r-export", load_own(name)).sample(4), wanted)
    card = (here / "r-export" / "README.md").read_text()
    assert "a class of its makers, Own, which this folder does not hold" in card
    assert "wgan sample . -n 64 --networks MODULE:Own" in card
    told = wgan("sample", "r-export", code=2)
    assert "--networks MODULE:Own" in " ".join(told.split())


def load_own(name):
    return own_generator(f"{name}:Own")


def test_what_names_no_network_is_refused(own, here):
    name, run = own
    said = {
        f"{name}:needs": "raised TypeError",
        f"{name}:nothing": "made int, and no torch module",
        f"{name}:number": "is int, and no network",
        f"{name}:missing": "has no missing",
        "nowhere:Own": "There is no module nowhere for the generator nowhere:Own",
        "Own": "names no class",
        f"{name}:narrow": "do not fit|cannot be read into this network",
    }
    for networks, why in said.items():
        told = " ".join(wgan("sample", run.path, "--networks", networks, code=2).split())
        assert re.search(why, told), told


def test_licences(here):
    assert checked_license("cc-by-nc-4.0") == "cc-by-nc-4.0"
    for text in ("MIT license", "mit\nx: y", "", "-"):
        with pytest.raises(InputError, match="is no licence's id"):
            checked_license(text)


def test_private_is_about_the_hub(run, here):
    assert "--push" in wgan("export", run.path, "--private", code=2)
    assert not [*here.iterdir()]
