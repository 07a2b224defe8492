"""The recipe for data of which nothing else is known, and the reasons given for it."""

from collections import Counter

import numpy as np
import pytest

from wgan.augmentation import AUGMENTATIONS
from wgan.data import Survey
from wgan.diagnosis.setup import ALWAYS_CHANGED
from wgan.experiment.plan import choose
from wgan.recipes import recipe
from wgan.recipes.suggest import CHANGED, FEW_PICTURES, cut_off, recipe_for

MANY = 50_000


def pictures(channels, *size, count=MANY, others=()):
    """The survey of pictures of one size, or of several."""
    sizes = Counter({size: count - len(others)}) + Counter(others)
    return Survey(count, sizes, Counter({"L" if channels == 1 else "RGB": count}))


@pytest.mark.parametrize(
    ("shape", "count", "name", "size", "reasons"),
    [
        ((1, 8, 8), 1797, "wgan-gp-digits", (8, 8), ["1,797 grey pictures of 8x8", "small MLPs"]),
        ((3, 12, 10), MANY, "wgan-gp-digits", (12, 10), ["colour", "12x10"]),
        ((1, 28, 28), MANY, "wgan-gp-mnist", (28, 28), ["50,000 grey pictures of 28x28", "MLPs"]),
        ((3, 28, 28), MANY, "wgan-gp-celeba", (28, 28), ["colour pictures of 28x28", "convolutions", "wgan-gp-anime"]),
        ((1, 64, 48), MANY, "wgan-gp-celeba", (64, 48), ["grey pictures of 64x48"]),
        ((3, 218, 178), MANY, "wgan-gp-celeba", (64, 64), ["218x178", "scaled to 64x64", "--size"]),
        ((3, 50, 50), MANY, "wgan-gp-celeba", (64, 64), ["scaled to 64x64"]),
        ((3, 128, 64), MANY, "wgan-gp-celeba", (128, 64), ["128x64 need convolutions"]),
        ((3, 1080, 1920), MANY, "wgan-gp-celeba", (64, 112), ["scaled to 64x112"]),
        ((3, 2000, 200), MANY, "wgan-gp-celeba", (128, 64), ["80% of their area is cut off"]),
    ],
)
def test_shape_and_number_choose_the_recipe(shape, count, name, size, reasons):
    config, why = recipe_for(pictures(*shape, count=count))
    assert config.recipe == name
    assert config.data.size == size
    assert config.data.channels == shape[0]
    for reason in reasons:
        assert reason in "; ".join(why)


@pytest.mark.parametrize(
    ("survey", "size"),
    [
        (pictures(3, 64, 64), (64, 64)),
        (pictures(3, 218, 178), (128, 128)),
        (pictures(3, 128, 128), (128, 128)),
        (pictures(1, 100, 100), (64, 64)),
        (pictures(3, 1080, 1920), (64, 112)),
        (pictures(3, 300, 300, others=[(301, 300)]), (128, 128)),
        (pictures(3, 90, 300, others=[(300, 90)]), (64, 64)),
    ],
)
def test_a_gpu_gets_wide_networks_and_large_pictures_more_pixels(survey, size):
    config, why = recipe_for(survey, device="cuda")
    assert (config.recipe, config.data.size) == ("wgan-gp-anime", size)
    assert config.training.steps == recipe("wgan-gp-anime").training.steps
    assert config.networks.generator_width > recipe_for(survey)[0].networks.generator_width
    assert why[-1] == "a GPU has the speed for wide networks"
    assert not any("try --recipe" in reason for reason in why)
    slow = recipe_for(survey, device="mps")
    assert slow == recipe_for(survey)
    assert slow[0].recipe == "wgan-gp-celeba"


@pytest.mark.parametrize(
    ("settings", "there", "name"),
    [
        ({}, False, "wgan-gp-celeba"),
        ({}, True, "wgan-gp-anime"),
        ({"device": "auto"}, True, "wgan-gp-anime"),
        ({"device": "cpu"}, True, "wgan-gp-celeba"),
        ({"device": "cuda"}, False, "wgan-gp-anime"),
    ],
)
def test_the_device_is_the_one_that_would_train(settings, there, name, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: there)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert choose(np.zeros((20, 64, 64, 3), np.uint8), settings=settings)[0].recipe == name


def test_a_size_that_was_asked_for_decides_on_a_gpu_too():
    assert recipe_for(pictures(3, 218, 178), (32, 48), "cuda")[0].data.size == (32, 48)
    assert recipe_for(pictures(1, 28, 28), device="cuda")[0].recipe == "wgan-gp-mnist"


