"""Folders of pictures on machines of several speeds: which size and length, why, and that it stays."""

import numpy as np
import pytest
from PIL import Image

from helpers import QUIET
from wgan.diagnosis import Wiring
from wgan.errors import InputError
from wgan.experiment import affordable
from wgan.experiment.affordable import MINUTES, affordable_plan
from wgan.experiment.alternatives import half_of, offered, seconds_at, size_option
from wgan.experiment.describe import describe
from wgan.experiment.engine_trials import EngineTrials
from wgan.experiment.pace import Pace
from wgan.experiment.train import start
from wgan.recipes import recipe
from wgan.types import SampleSpec

STEPS = recipe("wgan-gp-celeba").training.steps


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place, random = tmp_path_factory.mktemp("faces"), np.random.default_rng(0)
    for number in range(12):
        Image.fromarray(random.integers(0, 256, (70, 70, 3), np.uint8)).save(place / f"{number}.png")
    return place


@pytest.fixture
def machine(monkeypatch):
    """Seconds of a step by the side of pictures, and what was measured."""
    speed, asked = {}, []

    def seconds(config, size, objective, wiring):
        asked.append(size)
        return speed[size[0]]

    monkeypatch.setattr(affordable, "seconds_at", seconds)
    return speed, asked


CPU = {"device": "cpu"}


@pytest.mark.parametrize(
    ("speed", "size", "minutes", "said"),
    [
        ({64: 0.3}, (64, 64), None, []),
        ({64: 1.4, 32: 0.3}, (32, 32), None, ["64x64 would take about 6.2 h here, so 32x32 (--size 64 for more)"]),
        (
            {64: 8.0, 32: 2.0},
            (32, 32),
            MINUTES,
            [
                "64x64 would take about 35 h here, so 32x32 (--size 64 for more)",
                f"of the recipe's {STEPS:,} steps, as many as fit into an hour (--size 32 --steps {STEPS} for all)",
            ],
        ),
    ],
)
def test_a_folder_gets_what_fits(folder, tmp_path, machine, speed, size, minutes, said):
    machine[0].update(speed)
    planned = affordable_plan(folder, out=tmp_path / "run", settings=CPU)
    assert planned.config.data.size == planned.pack.spec.size == size
    assert planned.config.training.minutes == minutes
    assert planned.why[-len(said) - 1 :] == ("on a GPU, try --recipe wgan-gp-anime", *said)
    assert planned.is_open == (minutes is not None)


@pytest.mark.parametrize(
    "given",
    [
        {"data.size": [64]},
        {"training.steps": 9},
        {"training.minutes": 1.0},
        {"training.epochs": 2.0},
    ],
)
def test_what_is_given_stays(folder, tmp_path, machine, given):
    assert affordable_plan(folder, out=tmp_path / "run", settings=CPU | given).config.data.size == (64, 64)
    assert machine[1] == []


def test_a_description_packs_what_a_run_would_see(folder, machine):
    machine[0].update({64: 1.4, 32: 0.3})
    found = describe(folder, settings=CPU, progress=False)
    assert found.facts["packed"]["shape"] == [3, 32, 32]
    assert tuple(found.facts["reasons"]) == affordable_plan(folder, settings=CPU).why
    assert found.facts["why"].endswith("; 64x64 would take about 6.2 h here, so 32x32 (--size 64 for more)")
    for given in ({"data.size": [64]}, {"device": "cuda"}):  # which need not be in this machine
        assert describe(folder, settings=CPU | given, progress=False).facts["packed"]["shape"] == [3, 64, 64]


def test_a_named_recipe_and_other_data_stay(folder, tmp_path, machine):
    assert affordable_plan(folder, out=tmp_path / "a", recipe="wgan-gp-celeba").config.data.size == (64, 64)
    affordable_plan("digits", out=tmp_path / "b")
    affordable_plan(np.zeros((20, 64, 64, 3), np.uint8), out=tmp_path / "c")
    assert machine[1] == []


def test_the_same_command_goes_on_with_what_was_chosen(folder, tmp_path, machine, monkeypatch):
    monkeypatch.setattr(EngineTrials, "pace", lambda self, mode: Pace(0.001))
    few = CPU | {"training.batch_size": 4, "networks.generator_width": 4, "networks.critic_width": 4}
    machine[0].update({64: 1.4, 32: 0.3})
    with start(affordable_plan(folder, out=tmp_path, settings=few), terminal=QUIET) as running:
        assert running.config.data.size == (32, 32)
    machine[0].update({64: 0.01, 32: 0.01})
    again = affordable_plan(folder, out=tmp_path, settings=few)
    assert (again.config.data.size, again.config.training.steps) == ((32, 32), STEPS)
    longer = affordable_plan(folder, out=tmp_path, settings=few | {"training.steps": 2 * STEPS})
    assert (longer.config.data.size, longer.config.training.steps) == ((32, 32), 2 * STEPS)
    assert affordable_plan(folder, out=tmp_path, settings=few, fresh=True).config.data.size == (64, 64)


@pytest.mark.parametrize(
    ("size", "half"),
    [((64, 64), (32, 32)), ((128, 64), (64, 32)), ((62, 62), None), ((65, 64), None), ((64,), None), (None, None)],
)
def test_half_of_a_size(size, half):
    assert half_of(size) == half


def test_another_size_is_offered_in_words():
    config = recipe("wgan-gp-celeba").with_settings(
        {"training.batch_size": 2, "networks.generator_width": 4, "networks.critic_width": 4}
    )
    spec = SampleSpec.picture(3, 64, 64)
    assert offered(config, spec, config.objective, Wiring(), 7200.0).startswith("--size 32: about ")
    assert offered(config, spec, config.objective, Wiring(), 600.0) == "", "it is short anyway"
    assert offered(config, SampleSpec.picture(3, 32, 32), config.objective, Wiring(), 7200.0) == ""
    assert size_option((64, 32)) == "--set data.size=[64,32]"
    assert seconds_at(config, (32, 32), config.objective, Wiring()) > 0
    with pytest.raises((InputError, ValueError)):
        seconds_at(config, (37, 31), config.objective, Wiring())
