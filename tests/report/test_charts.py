"""Everything that a run measures is drawn."""

import pytest

from helpers import small_run
from wgan.report.charts import metrics_over_time, panels
from wgan.report.tables import metrics_table, notes
from wgan.views import PANELS

ABOUT = {"step", "images_seen", "epoch", "seconds", "layers"}


@pytest.mark.parametrize("objective", ["wgan", "wgan-gp", "gan", "r3gan", "hinge"])
def test_every_number_of_a_line_has_a_panel(tmp_path, objective):
    run = small_run(tmp_path / "run", objective=objective, training__steps=2)
    assert set(run.metrics()[-1]) - ABOUT <= {term for panel in PANELS for term in panel.terms}


def rows(*values, **terms):
    return [{"step": 50 * i, "distance": value, **terms} for i, value in enumerate(values, start=1)]


def test_one_run_has_a_colour_for_each_term_and_several_runs_one_for_each():
    metrics = rows(3.0, 2.0, critic_loss=-1.0, generator_loss=0.5)
    distance, losses = panels(["a"], [[metrics]])
    assert [(key.label, key.colour, key.dashed) for key in losses.lines] == [
        ("critic_loss", 0, False),
        ("generator_loss", 1, False),
    ]
    assert distance.lines[0].newest == "2"
    distance, losses = panels(["a", "b"], [[metrics], [rows(1.0)]])
    assert [(key.label, key.colour) for key in distance.lines] == [("a", 0), ("b", 1)]
    assert [(key.label, key.colour, key.dashed) for key in losses.lines] == [
        ("a: critic_loss", 0, False),
        ("a: generator_loss", 0, True),
    ]


def evaluation(step, **metrics):
    return {"step": step, "n": 100, "metrics": metrics}


FID = {"value": 20.0, "floor": 2.0, "low": 18.0, "high": 23.5, "better": "lower"}


def test_metrics_are_those_of_the_newest_evaluation_that_has_them():
    runs = [[evaluation(100, fid=FID | {"value": 50.0}), evaluation(200, fid=FID)], [evaluation(100, kid=FID)], []]
    fid, kid = metrics_table(runs)
    assert (fid.name, fid.better, fid.cells[1], fid.cells[2]) == ("fid", "lower", None, None)
    assert fid.cells[0] == ("20", "18 to 23.5", "2", "200")
    assert kid.cells[1].step == "100"


def test_what_a_metric_saw_and_the_newest_notes_are_told():
    old = evaluation(100, fid=FID) | {"notes": ["few samples"]}
    new = evaluation(200, fid=FID) | {"notes": ["no labels"], "seen_by": {"fid": "128 features"}}
    assert notes([[old, new], [new], []]) == ["Seen by fid: 128 features.", "Note: no labels."]
    assert notes([[old]]) == ["Note: few samples."]


def test_metrics_are_drawn_over_training_once_there_are_two():
    once, twice = [evaluation(100, fid=FID)], [evaluation(100, fid=FID), evaluation(200, fid=FID, kid=FID)]
    assert metrics_over_time(["a"], [[once]]) == []
    (drawn,) = metrics_over_time(["a", "b"], [[once], [twice]])
    assert drawn.title == "fid"
    assert [svg_class in drawn.svg for svg_class in ("mark filled c0", "line c1", "band c1", "reference")] == [True] * 4


def test_a_metric_without_an_interval_or_a_floor_is_shown_without():
    bare = [evaluation(100, modes={"value": 9.0}), evaluation(200, modes={"value": 10.0})]
    assert metrics_table([bare])[0].cells[0] == ("10", "", "", "200")
    (drawn,) = metrics_over_time(["a"], [[bare]])
    assert "band" not in drawn.svg
    assert "reference" not in drawn.svg


def test_only_evaluations_that_compare_are_on_one_line():
    """Other counts and other seeds have other floors; asked for twice, a step has its newest value, in its place."""
    trained = [evaluation(step, fid=FID | {"value": 100.0 / step}) | {"while_training": True} for step in (1, 2, 4)]
    trained = [row | {"seed": 0} for row in trained]
    few = evaluation(3, fid=FID | {"value": 999.0, "floor": 800.0}) | {"n": 3, "seed": 0}
    again = evaluation(2, fid=FID | {"value": 60.0}) | {"seed": 0}
    reseeded = [evaluation(step, fid=FID | {"value": 888.0}) | {"seed": step} for step in (1, 2, 3, 4, 5)]
    (drawn,) = metrics_over_time(["a"], [[[*trained, few, again, *reseeded]]])
    told = str(drawn.svg).partition('aria-label="')[2].partition('"')[0]
    assert told == "fid over steps: fid from 100 at step 1 to 25 at 4"
    assert str(drawn.svg).partition('data-line="0" points="')[2].partition('"')[0].count(",") == 3
    assert metrics_over_time(["a"], [[[few, *reseeded]]]) == []


def test_runs_with_other_floors_have_no_line_across():
    other = FID | {"floor": 4.0}
    runs = [[[evaluation(step, fid=found) for step in (100, 200)]] for found in (FID, other)]
    (drawn,) = metrics_over_time(["a", "b"], runs)
    assert "reference" not in drawn.svg
    assert drawn.expect == ""


def test_a_value_that_is_none_is_a_dash_and_not_drawn():
    runs = [[evaluation(step, fid=FID | {"value": value}) for step, value in ((1, 3.0), (2, 2.0), (3, None))]]
    assert metrics_table(runs)[0].cells[0].value == "-"
    (drawn,) = metrics_over_time(["a"], [runs])
    assert drawn.lines[0].newest == "2"
