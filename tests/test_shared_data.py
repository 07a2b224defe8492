"""The documented runs on real pictures, where there are any beside the checkout."""

import json

import pytest
from PIL import Image
from typer.testing import CliRunner

from wgan.cli import app
from wgan.data import open_pack, open_source


def wgan(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(
    ("recipe", "folder", "steps", "batch"),
    [
        ("gan-mnist", "mnist", 20, 64),
        ("wgan-mnist", "mnist", 10, 64),
        ("wgan-gp-mnist", "mnist", 20, 64),
        ("wgan-gp-celeba", "celeba_faces", 2, 16),
        ("wgan-dcgan32", "celeba_faces", 2, 32),
        ("dcgan-anime", "anime_faces", 2, 8),
        ("wgan-gp-anime", "anime_faces", 1, 8),
        ("wgan-gp-anime-as-published", "anime_faces", 2, 8),
        ("wgan-gp-cifar10", "anime_faces", 1, 2),
    ],
)
def test_recipes_train_on_real_pictures(shared, tmp_path, recipe, folder, steps, batch):
    out, data = tmp_path / "run", some(shared / folder, tmp_path)
    few = ("--set", "output.rows=2", "--set", "output.columns=4")
    wgan("train", data, "--recipe", recipe, "--steps", steps, "--batch-size", batch, "--out", out, *few)
    last = json.loads((out / "metrics.jsonl").read_text().splitlines()[-1])
    assert last["step"] == steps
    assert last.get("distance", 1) > 0
    shape = json.loads(wgan("recipes", recipe, "--json"))["data_shape"]
    wgan("sample", out, "-n", 4, "--out", tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.mode == ("L" if shape[0] == 1 else "RGB")
    assert "neighbours" in (out / "report.html").read_text()


def some(folder, place):
    """The idx files, or a few hundred of the pictures: all of them take longer to decode than the rest of the test."""
    if any(folder.glob("*-idx*")):
        return folder
    for path in sorted(folder.iterdir())[:300]:
        (place / "pictures" / path.name).parent.mkdir(exist_ok=True)
        (place / "pictures" / path.name).symlink_to(path)
    return place / "pictures"


def test_mnist_keeps_its_own_test_split(shared):
    pack = open_pack(open_source(shared / "mnist"))
    train, held_out = pack.split(0.1)
    assert (len(train), len(held_out)) == (60_000, 10_000)
    assert pack.labels[train].tolist()[:5] == [5, 0, 4, 1, 9]  # the first labels, as published
    assert pack.labels[held_out].tolist()[:5] == [7, 2, 1, 0, 4]
