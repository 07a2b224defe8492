"""Grids in the page: enough to see training, few enough to mail."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from wgan.report.data_uris import WIDEST, embedded_grids
from wgan.runs.run import Run


@pytest.fixture
def run(tmp_path):
    """A hundred coloured grids of noise, which cannot be compressed."""
    run = Run(tmp_path / "run")
    run.samples_folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for i in range(100):
        Image.fromarray(random.integers(0, 256, (60, 60, 3), dtype=np.uint8)).save(run.sample_file(10 * i))
    return run


def content(grid):
    return base64.b64decode(grid[1].partition(",")[2])


def test_a_page_has_as_many_grids_as_fit(run):
    each = max(len(content(grid)) for grid in embedded_grids(run, 10**9))
    for budget, expected in ((10**9, 60), (each * 20, 20), (1000, 8)):
        grids = embedded_grids(run, budget)
        assert len(grids) == pytest.approx(expected, abs=1)
        assert (grids[0][0], grids[-1][0]) == (0, 990)
        if expected == 20:
            assert sum(len(content(grid)) for grid in grids) <= budget * 1.05


def test_wide_grids_are_reduced(run):
    Image.new("RGB", (2 * WIDEST, WIDEST)).save(run.sample_file(1000))
    Image.new("L", (2 * WIDEST, WIDEST)).save(run.sample_file(0))
    grids = embedded_grids(run, 10**9)
    for grid in (grids[0], grids[-1]):
        with Image.open(io.BytesIO(content(grid))) as image:
            assert image.size == (WIDEST, WIDEST // 2)
