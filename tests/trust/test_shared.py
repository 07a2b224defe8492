"""What others send: folders, and repositories of the hub, have nothing run, whatever they say of code."""

import tomllib

import pytest
import tomli_w
import torch
from typer.testing import CliRunner

from wgan import InputError, Run, load
from wgan.cli import app
from wgan.runs.exported import KEY, exported
from wgan.runs.weights import save_weights
from wgan.share.folder import write_folder


@pytest.fixture(autouse=True)
def _without_models(monkeypatch):
    """Models take seconds to make, and say nothing here."""
    monkeypatch.setattr("wgan.share.folder.has_onnx", lambda: False)


@pytest.fixture
def folder(trained, tmp_path):
    write_folder(trained, tmp_path / "folder")
    return tmp_path / "folder"


def test_the_generator_that_a_folder_names_is_not_imported(folder, marker, tmp_path, monkeypatch):
    """Only what is typed after --networks is."""
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\nOwn = None\n")
    monkeypatch.chdir(tmp_path)
    values = tomllib.loads((folder / "config.toml").read_text())
    for named in ("evil:Own", "evil:Own (3 parameters, 00)"):
        (folder / "config.toml").write_text(tomli_w.dumps({**values, "custom": {"generator": named}}))
        for command in (["sample"], ["evaluate"], ["export"], ["doctor"]):
            result = CliRunner().invoke(app, [*command, str(folder)])
            assert result.exit_code == 2, (command, result.output)
        with pytest.raises(InputError, match="a generator of your own"):
            load(folder)


def test_a_pickle_for_the_generator_of_a_folder(folder, payload):
    (folder / "generator.safetensors").write_bytes(payload)
    for command in ("sample", "evaluate", "export"):
        assert CliRunner().invoke(app, [command, str(folder)]).exit_code == 2
    assert exported(folder / "generator.safetensors") is None


@pytest.mark.parametrize(
    "mark", ["", "[", "run = 3", 'run = "a"', 'run = "a"\nstep = -1', 'run = "a"\nstep = "x"', "a = [" * 100_000]
)
def test_a_damaged_mark_is_none(mark, tmp_path):
    save_weights(torch.nn.Linear(2, 2), tmp_path / "w.safetensors", {KEY: mark})
    assert exported(tmp_path / "w.safetensors") is None


def test_a_folder_that_says_little_is_exported_with_a_card(folder, tmp_path):
    """Of another's folder there is no log: what is not known is not claimed."""
    run = Run.open(folder)
    write_folder(run, tmp_path / "again")
    card = (tmp_path / "again" / "README.md").read_text()
    assert "There was no log to judge the run by." in card
    assert "Nothing was measured of this generator." in card
    assert torch.equal(Run.open(tmp_path / "again").sample(2), run.sample(2))
