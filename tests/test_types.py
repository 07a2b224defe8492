"""What a sample is: one value that says it, from a shape, to words, to networks and back."""

import pytest
import torch

from wgan.errors import InputError
from wgan.types import SampleSpec


@pytest.mark.parametrize(
    ("shape", "kind", "words", "channels", "size"),
    [
        ((1, 8, 8), "picture", "8x8 grey pictures", 1, (8, 8)),
        ((3, 64, 48), "picture", "64x48 RGB pictures", 3, (64, 48)),
        ((4, 2, 2), "picture", "2x2 RGBA pictures", 4, (2, 2)),
        ((2,), "points", "points in 2 dimensions", None, None),
    ],
)
def test_a_shape_that_comes_alone_has_a_usual_kind(shape, kind, words, channels, size):
    spec = SampleSpec.of(shape)
    assert (spec.kind, spec.shape, str(spec), spec.channels, spec.size) == (kind, shape, words, channels, size)
    assert SampleSpec.of(spec) is spec


@pytest.mark.parametrize("shape", [(), (1, 2), (1, 2, 3, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(InputError, match="neither a picture"):
        SampleSpec.of(shape)


def test_a_description_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="has 3 axes"):
        SampleSpec("picture", (8, 8), "uint8", 0.0, 255.0)
    with pytest.raises(ValueError, match="axes of uint8"):
        SampleSpec("picture", (1, 8, 8), "float32", 0.0, 255.0)
    for low, high in ((5.0, 5.0), (1.0, 0.0), (0.0, None), (None, None), (0.0, float("inf")), (float("nan"), 1.0)):
        with pytest.raises(ValueError, match="cannot lie between"):
            SampleSpec("picture", (1, 8, 8), "uint8", low, high)
    with pytest.raises(ValueError, match="cannot lie between"):
        SampleSpec("points", (2,), "float32", low=0.0)


def test_stored_values_and_samples_are_inverse_by_the_range():
    """Of 11 levels from 10 to 20: the ends are -1 and 1, and what lies outside is clipped."""
    spec = SampleSpec("picture", (1, 1, 11), "uint8", 10.0, 20.0)
    stored = torch.arange(10, 21, dtype=torch.uint8).reshape(1, 1, 1, 11)
    samples = spec.to_samples(stored)
    torch.testing.assert_close(samples.flatten(), torch.linspace(-1, 1, 11))
    assert torch.equal(spec.to_stored(samples), stored)
    assert spec.to_stored(torch.tensor([-3.0, 3.0]).reshape(1, 1, 1, 2)).flatten().tolist() == [10, 20]
    assert torch.equal(spec.as_shown(samples + 0.04), samples), "rounded to the nearest level"


def test_points_pass_as_they_are():
    points = torch.randn(5, 2)
    spec = SampleSpec.points(2)
    assert spec.to_samples(points) is points
    assert spec.as_shown(points) is points
