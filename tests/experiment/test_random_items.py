"""Datasets that draw at random: each item is drawn once and kept, the user is told, and a stopped run goes on."""

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

import wgan
from wgan.data import find_pack, open_source
from wgan.errors import InputError

PICTURES = torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(0))
SETTINGS = {"output.log_every": 5, "training.batch_size": 8, "threads": 1}


class Flipped(Dataset):
    def __init__(self, pictures=PICTURES, chance=0.5):
        self.pictures, self.chance = pictures, chance

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, i):
        picture = self.pictures[i]
        return picture.flip(-1) if torch.rand(()) < self.chance else picture


@pytest.fixture(autouse=True)
def _a_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WGAN_CACHE", str(tmp_path / "cache"))


def train(tmp_path, data, steps, **given):
    return wgan.train(data, out=tmp_path / "run", steps=steps, settings=SETTINGS, progress=False, **given)


@pytest.fixture
def told(monkeypatch):
    """What the user is told."""
    lines = []
    monkeypatch.setattr("wgan.views.terminal.Terminal.say", lambda self, text: lines.append(text))
    return lines


def test_a_stopped_run_goes_on_with_what_was_drawn_and_its_user_is_told_once(tmp_path, told):
    run = train(tmp_path, Flipped(), 5)
    notes = [line for line in told if line.startswith("note: ")]
    assert any("The items of flipped are others each time" in note and "data.flip" in note for note in notes)
    digest = run.provenance.data_digest
    told.clear()
    again = train(tmp_path, Flipped(), 10)
    assert (max(again.checkpoints()), again.provenance.data_digest) == (10, digest)
    assert not [line for line in told if "each time" in line]
    kept = find_pack(digest).spec.to_samples(torch.from_numpy(np.array(find_pack(digest).samples)))
    either = [(kept - 2 * one + 1).abs().amax((1, 2, 3)) < 0.01 for one in (PICTURES, PICTURES.flip(-1))]
    assert (either[0] ^ either[1]).all()
    assert 0 < either[0].sum() < len(PICTURES)


def test_a_run_that_starts_afresh_draws_again(tmp_path):
    first = train(tmp_path, Flipped(), 5).provenance.data_digest
    assert train(tmp_path, Flipped(), 5, fresh=True).provenance.data_digest != first


@pytest.mark.parametrize("other", [PICTURES[:30], PICTURES[:, :, :, :4].repeat(1, 1, 2, 4)])
def test_another_number_or_shape_of_items_is_another_run(tmp_path, other):
    train(tmp_path, Flipped(), 5)
    with pytest.raises(InputError, match="holds another run"):
        train(tmp_path, Flipped(other), 10)


def test_items_that_are_not_drawn_are_what_they_are(tmp_path, told):
    assert not open_source(Flipped(chance=0)).redraws
    assert open_source(Flipped()).redraws
    train(tmp_path, Flipped(chance=0), 5)
    assert not [line for line in told if "each time" in line]
    train(tmp_path, Flipped(chance=0), 7)
    with pytest.raises(InputError, match="other contents"):
        train(tmp_path, Flipped(PICTURES.flip(0), chance=0), 10)
