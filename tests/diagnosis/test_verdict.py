"""One word for a run, each from lines that mean it."""

import numpy as np
import pytest

from diagnosis.rows import rows, setup
from wgan.diagnosis import Verdict, examine
from wgan.diagnosis.history import History, smoothed


def falling(place):
    return 0.5 * 0.9**place


COURSES = {
    "warming-up": ({"count": 9}, {}),
    "healthy": ({"count": 20}, {"energy_distance": falling}),
    "converged": ({"count": 60}, {"energy_distance": lambda place: 0.003 + falling(2 * place)}),
    "stalled": ({"count": 60}, {"energy_distance": lambda place: 0.4 + falling(place)}),
    "unstable": ({"count": 60}, {"energy_distance": lambda place: 0.5 if place // 4 % 2 else 0.05}),
    "collapsing": ({"count": 60}, {"diversity": 0.05}),
    "diverged": ({"count": 60}, {"generator_update": 0.9}),
    "broken": ({"count": 60}, {"generator_update": 0.0}),
}


def test_every_verdict_is_tried():
    assert set(COURSES) == {verdict.value for verdict in Verdict}


@pytest.mark.parametrize("word", COURSES)
def test_the_verdict(word):
    how, signals = COURSES[word]
    found = examine(setup(), rows(**how, **signals))
    assert found.verdict.value == word
    assert found.summary


@pytest.mark.parametrize("early", [{"epoch": 0.8}, {"step": lambda place: 10 * place}])
def test_what_looks_like_a_collapse_is_a_warning_early_in_a_run(early):
    alike = {"diversity": 0.1, "energy_distance": 0.5, "epoch": 1.1}
    young, old = (examine(setup(), rows(**alike | more)) for more in (early, {}))
    assert (young.verdict, young.findings[0].code) == ("warming-up", "mode-collapse")
    assert young.findings[0].severity == "warning"
    assert (old.verdict, old.findings[0].severity) == ("collapsing", "error")


def test_samples_that_go_away_from_the_data_are_no_end_of_training():
    assert examine(setup(), rows(60, energy_distance=lambda place: 0.1 + 0.003 * place)).verdict == "unstable"


def test_plain_values():
    facts = examine(setup(train_count=64), rows(30)).to_dict()
    assert set(facts) == {"verdict", "summary", "step", "findings"}
    assert set(facts["findings"][0]) >= {"code", "severity", "evidence", "advice"}
    assert facts["findings"][0]["severity"] == "warning"
    assert facts["step"] == 1500


def test_running_medians():
    column = np.array([5.0, 1.0, 3.0, 100.0, 2.0, 4.0])
    np.testing.assert_array_equal(smoothed(column, 3), [3.0, 3.0, 3.0, 4.0])
    assert len(smoothed(column, 7)) == 0


def test_since_is_when_it_began_to_hold_in_most_lines():
    history = History([{"step": step} for step in range(10, 70, 10)])
    assert history.since(np.array([1, 0, 0, 1, 0, 1], bool)) == 40
    assert history.since(np.array([0, 0, 1, 1, 1, 0], bool)) == 30
    assert history.since(np.zeros(6, bool)) == 60
