"""What a conditional run writes about its condition, and what is refused before its first step."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from wgan import InputError, train
from wgan.experiment.comparing import comparisons_of
from wgan.experiment.leaking import leaks_of
from wgan.experiment.plan import plan

HEARD = {"matched", "held_out_matched", "moved", "moved_real"}
BY_LABEL = {"data.condition": ("label",)}
SHORT = {"training.critic_steps": 1, "output.log_every": 5, "networks.generator_widths": (16,)}


class Player(nn.Module):
    """A linear network that may drop its condition."""

    def __init__(self, inputs, *shape, heard=True):
        super().__init__()
        self.heard = heard
        self.layers = nn.Sequential(nn.Linear(inputs + 10, int(np.prod(shape))), nn.Unflatten(1, shape))

    def forward(self, x, condition):
        return self.layers(torch.cat([x.flatten(1), condition * self.heard], dim=1))


@pytest.fixture(scope="module", params=[True, False], ids=["by-label", "plain"])
def run(request, tmp_path_factory):
    settings = SHORT | (BY_LABEL if request.param else {})
    return train("digits", steps=10, out=tmp_path_factory.mktemp("run") / "r", settings=settings, progress=False)


def test_lines_and_comparisons_say_whether_a_condition_is_heard_and_shown(run):
    conditional = bool(run.config.data.condition)
    for line in run.metrics():
        assert line.keys() & HEARD == (HEARD if conditional else set())
    for row in run.comparisons():
        answers = {name for name in row["metrics"] if " " in name}
        assert answers == ({"asked label", "narrowest label"} if conditional else set())
        narrowest = row["metrics"].get("narrowest label", {"value": 1.0, "floor": 1.0})
        assert ("alike" in row) == (narrowest["value"] < 0.3 * narrowest["floor"])


def test_what_is_known_of_leaks_is_kept(run):
    leaks = run.wiring.leaks
    assert [leak.part for leak in leaks] == list(run.config.data.condition)
    assert run.wiring.leaking is None


@pytest.mark.parametrize("player", ["generator", "critic"])
def test_a_network_that_drops_its_condition_is_refused(player, tmp_path):
    heard = {name: name != player for name in ("generator", "critic")}
    parts = {
        "generator": Player(16, 1, 8, 8, heard=heard["generator"]),
        "critic": Player(64, 1, heard=heard["critic"]),
    }
    with pytest.raises(InputError, match=f"The {player} .* whatever .* second argument.*condition-ignored"):
        train("digits", steps=1, out=tmp_path / "r", settings=BY_LABEL, progress=False, **parts)
    assert not (tmp_path / "r").exists()
    ignored = BY_LABEL | {"ignore": ["condition-ignored"]}
    train("digits", steps=1, out=tmp_path / "r", settings=ignored, progress=False, **parts)


def test_samples_are_compared_with_what_they_are_asked_for():
    planned = plan("digits", settings=BY_LABEL)
    comparer = comparisons_of(planned).comparer
    classes = comparer.asked.argmax(1).tolist()
    assert classes == list(comparer.labels[: comparer.count])
    assert comparer.pool_conditions.sum(1).eq(1).all()


@pytest.mark.parametrize("lots", [True, False])
def test_labels_that_only_copies_tell_leak(lots, tmp_path):
    """Digits, each five times with a little noise: by lot, and by what they are."""
    random = np.random.default_rng(0)
    found = load_digits()
    kept = np.repeat(random.permutation(1797)[:200], 5)
    noise = random.integers(-3, 4, (1000, 8, 8))
    pictures = (found.images[kept] * 255 / 16 + noise).clip(0, 255).astype(np.uint8)
    drawn = np.repeat(random.integers(0, 4, 200), 5)
    np.savez(tmp_path / "copied.npz", x=pictures, y=drawn if lots else found.target[kept])
    (leak,) = leaks_of(plan(tmp_path / "copied.npz", settings=BY_LABEL))
    assert leak.copied > 0.9
    assert (leak.nearest > 0.9, leak.certain) == (True, lots)


def test_without_a_condition_nothing_is_looked_for():
    assert leaks_of(plan("digits")) == ()
