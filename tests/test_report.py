"""The report: one file that needs nothing else and cannot be made to run what a name says."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from helpers import small_run
from wgan.report import write_report


@pytest.fixture
def run(tmp_path):
    return small_run(tmp_path / "<img src=x onerror=alert(1)>")


def test_the_page_is_self_contained_and_complete(run, tmp_path):
    write_report([run], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert not re.search(r"""(src|href)=["'](?!data:)""", page), "everything is in the page"
    grids = re.findall(r'class="grid" src="data:image/\w+;base64,([^"]+)" data-step="(\d+)"', page)
    assert [int(step) for _, step in grids] == list(run.samples())
    with Image.open(io.BytesIO(base64.b64decode(grids[-1][0]))) as shown, Image.open(run.sample_file(12)) as saved:
        np.testing.assert_array_equal(np.asarray(shown), np.asarray(saved))
    for expected in ("data:image/svg+xml", "objective.penalty_weight", "BatchNorm1d", "Made with"):
        assert expected in page


def test_names_are_shown_and_never_run(run, tmp_path):
    write_report([run], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img src=x" not in page
