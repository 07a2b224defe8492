"""Advice is what a run accepts, does not have yet, and needs besides."""

import pytest

from wgan.config import parse_settings
from wgan.errors import InputError
from wgan.recipes import RECIPES
from wgan.runs.advice import applicable

DIGITS = RECIPES["wgan-gp-digits"]()


@pytest.mark.parametrize(
    ("had", "advised", "typed"),
    [
        ({}, ["objective.penalty_weight=10"], ()),
        ({"objective.penalty_weight": 1000.0}, ["objective.penalty_weight=10"], ("objective.penalty_weight=10",)),
        ({}, ["objective.clip=0.1", "training.critic_steps=5"], ("training.critic_steps=5",)),
        ({}, ["no.such=1", "training.batch_size=-3"], ()),
    ],
)
def test_what_is_refused_or_in_force_is_left_out(had, advised, typed):
    assert applicable(DIGITS.with_settings(had), True, advised) == typed


@pytest.mark.parametrize(("pictures", "weight"), [(True, 10.0), (False, 1.0)])
@pytest.mark.parametrize("objective", ["gan", "hinge", "r1", "wgan", "r3gan", "dragan", "composed"])
def test_wgan_gp_comes_with_its_weight_its_steps_and_adam_without_momentum(objective, pictures, weight):
    config = DIGITS.with_settings(
        {"objective": objective, "training.critic_steps": 1, "generator_optimizer.betas": [0.9, 0.999]}
    )
    advised = applicable(config, pictures, ["objective=wgan-gp"])
    changed = config.with_settings(parse_settings(advised))
    assert (changed.objective.penalty_weight, changed.training.critic_steps) == (weight, 5)
    assert (changed.generator_optimizer.momentum, changed.critic_optimizer.momentum) == (0.0, 0.0)
    assert changed.objective.composition.loss == "wasserstein"
    assert not applicable(changed, pictures, advised), "it is in force then"


def test_other_optimisers_lose_their_momentum_too():
    sgd = {"objective": "wgan", "critic_optimizer": "sgd", "critic_optimizer.momentum": 0.9}
    config = DIGITS.with_settings(sgd)
    changed = config.with_settings(parse_settings(applicable(config, True, ["objective=wgan-gp"])))
    assert changed.critic_optimizer.momentum == 0


def test_a_misspelt_setting_is_told_wherever_it_stands():
    with pytest.raises(InputError, match="penalty_wieght"):
        DIGITS.with_settings(parse_settings(["objective.penalty_wieght=3", "objective=wgan-gp"]))


@pytest.mark.parametrize(
    "command",
    [
        ["objective.name=wgan", "objective.clip=5"],
        ["objective=composed", "objective.loss=hinge", "objective.penalty_weight=1000"],
        ["objective.penalty_weight=1000", "objective=r1"],
        ["critic_optimizer=sgd", "critic_optimizer.momentum=0.9", "objective=gan"],
    ],
)
def test_advice_at_the_end_of_the_same_command_gives_what_was_meant(command):
    config = DIGITS.with_settings(parse_settings(command))
    advised = applicable(config, True, ["objective=wgan-gp", "critic_optimizer=adam"])
    typed = DIGITS.with_settings(parse_settings([*command, *advised]))
    assert typed == config.with_settings(parse_settings(advised))
    assert (typed.objective.composition.loss, typed.objective.penalty_weight) == ("wasserstein", 10)
