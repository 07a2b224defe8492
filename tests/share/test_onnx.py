"""A generator as ONNX: onnxruntime makes what PyTorch makes, of the same latents, asked in the user's words."""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

import wgan
from helpers import CONDITIONS
from share.conftest import SPECS
from wgan.errors import InputError
from wgan.runs import WeightsFile
from wgan.share.onnx import AsSeen, exported, write_onnx


def session(file):
    return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("kind", SPECS)
def test_onnxruntime_makes_what_pytorch_makes(tmp_path, generator, kind):
    source = generator(kind)
    report = write_onnx(source, tmp_path / "model.onnx")
    onnx.checker.check_model(str(report.path), full_check=True)
    spec = source.spec
    for n in (1, 5):  # any number of samples
        feed = {"latents": source.latents(n, seed=3).numpy()}
        words = {}
        for part in spec.condition.parts if spec.condition else ():
            word, value = {
                "class": ("dog", np.full(n, 1, np.int64)),
                "labels": ("red|round", np.ones((n, 2), np.float32)),
                "number": (33.5, np.full(n, 33.5)),
            }[part.kind]
            words[part.name], feed[f"condition/{part.name}"] = word, value
        made = session(report.path).run(["samples"], feed)[0]
        expected = source.sample(n, seed=3, units=True, condition=words or None).numpy()
        assert made.dtype == expected.dtype == np.dtype(spec.dtype)
        assert made.shape == (n, *spec.shape)
        if made.dtype.kind in "iu":  # where a value lies between two, either may be the nearest
            assert np.abs(made.astype(int) - expected).max() <= 1
            assert (made != expected).mean() < 0.01
        else:
            np.testing.assert_allclose(made, expected, rtol=1e-5, atol=1e-4)


def test_the_difference_that_is_reported_is_that_of_the_file(tmp_path, generator):
    source = generator("points")
    report = write_onnx(source, tmp_path / "model.onnx")
    made = session(report.path).run(None, {"latents": source.latents(64).numpy()})[0]
    expected = source.sample(64).numpy()
    assert report.difference == pytest.approx(np.abs(made.astype(float) - expected).max())
    assert report.span == pytest.approx(np.ptp(expected.astype(float)))
    assert report.bytes == report.path.stat().st_size


def test_a_model_says_what_it_takes_and_makes(tmp_path, generator):
    report = write_onnx(generator("mixture"), tmp_path / "model.onnx")
    [entry] = [entry for entry in onnx.load(report.path).metadata_props if entry.key == "wgan"]
    known = json.loads(entry.value)
    assert known["shape"] == [1, 16, 16]
    assert known["latent_size"] == 6
    assert [part["name"] for part in known["condition"]] == list(CONDITIONS["mixture"].names)
    assert known["condition"][0]["names"] == ["cat", "dog", "eel"]
    assert known["condition"][2]["range"] == [10.0, 90.0]
    assert str(tmp_path) not in str(onnx.load(report.path).metadata_props), "and no place of this machine"


def test_half_the_size_for_weights_as_close_as_fp16_is(tmp_path, generator):
    source = generator("colours")
    network, z = source.generator(), source.latents(8)
    files = {}
    for half in (False, True):
        model = exported(AsSeen(network), (z[:2],), ["latents"], "it", half=half)
        files[half] = tmp_path / f"{half}.onnx"
        onnx.save(model, files[half])
    onnx.checker.check_model(str(files[True]), full_check=True)
    weights = list(map(onnx.numpy_helper.to_array, onnx.load(files[True]).graph.initializer))
    assert sum(one.nbytes for one in weights) < 0.52 * sum(4 * p.numel() for p in network.parameters())
    made, exact = (session(files[half]).run(None, {"latents": z.numpy()})[0] for half in (True, False))
    assert 0 < np.abs(made - exact).max() < 2e-3


def test_weights_beyond_fp16_stay_in_fp32(tmp_path, generator):
    source = generator("colours")
    network = source.generator()
    first = next(iter(network.parameters()))
    first.data *= 1e7
    model = exported(AsSeen(network), (source.latents(2),), ["latents"], "it", half=True)
    onnx.save(model, tmp_path / "model.onnx")
    made = session(tmp_path / "model.onnx").run(None, {"latents": source.latents(3).numpy()})[0]
    np.testing.assert_allclose(made, network(source.latents(3)).numpy(), atol=2e-3)


@pytest.mark.parametrize("half", [False, True])
def test_a_model_holds_no_line_of_code_and_no_place(generator, half):
    """The exporter notes for every node where it came from."""
    source = generator("mixture")
    inputs = (source.latents(2), source.conditions(2))
    model = exported(AsSeen(source.generator()), inputs, ["latents", "condition"], "it", half=half)
    content = model.SerializeToString()
    for private in (b"stack_trace", b"site-packages", b".py", b"forward", str(Path(wgan.__file__).parent).encode()):
        assert private not in content, private


class Branching(nn.Module):
    """What torch cannot export: the numbers decide which layers there are."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 64)

    def forward(self, z):
        made = self.layer(z) if z.sum() > 0 else self.layer(-z)
        return made.tanh().reshape(-1, 1, 8, 8)


def test_a_network_that_cannot_be_exported_is_refused_with_the_reason():
    with pytest.raises(InputError, match=r"torch cannot export the generator of mine to ONNX: .+\."):
        exported(AsSeen(Branching()), (torch.randn(2, 6),), ["latents"], "mine")


def test_a_missing_library_is_named(monkeypatch, tmp_path, generator):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnxscript" else object())
    with pytest.raises(InputError, match=r"needs onnxscript.*pip install \"wgan\[export\]\""):
        write_onnx(generator("digits"), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_a_file_that_is_no_generator_keeps_what_was_there(tmp_path, generator, monkeypatch):
    target = tmp_path / "model.onnx"
    target.write_bytes(write_onnx(generator("digits"), tmp_path / "other.onnx").path.read_bytes())
    before = target.read_bytes()
    monkeypatch.setattr(WeightsFile, "generator", lambda self, step=None: Branching())
    with pytest.raises(InputError):
        write_onnx(generator("digits"), target)
    assert target.read_bytes() == before


def test_other_files_are_not_overwritten(tmp_path, generator):
    target = tmp_path / "model.onnx"
    target.write_bytes(b"mine")
    with pytest.raises(InputError, match="is something else"):
        write_onnx(generator("digits"), target)
    assert target.read_bytes() == b"mine"
