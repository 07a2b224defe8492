"""What an array holds, by its shape and by whether its values lie in an order."""

import numpy as np
import pytest

from wgan.data import open_pack, open_source
from wgan.data.sources.forms import form_of
from wgan.errors import InputError

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("shape", "kind", "packed"),
    [
        ((50, 12), "points", (12,)),
        ((50, 12, 1000), "signal", (12, 1000)),
        ((50, 1000, 12), "signal", (12, 1000)),
        ((50, 1, 128), "signal", (1, 128)),
        ((50, 28, 28), "picture", (1, 28, 28)),
        ((50, 64, 128), "picture", (1, 64, 128)),
        ((50, 3, 32, 32), "picture", (3, 32, 32)),
        ((50, 32, 32, 4), "picture", (4, 32, 32)),
        ((50, 2, 32, 32), "picture", (2, 32, 32)),
        ((50, 5, 32, 32), "picture", (5, 32, 32)),
        ((50, 64, 64, 13), "picture", (13, 64, 64)),
        ((20, 16, 16, 16), "volume", (1, 16, 16, 16)),
        ((20, 10, 12, 14), "volume", (1, 10, 12, 14)),
        ((20, 2, 8, 9, 10), "volume", (2, 8, 9, 10)),
        ((20, 8, 9, 10, 2), "volume", (2, 8, 9, 10)),
    ],
)
def test_shapes_tell_kinds_and_channels(shape, kind, packed):
    pack = open_pack(open_source(RANDOM.normal(size=shape)))
    assert (pack.spec.kind, pack.shape) == (kind, packed)


def waves(count=200, length=128, noise=0.0):
    phase, pitch = RANDOM.uniform(0, 7, (count, 1)), RANDOM.uniform(1, 6, (count, 1))
    clean = np.sin(pitch * np.linspace(0, 2 * np.pi, length) + phase)
    return clean + noise * RANDOM.standard_normal(clean.shape)


@pytest.mark.parametrize("noise", [0, 0.1, 0.3])
def test_rows_whose_neighbours_are_alike_are_signals(noise):
    assert form_of(waves(noise=noise), "x").kind == "signal"
    assert form_of(np.cumsum(RANDOM.normal(size=(100, 64)), 1), "x").kind == "signal"


def test_columns_are_no_signals():
    assert form_of(RANDOM.normal(size=(100, 64)), "x").kind == "points"
    mixed = RANDOM.normal(size=(500, 40)) @ RANDOM.normal(size=(40, 40)) * np.exp(RANDOM.uniform(-3, 3, 40))
    assert form_of(mixed + RANDOM.uniform(-50, 50, 40), "x").kind == "points"
    assert form_of(waves(length=24), "x").kind == "points", "too few to be looked at"


def test_flattened_pictures_are_told_of_and_can_be_read():
    digits = open_pack(open_source("digits")).samples
    large = digits.repeat(2, 2).repeat(2, 3).reshape(-1, 256).astype(float)
    form = form_of(large, "x")
    assert form.kind == "points"
    assert "flattened picture of 16x16: --set data.kind=picture" in form.notes[0]
    pack = open_pack(open_source(large, "picture"))
    np.testing.assert_array_equal(pack.samples[:, 0], large.reshape(-1, 16, 16))


def test_a_kind_that_is_given_decides():
    values = RANDOM.normal(size=(10, 8, 32, 32))
    assert open_pack(open_source(values)).spec.kind == "picture"
    assert open_pack(open_source(values, "volume")).shape == (1, 8, 32, 32)
    assert open_pack(open_source(waves(), "points")).shape == (128,)
    assert open_pack(open_source(RANDOM.normal(size=(10, 64, 128)), "signal")).shape == (64, 128)
    with pytest.raises(InputError, match="cannot be read as volumes"):
        open_source(values[0, 0], "volume")
