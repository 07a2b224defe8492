"""The failure zoo's definitions: enough of them, well formed, each broken in one way that its name and code tell."""

import pytest

from failure_zoo import judged
from wgan.config import RunConfig
from wgan.recipes import recipe
from zoo import BROKEN, HEALTHY, SEEDS, ZOO, cases

SETTINGS = [(specimen, setting) for specimen in ZOO for setting in (specimen.development, specimen.report)]


def test_it_is_as_large_as_promised():
    assert len(BROKEN) >= 16
    assert len(HEALTHY) >= 10
    assert all(specimen.cause for specimen in BROKEN)
    assert not any(specimen.cause for specimen in HEALTHY)


def test_no_two_runs_share_a_folder():
    names = [f"{specimen.name}-{setting.name}" for specimen, setting in SETTINGS]
    assert len(set(names)) == len(names)


def test_the_halves_share_neither_seeds_nor_settings():
    assert not set(SEEDS["development"]) & set(SEEDS["report"])
    for specimen in ZOO:
        assert specimen.development.name != specimen.report.name


@pytest.mark.parametrize(("specimen", "setting"), SETTINGS, ids=lambda part: part.name)
def test_every_setting_is_one_that_a_user_could_give(specimen, setting):
    config = recipe(setting.recipe).with_settings(setting.settings)
    assert RunConfig.from_toml(config.to_toml()) == config


@pytest.mark.parametrize("name", ["detached-generator", "dead-critic", "sgd-rate-10"])
def test_the_quickest_are_trained_and_judged(name, tmp_path):
    """The others are judged by `python benchmarks/failure_zoo.py`; docs/diagnosis.md has its table."""
    (specimen,) = (specimen for specimen in ZOO if specimen.name == name)
    row = judged(next(iter(cases([specimen], "development"))), tmp_path)
    assert row.right, row
    assert judged(row.case, tmp_path) == row, "a run that is there is judged again, and not trained"
