"""Files that could start other programs do not."""

import subprocess

import pytest
from PIL import EpsImagePlugin, Image
from typer.testing import CliRunner

from wgan.cli import app
from wgan.data import open_pack, open_source
from wgan.errors import InputError

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n0 0 8 8 rectfill\nshowpage\n%%EOF\n"


@pytest.fixture
def started(monkeypatch):
    """The programs that were started. Pillow believes that Ghostscript is installed."""
    found = []

    def start(command, *_, **__):
        found.append(command)
        raise OSError("no programs here")

    monkeypatch.setattr(EpsImagePlugin, "gs_binary", "gs")
    monkeypatch.setattr(subprocess, "check_call", start)
    monkeypatch.setattr(subprocess, "Popen", start)
    return found


def test_postscript_under_every_name(tmp_path, started):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "sound.png")
    for suffix in ("png", "jpg", "eps", "ps"):
        (tmp_path / f"evil.{suffix}").write_bytes(EPS)
    skipped = dict(open_pack(open_source(tmp_path), (8, 8)).contents.skipped)
    assert set(skipped) == {f"evil.{suffix}" for suffix in ("png", "jpg", "eps", "ps")}
    assert started == []
    with Image.open(tmp_path / "evil.png") as image, pytest.raises(OSError, match="no programs here"):
        image.load()  # what Pillow itself would do
    assert started


def test_postscript_among_the_grids_of_a_run(run, started):
    for grid in (run / "samples").iterdir():
        grid.write_bytes(EPS)
    result = CliRunner().invoke(app, ["report", str(run)])
    assert result.exit_code == 0, result.output
    assert started == []


def test_tables_say_of_themselves_where_they_are(tmp_path):
    """A README.md may name other files, on this machine or elsewhere."""
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"image": [{"bytes": b"x", "path": None}]})
    rows = rows.cast_column("image", datasets.Image(decode=False))
    (tmp_path / "table").mkdir()
    for place in ("table/train.parquet", "private.parquet"):
        rows.to_parquet(tmp_path / place)
    assert sum(1 for _ in open_source(tmp_path / "table").samples()) == 1
    text = f"---\nconfigs:\n- config_name: default\n  data_files: {tmp_path}/private.parquet\n---\n"
    (tmp_path / "table" / "README.md").write_text(text)
    with pytest.raises(InputError, match=r"README\.md that its rows are in .*private\.parquet, outside"):
        list(open_source(tmp_path / "table").samples())


@pytest.mark.parametrize("name", ["pandas", "parquet", "sql", "webdataset"])
def test_names_of_the_library_s_own_readers_are_no_sets(name):
    """The library would read the current folder with them."""
    with pytest.raises(InputError, match="has no owner"):
        open_source(f"hf:{name}")


def test_a_folder_is_not_taken_for_a_set_of_the_hub(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owner" / "name").mkdir(parents=True)
    with pytest.raises(InputError, match=r"There is a folder owner/name here. Give \./owner/name"):
        open_source("hf:owner/name").survey()
