"""Conditional runs: what they leave, how they resume, and what is refused."""

import re
import shutil

import pytest
import torch

from helpers import CONDITIONS, EVERYTHING, Described, assert_equal_runs, small_experiment, small_run
from wgan.errors import InputError, TrainingError
from wgan.experiment.divergence import replay
from wgan.report import write_report
from wgan.runs.doctor import diagnose
from wgan.runs.run import Run
from wgan.runs.weights_file import WeightsFile

KINDS = {"pictures": (8, 8), "points": (3,)}


def settings(kind="pictures", *condition):
    return {"source": Described(KINDS[kind]), "data__condition": condition or EVERYTHING}


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, kind):
    return small_run(tmp_path_factory.mktemp("unbroken") / "run", **settings(kind))


@pytest.mark.parametrize("condition", [("tags",), ("label",), ("energy",), ("tags", "energy"), EVERYTHING])
def test_nothing_is_dead_or_frozen_whatever_is_asked_for(tmp_path, condition):
    """A sample without any label is asked for by zeros, from which no weight of the condition gets a gradient."""
    dcgan = {"networks__name": "dcgan", "networks__generator_width": 8, "networks__critic_width": 8}
    with small_experiment(tmp_path / "run", **settings("pictures", *condition), **dcgan) as running:
        wiring = running.setup.wiring
    assert max(wiring.generator_dead, wiring.critic_dead) < 0.5
    assert max(wiring.generator_frozen, wiring.critic_frozen) == 0


@pytest.mark.parametrize("steps", [3, 6])
def test_a_longer_run_equals_two_shorter_ones_bit_for_bit(tmp_path, unbroken, kind, steps):
    small_run(tmp_path / "run", training__steps=steps, **settings(kind))
    assert_equal_runs(small_run(tmp_path / "run", **settings(kind)), unbroken)


@pytest.mark.parametrize("stop", [2, 7])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path, unbroken, kind, stop):
    small_run(tmp_path / "run", stop=stop, **settings(kind))
    assert_equal_runs(small_run(tmp_path / "run", **settings(kind)), unbroken)


def test_what_can_be_asked_for_survives_its_file(unbroken):
    """The description in config.toml, and in the metadata of the weights, is that of the data."""
    described = Run.open(unbroken.path).spec.condition
    assert described.names == EVERYTHING
    assert [part.kind for part in described.parts] == ["class", "labels", "number"]
    assert described.parts[0].counts == (20, 20, 20)
    assert described == WeightsFile.open(unbroken.generator_file).spec.condition
    tags = described.parts[1]
    assert sum(tags.set_counts) == tags.samples == 60
    by_set = dict(zip(tags.sets, tags.set_counts, strict=True))
    assert tags.counts == tuple(sum(n for places, n in by_set.items() if label in places) for label in (0, 1))


def test_runs_from_before_labels_were_kept_together_are_opened(unbroken, tmp_path):
    run = shutil.copytree(unbroken.path, tmp_path / "old")
    text = re.sub(r"(?m)^(sets|set_counts) = \[\n(^ .*\n)*^\]\n", "", (run / "config.toml").read_text())
    (run / "config.toml").write_text(text)
    old = Run.open(run)
    assert old.spec.condition.parts[1].sets == ()
    assert old.sample(4).shape == unbroken.sample(4).shape


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"(?m)^counts = \[[^]]*\]", "counts = [0, 0, 0]"),
        (r"(?m)^counts = \[[^]]*\]", "counts = [-1, 30, 40]"),
        (r"(?m)^quantiles = \[\n +[^,]*,", "quantiles = [\nnan,"),
        (r"(?m)^quantiles = \[\n +[^,]*,", "quantiles = [\n1e9,"),
        (r"spread = .*(?=\nquantiles)", "spread = 1e-320"),
        (r"(?m)^sets = \[", "sets = [\n[7],"),
    ],
)
def test_a_description_that_no_data_have_is_refused(unbroken, tmp_path, old, new):
    """In the configuration of a stranger's run: with its name, and without a traceback."""
    run = shutil.copytree(unbroken.path, tmp_path / "strange")
    text = (run / "config.toml").read_text()
    changed = re.sub(old, new, text, count=1)
    assert changed != text
    (run / "config.toml").write_text(changed)
    with pytest.raises(InputError, match=r"label|tags|energy"):
        Run.open(run).sample(4)


def test_a_file_of_weights_makes_the_same_without_its_run(tmp_path, unbroken):
    shutil.copy(unbroken.generator_file, tmp_path / "alone.safetensors")
    asked = {"label": "eel", "tags": ["red"], "energy": 33.0}
    alone = WeightsFile.open(tmp_path / "alone.safetensors")
    assert torch.equal(alone.sample(5, condition=asked), unbroken.sample(5, condition=asked))


def test_others_than_the_run_has_are_refused(tmp_path, kind):
    small_run(tmp_path / "run", training__steps=2, **settings(kind, "label"))
    for others in (("label", "energy"), ()):
        with pytest.raises(InputError, match=re.escape("data.condition is ['label'] there and")):
            small_experiment(tmp_path / "run", source=Described(KINDS[kind]), data__condition=others)


def test_the_same_samples_with_other_conditions_are_another_run(tmp_path):
    small_run(tmp_path / "run", training__steps=2, **settings())
    source = Described()
    source._columns = tuple(column if column.name != "energy" else other(column) for column in source.beside())
    with pytest.raises(InputError, match=r"data\.condition is label, tags, energy there and the same with other"):
        small_experiment(tmp_path / "run", source=source, data__condition=EVERYTHING)


def other(column):
    return type(column)(column.name, column.values[::-1].copy(), column.names)


def test_a_run_that_diverged_is_replayed_with_its_conditions(tmp_path):
    with pytest.raises(TrainingError, match=r"of the critic"):
        small_run(tmp_path / "run", critic_optimizer={"name": "sgd", "learning_rate": 1e30}, **settings())
    record = torch.load(Run.open(tmp_path / "run").divergence_file, weights_only=True)
    asked = record["conditions"]
    assert asked.keys() == record["real"].keys()
    assert {tuple(one.shape) for one in asked.values()} == {(8, CONDITIONS["mixture"].size)}
    assert replay(tmp_path / "run").culprit is not None


def test_a_run_can_go_back_and_go_on(tmp_path):
    rates = {
        "critic_optimizer": {"name": "sgd", "learning_rate": 0.5},
        "generator_optimizer": {"name": "sgd", "learning_rate": 0.01},
    }
    try:
        run = small_run(tmp_path / "run", on_divergence="rollback", **rates, **settings())
    except TrainingError:
        run = Run.open(tmp_path / "run")
    assert run.rollbacks()


def test_a_report_says_what_is_asked_for(unbroken, tmp_path):
    write_report([unbroken], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    for told in ("label, one of 3 classes", "tags, any of 2 labels", "energy, a number from 1"):
        assert told in page
        assert told in unbroken._repr_html_()
    assert diagnose(unbroken).verdict


def test_a_run_without_a_condition_has_none(tmp_path):
    run = small_run(tmp_path / "run", training__steps=2)
    assert "condition" not in run.config_file.read_text().partition("[sample")[2]
    assert run.spec.condition is None
    assert run.conditions(3) is None
    with pytest.raises(InputError, match="trained without a condition"):
        run.sample(1, condition={"label": 7})
