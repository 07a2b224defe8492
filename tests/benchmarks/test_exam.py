"""The exam's own rules: what is drawn, what counts as harm, and what each mark means."""

import pytest
from scipy.stats import binomtest

from exam import drawn
from exam_parts import DATA, DEFECTS, HARMLESS
from exam_parts.answer import Answer, Ending
from exam_parts.fixed import fixed
from exam_parts.marks import harm, mark_defect, mark_healthy, praised, wilson
from exam_parts.question import Defect
from wgan.recipes import recipe

FLOORS = {"frechet": 1.0, "recall": 0.9, "coverage": 0.9}
GOOD = Ending("complete", values={"frechet": 2.0, "recall": 0.8, "coverage": 0.8}, floors=FLOORS)
DEFECT = Defect("some", true=("cause",), words="by name")


def ending(**values):
    return Ending("complete", values=GOOD.values | values, floors=FLOORS)


def answer(*findings, verdict="learning", summary="", errors=(), early=""):
    return Answer(verdict, summary, findings, errors, early)


def test_it_is_as_large_as_promised():
    assert len(DEFECTS) >= 60
    assert len(DATA) >= 9
    assert len(HARMLESS) >= 20
    assert all(defect.true for defect in DEFECTS)
    names = [change.name for change in (*DEFECTS, *HARMLESS)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("data", DATA, ids=lambda data: data.name)
def test_every_data_set_names_a_recipe_and_its_settings(data):
    recipe(data.recipe).with_settings(data.settings)


def test_a_seed_draws_the_same_questions_again_and_another_seed_draws_others():
    first, again, other = ([one.name for one in drawn(DEFECTS, 60, "defect", seed)] for seed in (5, 5, 6))
    assert first == again != other
    assert len({name.rsplit("-", 2)[0] for name in first}) == len(first), "no defect twice before each was asked"
    assert len(list(fixed(DEFECTS))) >= 8


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (ending(), ""),
        (ending(recall=0.47), "recall"),
        (ending(coverage=0.49), ""),
        (ending(frechet=5.1), "frechet"),
        (ending(frechet=4.9), ""),
        (Ending("refused"), "refused"),
        (Ending("complete"), "not finite"),
    ],
)
def test_harm_is_what_metrics_say(run, why):
    assert harm(run, GOOD) == why


@pytest.mark.parametrize(
    ("said", "harmed", "mark"),
    [
        (answer(("other", "error"), ("cause", "warning")), True, "right"),
        (answer(("a", "error"), ("b", "error"), ("cause", "warning")), True, "half"),
        (answer(("mode-collapse", "error")), True, "half"),
        (answer(("other", "error")), True, "wrong"),
        (answer(), True, "missed"),
        (answer(("mode-collapse", "warning"), verdict="healthy"), True, "missed"),
        (answer(("cause", "error")), False, "named"),
        (answer(("other", "error")), False, "alarm"),
        (answer(("other", "warning")), False, "quiet"),
    ],
)
def test_marks(said, harmed, mark):
    assert mark_defect(DEFECT, GOOD, said, harmed) == mark


def test_refusals_are_right_for_the_true_reason_only():
    coded = 'Something is wrong; or --set \'ignore=["{}"]\' (from Python, settings={{"ignore": ["{}"]}}).'
    for text, mark in (
        (coded.format("cause", "cause"), "right"),
        (coded.format("x", "x"), "wrong"),
        ("by name", "right"),
    ):
        assert mark_defect(DEFECT, Ending("refused", text), None, True) == mark


def test_praise_is_wrong_of_poor_samples():
    converged = answer(verdict="converged")
    assert praised(ending(recall=0.44), converged) == "at the end"
    assert praised(ending(recall=0.46), converged) == ""
    assert praised(ending(recall=0.1), answer(verdict="stalled")) == ""
    assert praised(GOOD, answer(summary="It works, so far.", early="at step 64")) == "at step 64"


def test_a_healthy_run_may_have_no_error_after_any_line():
    assert mark_healthy(GOOD, answer()) == "clean"
    assert mark_healthy(GOOD, answer(errors=("dead-critic",))) == "alarm"
    assert mark_healthy(Ending("failed"), None) == "failed"


@pytest.mark.parametrize(("part", "count"), [(0, 20), (41, 55), (55, 55)])
def test_intervals_are_scipys(part, count):
    expected = binomtest(part, count).proportion_ci(method="wilson")
    assert wilson(part, count) == pytest.approx((expected.low, expected.high), abs=1e-4)