@pytest.mark.parametrize(("channels", "side"), [(1, 28), (3, 64)])
def test_a_recipe_that_the_data_chose_is_as_long_on_few_pictures_as_on_its_own(channels, side):
    """Its epochs would be a few steps."""
    config, _ = recipe_for(pictures(channels, side, side, count=300))
    assert config.training.epochs is None
    assert config.training.steps == recipe(config.recipe).training.steps


def test_a_size_that_was_asked_for_decides():
    config, why = recipe_for(pictures(3, 218, 178), (32, 48))
    assert (config.recipe, config.data.size) == ("wgan-gp-celeba", (32, 48))
    assert "218x178, scaled to 32x48, need convolutions" in why[0]
    assert not any("--size" in reason for reason in why)
    several = pictures(3, 64, 64, count=20, others=[(64, 65 + i) for i in range(19)])
    assert "pictures of 20 sizes, scaled to 64x64, need" in recipe_for(several)[1][0]
    assert recipe_for(pictures(1, 64, 64), (28, 28))[0].recipe == "wgan-gp-mnist"


def test_what_is_cut_off_is_said_with_what_keeps_it():
    """A square keeps 178 of 218 rows; 80x64 wants 178 · 80/64 = 222.5 rows, so 178 - 218 · 64/80 columns go."""
    assert cut_off(Counter({(218, 178): 3}), (64, 64)) == pytest.approx(1 - 178 / 218)
    assert cut_off(Counter({(10, 20): 1, (10, 10): 1}), (64, 64)) == pytest.approx(0.25)
    why = recipe_for(pictures(3, 218, 178))[1]
    assert "18% of their area is cut off at the sides (--set data.size=[80,64] keeps 98%)" in why
    assert not any("cut off" in reason for reason in recipe_for(pictures(3, 64, 64))[1])


@pytest.mark.parametrize(
    ("count", "name"),
    [(ALWAYS_CHANGED - 1, "diffaugment"), (ALWAYS_CHANGED, "ada"), (CHANGED - 1, "ada"), (CHANGED, "none")],
)
@pytest.mark.parametrize("shape", [(3, 64, 64), (3, 20, 16), (1, 28, 28)])
def test_a_critic_sees_few_pictures_changed(shape, count, name):
    config, _ = recipe_for(pictures(*shape, count=count))
    assert type(config.augmentation) is AUGMENTATIONS[name]


@pytest.mark.parametrize("shape", [(3, 12, 64), (1, 8, 8)])
def test_nothing_is_changed_where_two_places_are_much(shape):
    assert not recipe_for(pictures(*shape, count=300), shape[1:])[0].augmentation.changes


@pytest.mark.parametrize(("count", "flip"), [(FEW_PICTURES - 1, True), (FEW_PICTURES, False)])
def test_mirrored_pictures_are_added_to_few(count, flip):
    config, why = recipe_for(pictures(3, 64, 64, count=count))
    assert config.data.flip == flip
    assert any("mirrored" in reason for reason in why) == flip


@pytest.mark.parametrize(
    ("kind", "size", "channels", "recipe", "trained_at"),
    [
        ("signal", (128,), 1, "wgan-gp-signals", (128,)),
        ("signal", (187,), 12, "wgan-gp-signals", (192,)),
        ("volume", (16, 16, 16), 1, "wgan-gp-volumes", (16, 16, 16)),
        ("volume", (64, 512, 512), 1, "wgan-gp-volumes", (32, 32, 32)),
    ],
)
def test_signals_and_volumes_have_recipes(kind, size, channels, recipe, trained_at):
    survey = Survey(MANY, Counter({size: MANY}), kind=kind, channels=channels, dtype="float32")
    config, why = recipe_for(survey)
    assert (config.recipe, config.data.size, config.data.channels) == (recipe, trained_at, channels)
    assert any("resampled" in reason for reason in why) == (size != trained_at)
    given, _ = recipe_for(survey, tuple(32 for _ in size))
    assert given.data.size == tuple(32 for _ in size)


@pytest.mark.parametrize(("columns", "latents"), [(1, 2), (12, 12), (1000, 128)])
def test_tables_have_as_many_latents_as_columns(columns, latents):
    survey = Survey(MANY, point_size=columns, kind="points", dtype="float32", standardise=True)
    config, why = recipe_for(survey)
    assert (config.recipe, config.networks.latent_size) == ("wgan-gp-table", latents)
    assert f"{columns} columns" in why[0]
    toy = Survey(MANY, point_size=2, kind="points", dtype="float32")
    assert recipe_for(toy)[0].recipe == "wgan-gp-toy"
