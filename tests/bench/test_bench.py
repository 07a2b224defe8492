"""`wgan bench` as a person and a program meet it."""

import json
import tempfile

import pytest
from typer.testing import CliRunner

from wgan.cli import app
from wgan.cli.bench import bench_lines

TINY = ["--batch-size", "8", "--device", "cpu", "--rounds", "1", "--engine", "eager fp32"]


def wgan(*arguments, code=0):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    place = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(place))
        printed = wgan("bench", *TINY, "--set", "training.critic_steps=1", "--json").stdout
    assert not list(place.glob("wgan-*")), "a bench leaves nothing behind"
    return json.loads(printed)


def test_the_facts_are_of_the_recipe_and_the_settings(facts):
    told = {"recipe": "wgan-gp-digits", "batch_size": 8, "critic_steps": 1, "images_per_step": 8, "device": "cpu"}
    told |= {"generator_steps": 1}
    assert {name: facts[name] for name in told} == told
    assert facts["data_shape"] == [1, 8, 8]


def test_the_facts_agree_with_each_other(facts):
    (engine,) = facts["engines"]
    step = engine["step_seconds"]["median"]
    assert engine["engine"] == engine["compared_with"] == "eager fp32"
    assert engine["rounds"] == [step]
    assert engine["images_per_second"] == pytest.approx(8 / step)
    assert engine["times_as_fast"] == {"median": 1, "least": 1, "most": 1}
    assert engine["flops_per_second"] == pytest.approx(facts["flops"]["step"] / step)
    assert engine["share_of_ceiling"] == pytest.approx(engine["flops_per_second"] / facts["ceilings"]["fp32"])
    assert engine["start_up_seconds"] > engine["set_up_seconds"] > 0
    assert facts["flops"]["step"] == sum(facts["flops"]["parts"].values())
    assert facts["split"]["sum"] == pytest.approx(sum(facts["split"]["parts"].values()))
    assert facts["first_grid_seconds"] > 0


def test_people_get_a_table_of_engines_and_one_of_parts(facts):
    lines = list(bench_lines(facts))
    assert lines[0].startswith("wgan-gp-digits: batches of 8 8x8 grey pictures, 1 critic update a step; cpu, ")
    assert max(map(len, lines)) <= 120
    first_words = [line.split()[0] for line in lines if line.strip()]
    for word in ("engine", "eager", "data", "fakes", "critic", "penalty", "generator", "optimizer", "ceiling:"):
        assert word in first_words
    assert next(line for line in lines if line.startswith("eager fp32")).split()[2] == (
        f"{facts['engines'][0]['images_per_second']:,.0f}"
    )


def test_an_engine_that_cannot_be_used_is_told_with_the_reason(facts):
    without = {**facts, "engines": [*facts["engines"], {"engine": "compiled bf16", "unusable": "no compiler"}]}
    assert "compiled bf16 cannot be used: no compiler" in list(bench_lines(without))
    alone = {**facts, "engines": without["engines"][1:]}
    assert not any(line.startswith("engine ") for line in bench_lines(alone))


def test_a_person_sees_these_lines(facts, monkeypatch):
    monkeypatch.setattr("wgan.bench.bench_facts", lambda *_: facts)
    printed = wgan("bench").stdout
    assert printed.splitlines() == list(bench_lines(facts))


def test_points_are_told_as_points(facts):
    first = next(iter(bench_lines({**facts, "data_shape": [2], "critic_steps": 5})))
    assert "batches of 8 points in 2 dimensions, 5 critic updates a step" in first


def test_several_updates_of_the_generator_are_told(facts):
    first = next(iter(bench_lines({**facts, "generator_steps": 2})))
    assert "1 critic update and 2 generator updates a step; cpu" in first


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["wgan-gp-digitz"], "Unknown recipe 'wgan-gp-digitz'. Did you mean wgan-gp-digits"),
        (["--engine", "eager fp23", "--device", "cpu"], "Unknown engine 'eager fp23'. Did you mean eager fp32"),
        (
            ["--set", "training.critic_step=1"],
            "Unknown setting 'training.critic_step'. Did you mean training.critic_steps",
        ),
    ],
)
def test_what_is_not_known_gets_the_nearest(arguments, told):
    assert told in wgan("bench", *arguments, code=2).stderr
