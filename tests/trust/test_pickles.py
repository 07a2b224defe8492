"""A pickle that creates a file, under every name that the program reads, is refused or skipped, never loaded."""

import io
import pickle
import re
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from payloads import LOADED, WATCHING, Evil
from wgan.cli import app
from wgan.data.cache import cache_folder
from wgan.data.sources.layout import picture_suffixes
from wgan.data.sources.metadata import FILES as METADATA
from wgan.runs.run import Run
from wgan.runs.weights import load_weights

SOURCE = Path(__file__).parents[2] / "src" / "wgan"


def wgan(*arguments):
    """The exit code and output of a command. Unexpected exceptions are raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_the_payload_would_make_the_file_and_the_hook_would_see_it(tmp_path):
    """Otherwise the other tests prove nothing."""
    marker = tmp_path / "made"
    LOADED.clear()
    WATCHING.append(True)
    pickle.loads(pickle.dumps(Evil(marker), protocol=2)).close()
    WATCHING.clear()
    assert marker.exists()
    assert LOADED


# -- runs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["config.toml", "metrics.jsonl", "comparisons.jsonl", "evaluations.jsonl", "failure.json"]
)
def test_texts_of_a_run(name, run, payload):
    (run / name).write_bytes(payload)
    code = 2 if name == "config.toml" else 0
    for command in ("doctor", "report", "sample"):
        more = ["--out", run / "grid.png"] if command == "sample" else []
        found, output = wgan(command, run, *more)
        assert found == code, output
        assert (f"{name} cannot be read" in output.replace("\n", "")) == bool(code)


def as_torch(payload, evil):
    content = io.BytesIO()
    torch.save({"step": 6, "ema": evil}, content)
    return content.getvalue()


def as_old_torch(payload, evil):
    content = io.BytesIO()
    torch.save({"step": 6, "ema": evil}, content, _use_new_zipfile_serialization=False)
    return content.getvalue()


FORMS = {"a bare pickle": lambda payload, evil: payload, "torch.save": as_torch, "torch.save of old": as_old_torch}


@pytest.mark.parametrize("form", FORMS)
def test_checkpoints(form, run, payload, marker):
    content = FORMS[form](payload, Evil(marker))
    (run / "checkpoints" / "000000006.pt").write_bytes(content)
    (run / "checkpoints" / "SHA256SUMS").unlink()  # who can replace the one can replace the other
    code, output = wgan("sample", run, "--step", "6", "--out", run / "grid.png")
    assert code == 1, output
    assert "truncated, or holds more than tensors" in output
    code, output = wgan("evaluate", run, "--step", "6", "--data", "digits")
    assert code == 1, output


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors", ".bin"])
def test_weights_to_start_from(suffix, form, tmp_path, payload, marker):
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(FORMS[form](payload, Evil(marker)))
    settings = [f"start.generator={path}", "training.steps=2"]
    code, output = wgan("train", "digits", "--out", tmp_path / "new", *(x for s in settings for x in ("--set", s)))
    assert code == 2
    assert "cannot be read into this network" in output


@pytest.mark.parametrize("name", ["generator.safetensors", "critic.safetensors"])
def test_weights_of_a_run(name, run, payload):
    (run / name).write_bytes(payload)
    code, _ = wgan("sample", run, "--out", run / "grid.png")
    assert code == (2 if name.startswith("generator") else 0)
    assert wgan("report", run)[0] == 0
    page = (run / "report.html").read_text()
    assert (f"{name} cannot be read" in page) == name.startswith("critic")


def test_grids_of_a_run(run, payload):
    grids = sorted((run / "samples").iterdir())
    grids[0].write_bytes(payload)
    (run / "samples" / "1e9.png").write_bytes(payload)
    assert wgan("report", run)[0] == 0
    assert (run / "report.html").read_text().count('data-step="') == len(grids) - 1


# -- data -------------------------------------------------------------------------------------------------------


def test_pictures_of_every_suffix(tmp_path, payload):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("RGB", (8, 8), "red").save(folder / "sound.png")
    for suffix in sorted({*picture_suffixes(), ".pkl", ".eps", ".ps", ".pt", ".joblib", ".pickle"}):
        (folder / f"evil{suffix}").write_bytes(payload)
    for name in METADATA:
        (folder / name).write_bytes(payload)
    code, output = wgan("data", folder, "--out", tmp_path / "sheet.png", "--json")
    assert code == 0
    assert '"count": 1,' in output
    assert "evil.png" in output


def object_array(evil):
    content = io.BytesIO()
    np.save(content, np.array([[evil]], dtype=object), allow_pickle=True)
    return content.getvalue()


def as_npz(evil):
    content = io.BytesIO()
    np.savez(content, images=np.array([[evil]], dtype=object), allow_pickle=True)
    return content.getvalue()


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".parquet", ".zip", ".tar", ".tar.gz", ".tar.xz", ".tbz2"])
@pytest.mark.parametrize("form", ["bare", "array", "arrays"])
def test_files_of_data(suffix, form, tmp_path, payload, marker):
    path = tmp_path / f"data{suffix}"
    evil = Evil(marker)
    path.write_bytes({"bare": payload, "array": object_array(evil), "arrays": as_npz(evil)}[form])
    code, output = wgan("data", path, "--out", tmp_path / "sheet.png")
    assert code == 2
    assert "data" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"])
def test_idx_files(name, tmp_path, payload):
    folder = tmp_path / "idx"
    folder.mkdir()
    if not name.endswith(".gz"):  # beside the same file uncompressed, it would not be read
        (folder / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2abcd")
    (folder / name).write_bytes(payload)
    code, output = wgan("data", folder, "--out", tmp_path / "sheet.png")
    assert code == 2
    assert name in output.replace("\n", "")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_members_of_archives(kind, tmp_path, payload, marker):
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "png")
    files = {"sound.png": picture.getvalue(), "evil.png": payload, "evil.pkl": payload, "evil.npy": payload}
    files["evil.cls"] = object_array(Evil(marker))
    files |= dict.fromkeys(METADATA, payload)
    path = tmp_path / f"shard.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        with tarfile.open(path, "w") as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    code, output = wgan("data", path, "--out", tmp_path / "sheet.png", "--json")
    assert code == 0
    assert '"count": 1,' in output


def test_columns_of_tables(tmp_path, payload):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    sound = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(sound, "png")
    rows = pyarrow.table({"image": [sound.getvalue(), payload], "note": [payload, payload]})
    parquet.write_table(rows, tmp_path / "train.parquet")
    code, output = wgan("data", tmp_path / "train.parquet", "--out", tmp_path / "sheet.png", "--json")
    assert code == 0
    assert '"count": 1,' in output
    assert "not a picture" in output


# -- the cache --------------------------------------------------------------------------------------------------


def test_everything_in_the_cache(run, tmp_path, payload, marker):
    """Replace each file in the cache by the payload before each command."""
    (tmp_path / "pictures").mkdir()
    for i in range(4):
        Image.new("RGB", (8, 8), (i, 0, 0)).save(tmp_path / "pictures" / f"{i}.png")

    def commands():
        wgan("data", tmp_path / "pictures", "--out", tmp_path / "sheet.png")
        return wgan("evaluate", run, "--data", "digits", "--metrics", "frechet,class_balance", "-n", "180")

    code, output = commands()
    assert code == 0, output
    for content in (payload, object_array(Evil(marker))):
        kinds = {".npy", ".npz", *([".safetensors", ".json"] if content == payload else [])}
        for path in sorted(path for path in cache_folder().rglob("*") if path.suffix in kinds):
            before = path.read_bytes()
            path.write_bytes(content)
            code, output = commands()
            assert code == 0 or "is damaged" in output, (path, output)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(before)
    kinds = {path.relative_to(cache_folder()).parts[0] for path in cache_folder().rglob("*") if path.is_file()}
    assert {"packs", "surveys", "statistics", "classifiers"} <= kinds


# -- the code ---------------------------------------------------------------------------------------------------


def test_no_module_has_a_way_to_load_a_pickle():
    """No module loads a pickle in a way that the tests above do not reach."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        for call in re.findall(r"torch\.load\([^\n]*", text):
            assert "weights_only=True" in call, path
        for call in re.findall(r"np\.load\([^\n]*", text):
            assert "allow_pickle=False" in call, path
        forbidden = (
            r"\bimport (pickle|shelve|marshal|dill|cloudpickle|yaml)\b|joblib\.load|read_pickle|trust_remote_code"
        )
        assert not re.search(forbidden, text), path
        if path.name != "pictures.py":
            assert not re.search(r"Image\.open\((?!content[,)])", text), path


@pytest.mark.parametrize("form", [True, False])
def test_sound_weights_are_read(form, run, tmp_path, marker):
    """Valid files of both formats load, so the tests above fail because of the payload."""
    state = torch.load(run / "checkpoints" / "000000006.pt", weights_only=True)
    torch.save(state["ema"], tmp_path / "w.pt", _use_new_zipfile_serialization=form)
    (run / "checkpoints" / "SHA256SUMS").unlink()
    torch.save(state, run / "checkpoints" / "000000006.pt", _use_new_zipfile_serialization=form)
    network = Run.open(run).generator(step=6)
    load_weights(network, tmp_path / "w.pt")
