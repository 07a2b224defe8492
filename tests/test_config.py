"""Configurations: the round trip, and every complaint."""

from itertools import pairwise

import pytest

from helpers import small_config
from wgan.config import RunConfig, differences, parse_setting
from wgan.errors import InputError
from wgan.objectives import GAN, WGAN, Composed
from wgan.training import RMSprop


def test_a_configuration_survives_its_file():
    config = small_config(data__size=[8, 12], objective__name="wgan", critic_optimizer__name="rmsprop")
    assert RunConfig.from_toml(config.to_toml()) == config


def test_settings_reach_every_part():
    config = small_config(
        objective__name="wgan", objective__clip=0.5, critic_optimizer__name="rmsprop", training__steps=7, device="cpu"
    )
    assert config.objective == WGAN(clip=0.5)
    assert config.critic_optimizer == RMSprop()
    assert config.training.steps == 7
    assert small_config(objective="wgan").objective == WGAN()
    composed = {"objective__name": "composed", "objective__at": "real"}
    assert small_config(**composed).objective == Composed(at=("real",))
    assert small_config(objective__saturating=True, objective__name="gan").objective == GAN(saturating=True)


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("training.steps=0", r"training\.steps = 0 will not do: input should be greater than or equal to 1"),
        ("training.stepz=3", r"Unknown setting 'training\.stepz'\. Did you mean training\.steps"),
        ("batch_sise=3", r"Did you mean training\.batch_size"),
        ("zzz=1", r"Unknown setting 'zzz'\. There are: .*training\.batch_size"),
        ("objective.name=wgan-gb", "Unknown objective 'wgan-gb'. Did you mean wgan-gp"),
        ("objective.penalty_weight=-1", r"objective\.penalty_weight = -1 will not do"),
        ("stop.by=convergd", "Nothing that ends a run is called 'convergd'. Did you mean converged"),
        ("stop.by=beauty", "Unknown metric 'beauty'.* also be converged, never, or a function .*module:function"),
        (
            "objective.clip=1",
            r"objective\.clip is a setting of wgan and composed, not of wgan-gp",
        ),
        ("objective.clap=1", "Unknown setting 'objective.clap'"),
        (
            "augmentation.target=2",
            r"augmentation\.target is a setting of ada, not of none: add --set augmentation=ada,",
        ),
        ("augmentation.cutout=2", r"of diffaugment and ada, not of none: add --set augmentation=NAME for one of these"),
        ('augmentation={name="ada",target=2}', r"^augmentation\.target = 2 will not do"),
        ("device.x=1", r"Unknown setting 'device\.x'"),
        ('objective={name="composed",at=[]}', r"objective\.at = "),
        ("networks.latent_size=many", "latent_size = 'many' will not do: input should be a valid integer"),
        ("data.size=3", r"data\.size = 3 will not do"),
        ("data.channels=0", "should be"),
        ("data.range=[3, 3]", "the first value has to be below the second"),
        ("data.range=percentiles", "percentile"),
        ("data.size=[8, 8, 8, 8]", "3"),
        ("data.kind=image", "picture"),
        ("critic_optimizer.betas=[0.0, 2]", r"betas\.1 = 2 will not do: input should be less than 1"),
        ("device=abacus", "should be 'auto', 'cpu', 'cuda' or 'mps'"),
        ("recipe.x=1", "Unknown setting"),
        ("recipe=other", "Unknown setting 'recipe'"),
        ("data.source=digits", "Unknown setting 'data.source'"),
        ("custom={}", "Unknown setting 'custom'"),
        ("objective.name=[1]", r"Unknown objective '\[1\]'"),
        ("objective=3", "3 is no objective. There are: composed, dragan, gan, hinge, lsgan"),
        ("no setting", "Write --set key=value"),
        ("=1", "Write --set key=value"),
    ],
)
def test_what_is_wrong_is_said_with_the_nearest_right_thing(setting, complaint):
    with pytest.raises(InputError, match=complaint):
        small_config().with_settings(dict([parse_setting(setting)]))


