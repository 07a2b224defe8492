"""Weights & Biases, MLflow and Trackio as they are installed, without a network: what they hold is what was written."""

import getpass
import json
import socket

import pytest
from PIL import Image

from helpers import small_run
from trackers.readers import stored, wandb_records, wandb_rows
from wgan.runs.doctor import diagnose

ALL = ("wandb", "mlflow", "trackio")
SETTINGS = {"output__track": ("tensorboard", *ALL), "output__metrics": ("diversity",), "output__evaluate_every": 6}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run that was killed after its checkpoint of step 6 and resumed, and what trackers have of it."""
    place = tmp_path_factory.mktemp("trackers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WANDB_MODE", "offline")
        for folder in ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "TRACKIO_DIR"):
            patch.setenv(folder, str(place / folder))
        patch.setenv("MLFLOW_TRACKING_URI", (place / "mlflow").as_uri())
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        small_run(place / "killed", stop=9, **SETTINGS)
        run = small_run(place / "killed", **SETTINGS)
        yield run, {name: stored(name) for name in ("mlflow", "trackio")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The same run, unbroken and without a tracker."""
    return small_run(tmp_path_factory.mktemp("whole"), **{**SETTINGS, "output__track": ()})


def lines(run):
    """The log: by step, numbers by name as trackers show them."""
    found = {}
    for row in run.metrics():
        layers = {
            f"layers/{net}/{name}": value for net, norms in row["layers"].items() for name, value in norms.items()
        }
        found[row["step"]] = {key: value for key, value in row.items() if key not in ("step", "layers")} | layers
    return found


def measured(rows, first):
    return {row["step"]: {f"{first}/{name}": one["value"] for name, one in row["metrics"].items()} for row in rows}


def everything(run):
    """Of each kind, by step, what a tracker should have."""
    return {
        "distance": lines(run),
        "comparisons/energy": measured(run.comparisons(), "comparisons"),
        "metrics/diversity": measured(run.evaluations(), "metrics"),
    }


def by_step(rows, key):
    """The rows that have such a value, by step; each once."""
    found = [
        (row["step"], {name: value for name, value in row.items() if name[0] != "_"}) for row in rows if key in row
    ]
    assert len(found) == len(dict(found)), "nothing is there twice"
    return {step: {name: value for name, value in row.items() if name != "step"} for step, row in found}


def untimed(found):
    return {step: {key: value for key, value in row.items() if key != "seconds"} for step, row in found.items()}


def test_what_is_sent_is_the_log_of_an_unbroken_run(kept, whole):
    run = kept[0]
    for one, other in zip(everything(run).values(), everything(whole).values(), strict=True):
        assert one
        assert untimed(one) == untimed(other)


def test_wandb_has_what_was_written(kept):
    run = kept[0]
    rows, summary = wandb_rows(run.path)
    for key, expected in everything(run).items():
        assert by_step(rows, key) == expected
    assert [row["step"] for row in rows if "samples/path" in row] == [*run.samples()]
    assert summary["verdict"] == diagnose(run).verdict.value


def test_trackio_has_what_was_written(kept):
    run, held = kept[0], kept[1]["trackio"]["killed"]
    rows = [{key: value for key, value in row.items() if key != "timestamp"} for row in held["rows"]]
    for key, expected in everything(run).items():
        assert by_step(rows, key) == expected
    assert [row["step"] for row in rows if "samples" in row] == [*run.samples()]
    assert held["alerts"][-1]["title"] == f"Verdict: {diagnose(run).verdict.value}"


def test_mlflow_has_what_was_written(kept):
    run, held = kept[0], kept[1]["mlflow"]["killed"]
    expected = {}
    for by_step in everything(run).values():
        for step, values in by_step.items():
            for key, value in values.items():
                expected.setdefault(key, []).append([step, value])
    assert held["history"] == expected
    assert sorted(int(path.split("+")[2]) for path in held["pictures"] if path.endswith(".png")) == [*run.samples()]
    assert held["status"] == "FINISHED"
    assert held["tags"]["verdict"] == diagnose(run).verdict.value


def test_a_resumed_run_is_the_same_run(kept):
    run = kept[0]
    known = json.loads(run.trackers_file.read_text())["wandb"]["id"]
    assert {record.run.run_id for record in wandb_records(run.path) if record.HasField("run")} == {known}
    assert len(list(run.path.glob("wandb/offline-run-*"))) == 2
    assert set(kept[1]["mlflow"]) == set(kept[1]["trackio"]) == {"killed"}


def test_the_settings_are_there_and_nothing_of_the_machine(kept):
    run, held = kept[0], {name: runs["killed"] for name, runs in kept[1].items()}
    assert held["mlflow"]["params"]["networks.latent_size"] == "4"
    assert held["trackio"]["config"]["networks.latent_size"] == 4
    assert held["mlflow"]["user"] == "unknown"
    assert held["trackio"]["config"]["_Username"] is None
    assert "data.source" not in held["trackio"]["config"]
    folders = [*run.path.glob("wandb/offline-run-*")]
    files = [path for folder in folders for path in (folder / "files").rglob("*") if path.is_file()]
    assert all(path.name.startswith("samples_") for path in files), "no code, requirements, metadata or output"
    sent = b"".join(path.read_bytes() for folder in folders for path in folder.glob("*.wandb"))
    sent += repr(held["mlflow"]).encode() + repr(held["trackio"]["config"]).encode()
    for private in (socket.gethostname(), getpass.getuser(), str(run.path.parent)):
        assert len(private) < 4 or private.encode() not in sent


def test_the_pictures_are_those_of_the_run(kept):
    run = kept[0]
    last = max(run.path.glob("wandb/offline-run-*/files/media/images/*.png"), key=lambda path: path.stat().st_mtime_ns)
    with Image.open(last) as sent, Image.open(max(run.samples().values())) as written:
        assert sent.convert("RGB").tobytes() == written.convert("RGB").tobytes()
