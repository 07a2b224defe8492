"""Stacked pictures: each channel is a labelled picture of the base, on one side of the split only."""

from itertools import islice

import numpy as np
import pytest

from wgan.data import Arrays, Digits, Stacked, open_pack, open_source, unstacked
from wgan.data.sources import stacked as module
from wgan.errors import InputError
from wgan.evaluation import Evaluator


@pytest.fixture
def few(monkeypatch):
    """Fewer stacks, for speed."""
    monkeypatch.setattr(module, "TRAIN", 600)
    monkeypatch.setattr(module, "TEST", 600)


def test_counts_are_those_published():
    """Lin et al. 2018, section 4.2: 128,000 for training, 26,000 for counting modes."""
    assert (module.TRAIN, module.TEST) == (128_000, 26_000)
    assert Stacked(Digits()).survey().count == 154_000


def test_channels_are_the_bases_pictures_and_the_label_is_theirs(few):
    base = [(item.value[..., 0].tobytes(), item.label) for item in Digits().samples()]
    labels, places = dict(base), {picture: place for place, (picture, _) in enumerate(base)}
    source = open_source("stacked:digits")
    names = source.label_names()
    assert (len(names), names[0], names[407], names[-1]) == (1000, "0·0·0", "4·0·7", "9·9·9")
    sides = {False: set(), True: set()}
    for item in source.samples():
        channels = [np.ascontiguousarray(item.value[..., channel]).tobytes() for channel in range(3)]
        assert names[item.label] == "·".join(str(labels[picture]) for picture in channels)
        sides[item.test] |= {places[picture] for picture in channels}
    assert not sides[False] & sides[True], "no picture is on both sides"
    assert len(sides[True]) == 180
    again = next(islice(open_source("stacked:digits").samples(), 9, None))
    first = next(islice(source.samples(), 9, None))
    assert np.array_equal(again.value, first.value)


def test_names_of_stacks_are_known_again():
    assert unstacked(Stacked(Digits()).label_names()) == tuple("0123456789")
    assert unstacked(tuple("0123456789")) is None
    assert unstacked(tuple(map(str, range(1000)))) is None
    assert unstacked(()) is None


def test_real_stacks_have_all_modes_and_one_digit_has_one(few):
    pack = open_pack(open_source("stacked:digits"))
    assert pack.shape == (3, 8, 8)
    judge = Evaluator(pack, 0.1, ["stacked_modes", "stacked_kl"])
    assert judge.n == 600
    # 600 draws of 1,000 modes find 1000 (1 - 0.999^600) of them
    assert judge.floors["stacked_modes"] == pytest.approx(1000 * (1 - 0.999**600), abs=40)
    one = pack.samples_at(np.zeros(50, int))
    values = judge.evaluate([one], 50).values
    assert values["stacked_modes"] == 1
    assert values["stacked_kl"] == pytest.approx(np.log(1000))
    grey = pack.samples_at(np.flatnonzero(pack.labels >= 0)[:400])
    same = grey[:, :1].expand(-1, 3, -1, -1)  # all channels alike: at most ten modes of the thousand
    found = judge.evaluate([same], 400).values["stacked_modes"]
    assert found == 10


def test_what_cannot_be_stacked_is_told():
    with pytest.raises(InputError, match="cannot be stacked"):
        Stacked(Arrays(np.zeros((5, 8, 8), np.uint8)))
    with pytest.raises(InputError, match="cannot be stacked"):
        open_source("stacked:toy:ring8")