@pytest.mark.parametrize(
    ("text", "value"),
    [("a=1", 1), ("a=1e-4", 1e-4), ("a=true", True), ("a=[1, 2]", [1, 2]), ("a=wgan", "wgan"), ("a=x=y", "x=y")],
)
def test_values_are_read_as_toml_or_as_they_stand(text, value):
    assert parse_setting(text) == ("a", value)


@pytest.mark.parametrize("text", ["[", "recipe = 3", "recipe = 'a'\nsurprise = 1"])
def test_a_file_that_is_no_configuration_is_told(text):
    with pytest.raises(InputError):
        RunConfig.from_toml(text)


@pytest.mark.parametrize(
    ("epochs", "samples", "steps"),
    [(1.0, 160, 10), (1.0, 161, 11), (0.1, 480, 3), (0.7, 160, 7), (1e-6, 10, 1), (100.0, 1, 7)],
)
def test_epochs_are_steps_rounded_up(epochs, samples, steps):
    """Batches of 8 for two critic updates: 16 samples a step."""
    training = small_config(training__epochs=epochs).training.on(samples)
    assert training.steps == steps
    assert training.on(samples) == training


def test_steps_and_epochs_replace_each_other():
    config = small_config(training__epochs=3)
    assert config.training.epochs == 3.0
    shorter = config.with_settings({"training.steps": 5}).training
    assert (shorter.steps, shorter.epochs, shorter.on(99).steps) == (5, None, 5)
    with pytest.raises(InputError, match="the steps or the epochs of a run, not both"):
        config.with_settings({"training.steps": 5, "training.epochs": 2})


def test_differences_are_named_with_both_values():
    changed = small_config().with_settings({"training.seed": 5, "objective.name": "wgan"})
    assert differences(small_config(), changed) == {
        "training.seed": (0, 5),
        "objective.name": ("wgan-gp", "wgan"),
        "objective.penalty_weight": (10.0, None),
        "objective.clip": (None, 0.01),
    }


@pytest.mark.parametrize("last", [True, False])
def test_what_is_due_is_so_every_so_many_steps_and_all_of_it_at_the_end(last):
    config = small_config(training__steps=20, output__evaluate_every=7, output__metrics=["diversity"])
    every = {"line": 5, "grid": 4, "evaluation": 7, "checkpoint": 6}
    for step in range(1, 21):
        expected = {name: step % count == 0 or (last and step == 20) for name, count in every.items()}
        assert config.due(step, last=last)._asdict() == expected | {"comparison": last and step == 20}
    assert not small_config().due(12).evaluation, "nothing was asked for"


def test_the_first_lines_and_grids_come_at_twice_as_many_steps_each():
    config = small_config(training__steps=1000, output__log_every=20, output__sample_every=100)
    due = {step: config.due(step, last=False) for step in range(1, 250)}
    assert [step for step, at in due.items() if at.line][:4] == [20, 40, 60, 80]
    assert [step for step, at in due.items() if at.grid] == [20, 40, 80, 100, 200]
    soon = config.with_settings({"output.first_line": 3})
    due = {step: soon.due(step, last=False) for step in range(1, 250)}
    assert [step for step, at in due.items() if at.line][:6] == [3, 6, 12, 20, 40, 60]
    assert [step for step, at in due.items() if at.grid] == [3, 6, 12, 24, 48, 96, 100, 200]


def test_minutes_may_end_a_run_at_any_of_its_lines():
    config = small_config(training__minutes=1.0).choosing({"training.steps": 20})
    assert [step for step in range(1, 25) if config.may_stop(step)] == [5, 10, 15]
    assert not any(small_config().may_stop(step) for step in range(1, 25))


@pytest.mark.parametrize("last", [500, 4000, 100_000])
def test_comparisons_are_four_to_eight_in_the_last_half_of_a_run_of_any_length(last):
    config = small_config(training__steps=10 * last)
    steps = [step for step in range(1, last + 1) if config.due(step).comparison]
    assert 4 <= sum(2 * step > last for step in steps) <= 8
    assert min(later - step for step, later in pairwise(steps)) >= 64
