"""Every example runs, for a few steps; the notebook as it is."""

import re
import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
NOTEBOOK = ROOT / "examples" / "first_run.ipynb"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_run(path, tmp_path):
    run = runpy.run_path(str(path))["main"](steps=3, out=str(tmp_path / "run"))
    assert run.metrics()[-1]["step"] == 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_short(path):
    assert len(path.read_text().splitlines()) <= 60


def kinds(notebook):
    """What each cell of code shows: the type of each output, and the forms it is given in."""
    return [
        [(output.output_type, sorted(output.get("data", ()))) for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_the_notebook_runs_and_shows_what_is_kept_in_it():
    made = runpy.run_path(str(ROOT / "docs" / "make_notebooks.py"))
    fresh = made["executed"](NOTEBOOK)
    made["slim"](fresh)
    assert kinds(fresh) == kinds(nbformat.read(NOTEBOOK, as_version=4)), "stale: `make docs` runs it again"
    trained = [cell.outputs for cell in fresh.cells if "wgan.train(" in cell.source and cell.cell_type == "code"]
    assert len(trained) == 2
    for progress, grid, verdict in trained:
        assert "step 300 of 300" in progress.data["text/plain"]
        assert progress.data["text/html"].count("<progress") == 1
        assert "image/png" in grid.data
        assert verdict.data["text/plain"].startswith("Diagnosis(")


def test_the_notebook_is_small_and_names_no_machine():
    text = NOTEBOOK.read_text()
    assert len(text) < 150_000
    assert not re.search(r"/(home|root|tmp|Users|work)/|\d{4}-\d\d-\d\d", text)
