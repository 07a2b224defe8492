"""Extractors give the same numbers everywhere, leave global state alone, and say why they are not available."""

import sys
import types

import numpy as np
import pytest
import torch

from wgan.data import no_progress, open_pack, open_source
from wgan.errors import InputError
from wgan.metrics import EXTRACTORS, METRICS, DataInfo
from wgan.metrics.extractors.classifier import train_classifier
from wgan.metrics.extractors.random_network import RandomNetwork
from wgan.types import SampleSpec


def waves(count, channels, side):
    """Pictures that are the same everywhere."""
    places = torch.linspace(0, 3, side, dtype=torch.float64)
    phases = torch.arange(count * channels, dtype=torch.float64).reshape(count, channels, 1, 1)
    return torch.sin(phases + places[:, None] * (1 + phases % 3) + places**2).float()


PINNED = {(1, 8, 8): 46.496246, (3, 32, 32): 25.154601, (3, 100, 80): 71.268884}


@pytest.mark.parametrize("shape", PINNED)
def test_the_random_network_gives_the_pinned_features(shape):
    pictures = waves(40, shape[0], max(shape[1:]))[:, :, : shape[1], : shape[2]]
    features = RandomNetwork(shape, pictures)(pictures)
    assert features.shape == (40, 128)
    torch.testing.assert_close(features.mean(0), torch.zeros(128), atol=1e-4, rtol=0)
    assert features.var(0, correction=0).mean() == pytest.approx(1, rel=1e-4)
    checksum = (features.double() * torch.cos(torch.arange(128.0))).sum(1).square().mean()
    assert float(checksum) == pytest.approx(PINNED[shape], rel=1e-4)


def test_the_random_network_draws_nothing_from_torch():
    state = torch.get_rng_state()
    RandomNetwork((1, 8, 8), waves(4, 1, 8))
    assert torch.equal(torch.get_rng_state(), state)


def test_batches_do_not_change_features():
    pictures = waves(30, 1, 12)
    network = RandomNetwork((1, 12, 12), pictures)
    torch.testing.assert_close(torch.cat([network(part) for part in pictures.split(7)]), network(pictures))


@pytest.fixture(scope="module")
def digits():
    pack = open_pack(open_source("digits"))
    return pack.samples_at(np.arange(len(pack))), pack.labels, *pack.split(0.1)


def test_the_classifier_of_digits_is_good_repeatable_and_disturbs_nothing(digits):
    samples, labels, train, held_out = digits
    state, threads = torch.get_rng_state(), torch.get_num_threads()

    def trained():
        return train_classifier(
            SampleSpec.picture(1, 8, 8), 10, lambda places: samples[places], labels, train, held_out, no_progress
        )

    classifier = trained()
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert classifier.accuracy > 0.97
    right = classifier(samples[held_out]).argmax(1).numpy() == labels[held_out]
    assert float(classifier.accuracy) == pytest.approx(right.mean())
    assert int(classifier.judged_on) == len(held_out)
    again = trained().state_dict()
    assert all(torch.equal(value, again[name]) for name, value in classifier.state_dict().items())


def subject(shape=(3, 8, 8), **known):
    return DataInfo(SampleSpec.of(shape), lambda: torch.zeros(2, *shape), **known)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("class_balance", "need labelled data"),
        ("classifier_frechet", "have no labels"),
        ("stacked_kl", "stacked:mnist"),
        ("reverse_kl", "toy:ring8"),
    ],
)
def test_what_data_cannot_give_is_told(name, told):
    with pytest.raises(InputError, match=told):
        EXTRACTORS[METRICS[name].extractor](subject())


def test_inception_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(InputError, match="pip install torch-fidelity"):
        EXTRACTORS["inception"](subject())


class StandIn(torch.nn.Module):
    """As torch-fidelity's extractor is called: bytes (B, 3, H, W) in, a tuple of features out."""

    def __init__(self, name, features_list, feature_extractor_weights_path=None):
        super().__init__()
        assert features_list == ["2048"]
        if feature_extractor_weights_path is None:
            raise OSError("no network")

    def forward(self, pixels):
        assert pixels.dtype == torch.uint8
        assert pixels.shape[1] == 3
        return (pixels.double().flatten(1)[:, :1].expand(-1, 2048),)


@pytest.fixture
def fidelity(monkeypatch):
    module = types.ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    module.FeatureExtractorInceptionV3 = StandIn
    monkeypatch.setitem(sys.modules, "torch_fidelity", types.ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_inception_sees_bytes_in_three_channels(fidelity, tmp_path):
    torch.save({"w": torch.zeros(1)}, tmp_path / "weights.pth")
    extractor = EXTRACTORS["inception"](subject((1, 8, 8), inception_weights=str(tmp_path / "weights.pth")))
    features = extractor(torch.full((2, 1, 8, 8), 0.5))
    assert features.shape == (2, 2048)
    assert features.dtype == torch.float32
    assert (features == 191).all()  # (0.5 + 1) · 127.5, rounded


def test_inception_offline_and_files_that_are_no_weights_are_told(fidelity, tmp_path):
    with pytest.raises(InputError, match=r"no network.*WGAN_INCEPTION"):
        EXTRACTORS["inception"](subject())
    with pytest.raises(InputError, match="cannot be read as weights"):
        EXTRACTORS["inception"](subject(inception_weights=str(tmp_path / "nowhere.pth")))

    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("code in a file of weights was run",))

    torch.save(Evil(), tmp_path / "evil.pth")
    with pytest.raises(InputError, match="cannot be read as weights"):
        EXTRACTORS["inception"](subject(inception_weights=str(tmp_path / "evil.pth")))
    with pytest.raises(InputError, match="grey or RGB"):
        EXTRACTORS["inception"](subject((4, 8, 8)))
