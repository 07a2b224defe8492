"""`wgan gallery`: what it lists, what it refuses, and what it writes."""

import base64
import re

import pytest
from PIL import Image
from typer.testing import CliRunner

from wgan.cli import app
from wgan.gallery import FIGURES


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def gallery(*arguments, code=0):
    result = CliRunner().invoke(app, ["gallery", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_the_figures_are_listed_and_a_wrong_name_finds_the_nearest(tmp_path):
    lines = gallery("--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(FIGURES)
    assert all(figure.title in line for line, figure in zip(lines, FIGURES.values(), strict=True))
    assert "Did you mean transport?" in gallery("transprot", code=2).stderr
    assert not list(tmp_path.iterdir())


def test_a_figure_is_written_twice_alike_and_shown_on_the_page(tmp_path):
    said = gallery("transport").stdout
    assert "Open gallery/index.html" in said
    caption = re.search(r"transport: (.*)\n", said)[1]
    folder = tmp_path / "gallery"
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "transport.png", "transport.svg"]
    with Image.open(folder / "transport.png") as image:
        assert image.width > 1000
    drawn = (folder / "transport.svg").read_text()
    assert "prefers-color-scheme:dark" in drawn
    assert not re.search(r"<dc:date>|href=\"http", drawn)
    page = (folder / "index.html").read_text()
    shown = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)">', page)
    assert base64.b64decode(shown[1]).decode() == drawn
    assert shown[2] == caption
    assert not re.search(r'(src|href)="(?!data:|#)', page), "it loads nothing"
    gallery("transport", "--out", "again")
    for name in ("transport.svg", "transport.png", "index.html"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name
