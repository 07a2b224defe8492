"""Augmentation in a run: what "auto" chooses, what is refused, and what a critic is shown to see."""

import numpy as np
import pytest
import torch

from changes import changed, drawn
from helpers import small_experiment
from wgan.augmentation import AUGMENTATIONS
from wgan.data import no_progress
from wgan.errors import InputError
from wgan.experiment.describe import described
from wgan.experiment.plan import plan
from wgan.training import Stream, random_numbers
from wgan.views import picture

POINTS = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
PICTURES = np.random.default_rng(1).integers(0, 256, (30, 3, 16, 16), np.uint8)


@pytest.mark.parametrize(
    ("asked", "name"), [({}, "none"), ({"augmentation": "auto"}, "diffaugment"), ({"augmentation": "ada"}, "ada")]
)
def test_a_named_recipe_keeps_its_own_unless_it_is_asked(tmp_path, asked, name):
    found = plan(PICTURES, recipe="wgan-gp-celeba", out=tmp_path / "run", settings={"data.size": [16, 16], **asked})
    assert type(found.config.augmentation) is AUGMENTATIONS[name]


@pytest.mark.parametrize(("asked", "name"), [({}, "diffaugment"), ({"augmentation": "none"}, "none")])
def test_what_is_chosen_with_the_recipe_can_be_left_out(tmp_path, asked, name):
    found = plan(PICTURES, out=tmp_path / "run", settings=asked)
    assert type(found.config.augmentation) is AUGMENTATIONS[name]


def test_where_nothing_is_held_out_ada_is_not_chosen(tmp_path):
    many = np.random.default_rng(2).integers(0, 256, (1200, 1, 16, 16), np.uint8)
    for holdout, name in ((0.1, "ada"), (0.0, "diffaugment")):
        found = plan(many, out=tmp_path / "run", settings={"data.holdout": holdout})
        assert type(found.config.augmentation) is AUGMENTATIONS[name]


def test_settings_of_what_auto_did_not_choose_are_refused(tmp_path):
    settings = {"augmentation": "auto", "augmentation.cutout": 0.0}
    with pytest.raises(InputError, match=r"auto chose no augmentation.*augmentation\.cutout"):
        plan("digits", out=tmp_path / "run", settings=settings)


@pytest.mark.parametrize("name", ["ada", "diffaugment"])
def test_points_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="Points cannot be shifted"):
        plan(POINTS, out=tmp_path / "run", settings={"augmentation": name})


def test_nothing_to_adapt_to_is_refused(tmp_path):
    with pytest.raises(InputError, match="none are held out"):
        small_experiment(tmp_path / "run", augmentation="ada", data__holdout=0.0)


def test_a_sheet_shows_what_a_critic_sees(tmp_path):
    """The same picture as of samples that a second implementation changed."""
    found = described(PICTURES, {"augmentation": "diffaugment", "augmentation.cutout": 0.25}, no_progress)
    made = drawn(random_numbers(0, Stream.CRITIC_VIEWS), (16, 16), len(PICTURES), 1.0, cutout=0.25)
    seen = [changed(one / 127.5 - 1, change) for one, change in zip(PICTURES, made, strict=True)]
    spec = found.pack.spec
    expected = picture(torch.tensor(np.stack(seen)).float(), spec, 10, real=True)
    difference = np.abs(np.asarray(found.sheet(changed=True), int) - np.asarray(expected, int))
    assert difference.max() <= 1
    as_they_are = picture(torch.from_numpy(PICTURES / 127.5 - 1).float(), spec, 10, real=True)
    assert np.array_equal(np.asarray(found.sheet()), np.asarray(as_they_are))
    with pytest.raises(InputError, match="Points"):
        described(POINTS, {}, no_progress).sheet(changed=True)
