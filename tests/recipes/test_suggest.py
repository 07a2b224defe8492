"""The recipe for data of which nothing else is known, and the reasons given for it."""

import pytest

from wgan.recipes.suggest import FEW_PICTURES, recipe_for
from wgan.types import SampleSpec

MANY = 50_000


@pytest.mark.parametrize(
    ("shape", "count", "recipe", "size", "reasons"),
    [
        ((2,), MANY, "wgan-gp-toy", None, ["points"]),
        ((1, 8, 8), 1797, "wgan-gp-digits", (8, 8), ["1,797 grey pictures of 8x8", "small MLPs"]),
        ((3, 12, 10), MANY, "wgan-gp-digits", (12, 10), ["colour", "12x10"]),
        ((1, 28, 28), MANY, "wgan-gp-mnist", (28, 28), ["50,000 grey pictures of 28x28", "MLPs"]),
        ((3, 28, 28), MANY, "wgan-gp-celeba", (28, 28), ["colour pictures of 28x28", "convolutions", "wgan-gp-anime"]),
        ((1, 64, 48), MANY, "wgan-gp-celeba", (64, 48), ["grey pictures of 64x48"]),
        ((3, 218, 178), MANY, "wgan-gp-celeba", (64, 64), ["218x178", "scaled to 64x64", "--size"]),
        ((3, 50, 50), MANY, "wgan-gp-celeba", (64, 64), ["scaled to 64x64"]),
    ],
)
def test_shape_and_number_choose_the_recipe(shape, count, recipe, size, reasons):
    config, why = recipe_for(SampleSpec.of(shape), count)
    assert config.recipe == recipe
    assert config.data.size == size
    assert config.data.channels == (shape[0] if size else None)
    for reason in reasons:
        assert reason in why


def test_a_size_that_was_asked_for_decides():
    config, why = recipe_for(SampleSpec.picture(3, 218, 178), MANY, size=(32, 48))
    assert (config.recipe, config.data.size) == ("wgan-gp-celeba", (32, 48))
    assert "218x178, scaled to 32x48, need convolutions" in why
    assert "--size" not in why
    assert "pictures of 20 sizes, scaled to 64x64, need" in recipe_for(SampleSpec.picture(3, 64, 64), 20, sizes=20)[1]
    assert recipe_for(SampleSpec.picture(1, 64, 64), MANY, size=(28, 28))[0].recipe == "wgan-gp-mnist"


@pytest.mark.parametrize(("count", "flip"), [(FEW_PICTURES - 1, True), (FEW_PICTURES, False)])
def test_mirrored_pictures_are_added_to_few(count, flip):
    config, why = recipe_for(SampleSpec.picture(3, 64, 64), count)
    assert config.data.flip == flip
    assert ("mirrored" in why) == flip
