"""Pictures with an opacity channel, from the folder to the grid, the animation and the report."""

import numpy as np
import pytest
from PIL import Image

from helpers import small_experiment
from wgan.report import write_report
from wgan.runs.inputs import in_batches
from wgan.runs.samples_out import Some, write_each
from wgan.runs.sampling import sheet_of, write_grid


@pytest.fixture
def stickers(tmp_path):
    """Eight discs, each of one colour, on a transparent background."""
    folder = tmp_path / "stickers"
    folder.mkdir()
    y, x = np.mgrid[-8:8, -8:8]
    for i in range(8):
        image = np.zeros((16, 16, 4), np.uint8)
        image[x * x + y * y < 49] = (30 * i, 255 - 30 * i, 90, 255)
        Image.fromarray(image).save(folder / f"{i}.png")
    return folder


def test_four_channels_are_trained_and_shown(stickers, tmp_path):
    settings = {"data__size": (16, 16), "data__channels": 4, "data__holdout": 0.0}
    running = small_experiment(tmp_path / "run", source=str(stickers), **settings)
    for _ in running.events():
        pass
    run = running.run
    assert run.sample(6, seed=0).shape == (6, 4, 16, 16)
    with Image.open(run.samples()[12]) as grid:
        assert grid.mode == "RGBA"
        assert grid.getpixel((0, 0))[3] == 255, "the background is opaque"
        assert grid.getchannel("A").getextrema()[0] < 255, "the pictures are not"
    write_each(run, [Some(lambda: in_batches(run.latents(6, 0)))], tmp_path / "each")
    with Image.open(tmp_path / "each" / "000000.png") as image:
        assert image.mode == "RGBA"
    write_grid(run, sheet_of(run, 6, 0, None), tmp_path / "grid.jpg")
    with Image.open(tmp_path / "grid.jpg") as image:
        assert image.mode == "RGB"
    with Image.open(run.evolution_file) as image:
        assert image.n_frames >= 2
    write_report([run], run.report_file)
    assert "image/webp" in run.report_file.read_text()
