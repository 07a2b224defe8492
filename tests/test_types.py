"""What a sample is: one value that says it, from a shape, to words, to networks and back."""

import numpy as np
import pytest
import torch

from wgan.errors import InputError
from wgan.types import SampleSpec
from wgan.types.sample_spec import as_tensor


@pytest.mark.parametrize(
    ("shape", "kind", "words", "channels", "size"),
    [
        ((1, 8, 8), "picture", "8x8 grey pictures", 1, (8, 8)),
        ((3, 64, 48), "picture", "64x48 RGB pictures", 3, (64, 48)),
        ((4, 2, 2), "picture", "2x2 RGBA pictures", 4, (2, 2)),
        ((5, 2, 2), "picture", "2x2 5-channel pictures", 5, (2, 2)),
        ((2,), "points", "points in 2 dimensions", None, None),
        ((1, 128), "signal", "signals of 128 values", 1, (128,)),
        ((12, 128), "signal", "12-channel signals of 128 values", 12, (128,)),
        ((1, 4, 8, 16), "volume", "4x8x16 volumes", 1, (4, 8, 16)),
    ],
)
def test_a_shape_that_comes_alone_has_a_usual_kind(shape, kind, words, channels, size):
    spec = SampleSpec.of(shape)
    assert (spec.kind, spec.shape, str(spec), spec.channels, spec.size) == (kind, shape, words, channels, size)
    assert SampleSpec.of(spec) is spec


@pytest.mark.parametrize("shape", [(), (1, 2, 3, 4, 5)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(InputError, match="is no point"):
        SampleSpec.of(shape)


def test_a_description_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="has 3 axes"):
        SampleSpec("picture", (8, 8), "uint8", 0.0, 255.0)
    with pytest.raises(ValueError, match="1 axes, not"):
        SampleSpec("points", (8,), "uint8")
    for low, high in ((5.0, 5.0), (1.0, 0.0), (0.0, None), (None, 1.0), (0.0, float("inf")), (float("nan"), 1.0)):
        with pytest.raises(ValueError, match="cannot lie between"):
            SampleSpec("picture", (1, 8, 8), "uint8", low, high)
    with pytest.raises(ValueError, match="cannot lie between"):
        SampleSpec("points", (2,), "float32", low=0.0)
    for spread in ((1.0,), (1.0, 0.0), (1.0, -1.0)):
        with pytest.raises(ValueError, match="cannot have columns"):
            SampleSpec("points", (2,), "float32", centre=(0.0, 0.0), spread=spread)
    with pytest.raises(ValueError, match="cannot have 3 names"):
        SampleSpec("points", (2,), "float32", names=("a", "b", "c"))


def test_stored_values_and_samples_are_inverse_by_the_range():
    """Of 11 levels from 10 to 20: the ends are -1 and 1, and what lies outside is clipped."""
    spec = SampleSpec("picture", (1, 1, 11), "uint8", 10.0, 20.0)
    stored = torch.arange(10, 21, dtype=torch.uint8).reshape(1, 1, 1, 11)
    samples = spec.to_samples(stored)
    torch.testing.assert_close(samples.flatten(), torch.linspace(-1, 1, 11))
    assert torch.equal(spec.to_stored(samples), stored)
    assert spec.to_stored(torch.tensor([-3.0, 3.0]).reshape(1, 1, 1, 2)).flatten().tolist() == [10, 20]
    assert torch.equal(spec.as_shown(samples + 0.04), samples), "rounded to the nearest level"


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [("uint16", 0, 4095), ("uint16", 0, 65535), ("int16", -1024, 3071), ("int16", -32768, 32767)],
)
def test_integers_of_16_bits_come_back_exactly(dtype, low, high):
    """From what a device gathers (uint16 as its bits), over every level, and from the other side by NumPy."""
    spec = SampleSpec("picture", (1, 1, high - low + 1), dtype, low, high)
    levels = np.arange(low, high + 1, dtype=dtype)[None, None, None]
    samples = spec.to_samples(as_tensor(levels))
    np.testing.assert_allclose(samples.flatten(), 2 * (levels.flatten() - float(low)) / (high - low) - 1, atol=1e-6)
    np.testing.assert_array_equal(spec.to_stored(samples).numpy(), levels)
    assert spec.to_pixels(samples).flatten()[[0, -1]].tolist() == [0, 255]


def test_a_range_within_the_values_clips():
    spec = SampleSpec("signal", (1, 3), "float32", 0.0, 10.0)
    samples = spec.to_samples(torch.tensor([[[-5.0, 5.0, 50.0]]]))
    assert samples.flatten().tolist() == [-1, 0, 1]
    assert spec.to_stored(samples).flatten().tolist() == [0, 5, 10]


def test_columns_are_standardised_and_back():
    spec = SampleSpec("points", (2,), "float32", centre=(10.0, -1.0), spread=(2.0, 0.5))
    samples = spec.to_samples(torch.tensor([[12.0, -1.0], [10.0, 0.0]]))
    assert samples.tolist() == [[1, 0], [0, 2]]
    assert spec.to_stored(samples).tolist() == [[12, -1], [10, 0]]


def test_pictures_of_other_channels_are_shown_through_three():
    samples = torch.linspace(-1, 1, 7).reshape(1, 7, 1, 1)
    shown = SampleSpec("picture", (7, 1, 1), "float32", 0.0, 1.0).to_pixels(samples)
    assert shown.flatten().tolist() == [0, 128, 255]
    two = SampleSpec("picture", (2, 1, 1), "uint16", 0.0, 1.0).to_pixels(torch.ones(1, 2, 1, 1))
    assert two.flatten().tolist() == [255, 255, 0]
    bands = SampleSpec("picture", (4, 1, 1), "uint16", 0.0, 1.0)
    assert bands.to_pixels(torch.ones(1, 4, 1, 1)).shape == (1, 3, 1, 1), "four bands are no opacity"


def test_points_pass_as_they_are():
    points = torch.randn(5, 2)
    spec = SampleSpec.points(2)
    assert spec.to_samples(points) is points
    assert spec.as_shown(points) is points


def test_stored_values_stay_within_their_type():
    """A range may be wider than the type; what is stored may not."""
    spec = SampleSpec("picture", (1, 1, 2), "uint8", -100.0, 300.0)
    assert spec.to_stored(torch.tensor([[[[-1.0, 1.0]]]])).flatten().tolist() == [0, 255]
