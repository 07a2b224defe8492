"""A file of weights without its run: what it says of itself, and what it has to be told."""

import shutil

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

import wgan
from helpers import small_run
from wgan.errors import InputError
from wgan.experiment.parts import Parts
from wgan.runs import WeightsFile, opened
from wgan.runs.weights_file import KEY


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("runs") / "small")


def described(path):
    with safe_open(path, "pt") as file:
        return (file.metadata() or {})[KEY]


def test_a_file_alone_makes_the_samples_of_its_run(tmp_path, run):
    alone = shutil.copy(run.generator_file, tmp_path / "digits.safetensors")
    for path in (run.generator_file, alone):
        file = opened(path)
        assert torch.equal(file.sample(5, seed=3, units=True), run.sample(5, seed=3, units=True))
        assert (file.spec, file.latent_size) == (run.spec, run.latent_size)
        assert torch.equal(wgan.load(path)(torch.ones(1, 4)), run.generator()(torch.ones(1, 4)))


def test_points_keep_their_units(tmp_path):
    points = small_run(tmp_path / "run", source=torch.randn(40, 2).numpy() * [3, 50] + [7, -900], data__kind="points")
    alone = shutil.copy(points.generator_file, tmp_path / "points.safetensors")
    assert torch.equal(opened(alone).sample(3), points.sample(3))


def test_what_a_file_says_is_data_and_names_no_places(run):
    text = described(run.generator_file)
    assert "latent_size = 4" in text
    assert "source" not in text
    assert str(run.path) not in text


def test_files_of_older_runs_are_read_beside_their_configuration(tmp_path, run):
    save_file(load_file(run.generator_file), tmp_path / "old.safetensors")
    with pytest.raises(InputError, match=r"does not say which networks.*--recipe NAME"):
        opened(tmp_path / "old.safetensors")
    shutil.copy(run.config_file, tmp_path)
    assert torch.equal(opened(tmp_path / "old.safetensors").sample(2), run.sample(2))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: "networks = [", "is not TOML"),
        (lambda text: "a = " + "[" * 99_999, "nests brackets|is not TOML"),
        (lambda text: text + "#" * (1 << 20), "characters long"),
        (lambda text: text.partition("[sample]")[0], r"alone\.safetensors: sample is missing"),
        (lambda text: text.replace('"mlp"', '"mpl"'), "Did you mean mlp"),
        (lambda text: text.replace("[16, 16]", "[900000, 900000]").replace("    16,", "    900000,"), "limit"),
        (lambda text: text.replace("latent_size = 4", "latent_size = 5"), "size mismatch"),
    ],
)
def test_what_a_file_says_is_not_trusted(tmp_path, run, change, complaint):
    text = described(run.generator_file)
    assert change(text) != text
    path = tmp_path / "alone.safetensors"
    save_file(load_file(run.generator_file), path, metadata={KEY: change(text)})
    with pytest.raises(InputError, match=complaint):
        opened(path).sample(1)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match="cannot be read"):
        opened(path)


def test_own_generators_are_passed_again(tmp_path):
    own = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))
    run = small_run(tmp_path / "run", parts=Parts(own))
    alone = shutil.copy(run.generator_file, tmp_path / "own.safetensors")
    with pytest.raises(InputError, match="does not say"):
        wgan.load(alone)
    z = torch.randn(3, 4)
    assert torch.equal(wgan.load(alone, generator=own)(z), wgan.load(run.path, generator=own)(z))


def test_a_file_has_one_generator(run):
    with pytest.raises(InputError, match="holds one generator"):
        WeightsFile.open(run.generator_file).sample(1, step=6)
