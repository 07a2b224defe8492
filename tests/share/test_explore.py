"""The page that holds a generator: what is in it, and what is not."""

import base64
import gzip
import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from torch import nn

import wgan
import wgan.share.explore as explore
from helpers import small_run
from wgan.data import find_pack
from wgan.errors import InputError
from wgan.language import using
from wgan.runs import WeightsFile
from wgan.share.explore import RUNTIME, write_explore

HOSTILE = "<script>window.hit=1<!--"


def parts(page):
    text = page.read_text()
    found = dict(re.findall(r'<script type="text/plain" id="(\w+)">(.*?)</script>', text))
    return {name: gzip.decompress(base64.b64decode(content)) for name, content in found.items()}


def facts(page):
    return json.loads(re.search(r'id="facts">(.*?)</script>', page.read_text())[1])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("explored") / "digits-run")


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    return write_explore(run, tmp_path_factory.mktemp("pages") / "page.html")


def test_the_runtime_is_what_its_checksums_say():
    listed = [line.split() for line in (RUNTIME / "SHA256SUMS").read_text().splitlines()]
    assert len(listed) == 2
    for checksum, name in listed:
        content = gzip.decompress((RUNTIME / f"{name}.gz").read_bytes())
        assert hashlib.sha256(content).hexdigest() == checksum
    version = (RUNTIME / "VERSION").read_text().strip()
    bundle = gzip.decompress((RUNTIME / "ort.wasm.bundle.min.mjs.gz").read_bytes())
    assert f"ONNX Runtime Web v{version}".encode() in bundle[:200]
    assert "MIT License" in (RUNTIME / "LICENSE").read_text()


def test_a_page_has_the_generator_and_nothing_of_the_data(run, written):
    made = written
    inside = parts(made.path)
    assert {*inside} == {"runtime", "wasm", "model", "expected"}
    expected = np.frombuffer(inside["expected"], np.float32).reshape(4, 1, 8, 8)
    assert np.array_equal(expected, run.sample(4, units=True).numpy())
    text = made.path.read_text()
    private = [str(run.path.parent), str(Path(explore.__file__).parents[1]), sys.prefix, "stack_trace"]
    for content in [text.encode(), inside["model"], inside["expected"]]:
        assert not [place for place in private if place.encode() in content], "no place of this machine"
    assert "contains no training sample" in text
    assert made.neighbours == 0
    assert made.bytes == made.path.stat().st_size
    assert made.cost.difference <= 1


def test_the_policy_lets_only_its_own_script_run(written):
    text = written.path.read_text()
    [script] = re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert f"'sha256-{allowed}'" in policy
    assert policy.startswith("default-src 'none'"), "so that nothing is loaded or sent"
    assert "connect-src" not in policy


def test_training_samples_are_in_it_only_if_they_were_asked_for(tmp_path, run):
    made = write_explore(run, tmp_path / "page.html", neighbours=5)
    reals = np.frombuffer(parts(made.path)["reals"], np.float32).reshape(-1, 1, 8, 8)
    assert made.neighbours == len(reals) == facts(made.path)["neighbours"] == 5
    from sklearn.datasets import load_digits

    known = {row.tobytes() for row in np.rint(load_digits().images * 255 / 16).astype(np.uint8)}
    assert {row.tobytes() for row in np.rint((reals[:, 0] + 1) * 127.5).astype(np.uint8)} <= known
    assert "contains 5 training samples" in made.path.read_text()


def test_they_are_those_that_it_was_trained_on_as_its_networks_saw_them(tmp_path):
    values = np.random.default_rng(0).uniform(0, 40, (30, 8, 8)).astype(np.float32)
    values[0, 0, 0], values[1, 0, 0] = 0, 40  # the range of the data, which is not that of the run
    settings = {"data.range": [0.0, 80.0], "data.holdout": 0.5, "training.batch_size": 8}
    run = wgan.train(values, steps=2, out=tmp_path / "run", settings=settings, progress=False)
    made = write_explore(run, tmp_path / "page.html", neighbours=30)
    reals = np.frombuffer(parts(made.path)["reals"], np.float32).reshape(-1, 8, 8)
    train, held_out = find_pack(run.provenance.data_digest).split(0.5)
    assert made.neighbours == len(train) == 15
    seen = values / 40 - 1
    np.testing.assert_allclose(reals, seen[train], atol=1e-6)
    assert not np.isclose(reals[:, None], seen[held_out][None], atol=1e-3).all(axis=(2, 3)).any()


def test_a_large_wish_for_them_is_cut_to_what_fits(tmp_path, run, monkeypatch):
    monkeypatch.setattr(explore, "REAL_BYTES", 4 * 64 * 7)
    assert write_explore(run, tmp_path / "page.html", neighbours=5000).neighbours == 7


def test_without_data_there_are_none_to_ask_for(tmp_path, generator):
    with pytest.raises(InputError, match="not in this machine's cache"):
        write_explore(generator("digits"), tmp_path / "page.html", neighbours=3)


def test_names_are_shown_and_not_run(tmp_path, generator):
    source = WeightsFile.open(generator("mixture").path.rename(tmp_path / f"{HOSTILE}.safetensors"))
    text = write_explore(source, tmp_path / "page.html").path.read_text()
    assert HOSTILE not in text
    assert "window.hit" in text, "it is shown"
    assert text.count("<script") == text.count("</script>") == 6


def test_other_files_are_not_overwritten(tmp_path, generator):
    target = tmp_path / "page.html"
    target.write_text("mine")
    with pytest.raises(InputError, match="is something else"):
        write_explore(generator("digits"), target)
    assert target.read_text() == "mine"


@pytest.mark.parametrize("value", [0.0, float("nan")])
def test_a_collapsed_generator_has_a_page_and_one_of_nan_an_error(tmp_path, generator, monkeypatch, value):
    source, network = generator("digits"), nn.Sequential(nn.Linear(6, 64), nn.Unflatten(1, (1, 8, 8))).eval()
    for weight in network.parameters():
        weight.data.fill_(value)
    monkeypatch.setattr(WeightsFile, "generator", lambda self, step=None: network)
    if np.isnan(value):
        with pytest.raises(InputError, match="not finite"):
            write_explore(source, tmp_path / "page.html")
    else:
        assert facts(write_explore(source, tmp_path / "page.html").path)["directions"] == []


@pytest.mark.parametrize("kind", ["points", "scans", "signals", "volumes"])
def test_every_kind_of_sample_has_a_page(tmp_path, generator, kind):
    source = generator(kind)
    made = write_explore(source, tmp_path / "page.html")
    said = facts(made.path)
    assert (said["kind"], tuple(said["shape"]), said["dtype"]) == (
        source.spec.kind,
        source.spec.shape,
        source.spec.dtype,
    )
    assert 0 < made.cost.typical <= made.cost.difference < 0.01 * made.cost.span
    assert len(said["directions"][0]) == said["latent_size"] == 6


def test_it_speaks_chinese(tmp_path, run):
    with using("zh"):
        text = write_explore(run, tmp_path / "page.html").path.read_text()
    assert '<html lang="zh"' in text
    assert "可以探索的生成器" in text
    assert "A generator to explore" not in text


def test_what_is_missing_stops_it_before_anything_is_written(tmp_path, run, monkeypatch):
    target = Path(tmp_path / "page.html")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"wgan\[export\]"):
        write_explore(run, target)
    assert not target.exists()
