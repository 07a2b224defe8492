"""One word for a run, each from lines that mean it."""

import numpy as np
import pytest

from diagnosis.rows import FAR, NEAR, comparison, comparisons, log, rows, setup
from wgan.diagnosis import Log, Verdict, examine
from wgan.diagnosis.history import History, smoothed
from wgan.objectives import WGAN, axes


def towards(values, rate=6.0):
    """From far to these values."""
    return lambda share: {name: value + (FAR[name] - value) * 2 ** (-rate * share) for name, value in values.items()}


POOR = NEAR | {"recall": 0.35, "precision": 0.6}
COURSES = {
    "warming-up": {"count": 4, "compared": None},
    "learning": {"compared": towards(FAR | {"frechet": 60.0}, rate=2.0)},
    "healthy": {"compared": towards(NEAR, rate=6.0)},
    "converged": {},
    "stalled": {"compared": POOR},
    "unstable": {"compared": lambda share: NEAR | {"frechet": 9 + 60 * abs(share - 0.4)}},
    "collapsing": {"diversity": 0.05, "compared": FAR},
    "diverged": {"generator_update": 0.9},
    "broken": {"generator_update": 0.0},
}


def test_every_verdict_is_tried():
    assert set(COURSES) == {verdict.value for verdict in Verdict}


@pytest.mark.parametrize("word", COURSES)
def test_the_verdict(word):
    found = examine(setup(), log(**COURSES[word]))
    assert found.verdict.value == word, found.summary
    assert found.summary


@pytest.mark.parametrize("word", [word for word in COURSES if word != "converged"])
def test_only_one_word_says_that_it_works(word):
    assert "It works" not in examine(setup(), log(**COURSES[word])).summary


def test_that_it_works_is_said_with_what_real_samples_have():
    said = examine(setup(), log()).summary
    assert said.startswith("It works")
    assert "precision 0.94 of 0.95, recall 0.80 of 0.90, coverage 0.95 of 0.96" in said
    assert "9, where real samples have 8" in said


@pytest.mark.parametrize("lacking", [{"recall": 0.46}, {"coverage": 0.47}, {"precision": 0.4}, {"energy": 0.31}])
def test_each_metric_can_keep_a_run_from_being_near(lacking):
    """Those that count shares must be beyond a half by more than their noise."""
    assert examine(setup(), log(compared=NEAR | lacking)).verdict != "converged"


def test_a_run_of_less_than_a_pass_has_not_converged():
    young = Log(rows(), [comparison(step, NEAR, epoch=step / 4000) for step in range(0, 2001, 250)])
    assert examine(setup(), young).verdict == "healthy"


@pytest.mark.parametrize("early", [{"epoch": 0.8}, {"step": lambda place: 10 * place}])
def test_what_looks_like_a_collapse_is_a_warning_early_in_a_run(early):
    alike = {"diversity": 0.1, "energy_distance": 0.5, "epoch": 1.1, "compared": FAR}
    young, old = (examine(setup(steps=5000), log(**alike | more)) for more in (early, {}))
    assert (young.verdict, young.findings[0].code) == ("warming-up", "mode-collapse")
    assert young.findings[0].severity == "warning"
    assert (old.verdict, old.findings[0].severity) == ("collapsing", "error")


def test_a_run_is_not_past_its_best_before_it_has_begun():
    """An original GAN on MNIST is nearer at step 50 than at 500, and ends well."""
    worse = {"compared": lambda share: FAR | {"frechet": 200 + 300 * share}, "step": lambda place: 10 * (place + 1)}
    assert examine(setup(steps=5000), log(**worse, epoch=0.5)).verdict == "warming-up"
    assert examine(setup(steps=400), log(**worse, epoch=0.5)).verdict == "unstable", "it has ended"


def test_a_run_that_has_ended_is_not_warming_up():
    short = log(8, compared=FAR)
    assert examine(setup(steps=400), short).verdict == "stalled"
    assert examine(setup(steps=4000), short).verdict == "warming-up"


def test_a_likely_cause_stands_before_the_errors_that_it_explains():
    ill = setup(train_count=64, wiring={"data_copies": 50.0})
    failing = examine(ill, log(diversity=0.1, slope=0.0, compared=FAR))
    assert [finding.code for finding in failing.findings][:2] == ["data-repeated", "dead-critic"]
    working = examine(ill, log(oscillation=0, compared=POOR))
    assert working.findings[0].severity == "warning"
    certain = examine(setup(axes(WGAN(clip=9.0)), train_count=64), log(diversity=0.1, compared=FAR))
    assert next(finding.code for finding in certain.findings) == "clip-too-large"


def test_effects_stand_behind_causes_of_less_severity():
    found = examine(setup(), log(diversity=0.1, generator_update=2e-4, compared=FAR)).findings
    assert [(one.code, one.severity) for one in found] == [
        ("updates-too-small", "warning"),
        ("mode-collapse", "error"),
    ]


def test_what_was_feared_before_the_first_step_is_a_note_once_samples_are_near():
    clipped = setup(axes(WGAN(clip=9.0)))
    assert examine(clipped, log()).verdict == "converged"
    assert [(one.code, one.severity) for one in examine(clipped, log()).findings] == [("clip-too-large", "note")]
    assert examine(clipped, log(compared=POOR)).verdict == "broken"
    refused = setup(wiring={"penalty_reaches": False})
    assert examine(refused, log()).verdict == "broken", "it was started all the same, and stays wrong"


def test_an_evaluation_says_how_near_a_run_is_unless_the_run_went_on():
    poor = comparison(2000, POOR)
    assert examine(setup(), Log(rows(), comparisons(2000), [poor])).verdict == "stalled"
    assert examine(setup(), Log(rows(), comparisons(4000), [poor])).verdict == "converged"


def test_an_evaluation_of_other_metrics_does_not_hide_the_comparison():
    only = {"step": 2000, "metrics": {"w1": {"value": 0.1, "floor": 0.1, "better": "lower"}}}
    assert examine(setup(), Log(rows(), comparisons(2000), [only])).verdict == "converged"
    assert examine(setup(), Log(rows(), evaluations=[only])).verdict == "warming-up"


def test_two_comparisons_do_not_say_that_nothing_improves():
    brief = Log(rows(2), [comparison(0, FAR), comparison(2, FAR)])
    assert examine(setup(steps=2), brief).verdict == "warming-up"


def test_nothing_held_out_is_said():
    row = comparison(2000, NEAR) | {"held_out": False}
    found = examine(setup(), Log(rows(), [row]))
    assert (found.verdict, "these are training samples" in found.summary) == ("learning", True)
    assert examine(setup(), Log(rows(), [row], [comparison(2000, NEAR)])).verdict == "healthy"


def test_few_held_out_samples_are_said():
    """As many as tell a share to within a fifth are not worth a word, nor is a run that was evaluated with more."""
    few, many = ([comparison(2000, NEAR) | {"reals": count}] for count in (30, 100))
    assert examine(setup(), Log(rows(), few)).summary.endswith("by 30 held-out samples, so roughly.")
    assert "roughly" not in examine(setup(), Log(rows(), many)).summary
    assert "roughly" not in examine(setup(), Log(rows(), few, [comparison(2000, NEAR)])).summary


BY_HEART = {"train_distance": 2.0, "held_out_distance": -0.4, "accuracy": 0.9, "held_out_accuracy": 0.4}
"""What a critic says that knows its training samples and nothing else."""


def compared_with(reals, values=NEAR, **signals):
    """A log whose comparisons are with so many held-out samples."""
    course = values if callable(values) else lambda share: values
    return Log(rows(**signals), [comparison(step, course(step / 2000), reals=reals) for step in range(0, 2001, 125)])


@pytest.mark.parametrize("values", [NEAR, towards(NEAR, rate=6.0)], ids=["converged", "healthy"])
def test_few_held_out_samples_do_not_praise_a_critic_that_knows_the_others_by_heart(values):
    """300 faces: 30 others said converged, and 1,800 that it had been getting worse for 3,000 steps."""
    few, many = (examine(setup(train_count=270), compared_with(reals, values, **BY_HEART)) for reals in (30, 180))
    assert few.findings[0].code == many.findings[0].code == "critic-overfitting"
    assert (few.verdict, few.tone) == ("learning", "warning")
    assert "30 held-out samples are too few to tell" in few.summary
    assert "roughly" not in few.summary, "it is said once"
    assert many.verdict in ("converged", "healthy"), "180 others say so"
    assert examine(setup(train_count=270), compared_with(30, values)).verdict == many.verdict, "it has learnt more"


def test_a_critic_that_knows_some_of_its_samples_by_heart_takes_no_word_away():
    some = BY_HEART | {"held_out_distance": 0.6}
    found = examine(setup(train_count=270), compared_with(30, **some))
    assert (found.verdict, found.tone) == ("converged", "warning")
    assert (found.findings[0].code, found.findings[0].severity) == ("critic-overfitting", "warning")


@pytest.mark.parametrize(("reference", "word"), [(30, "learning"), (1800, "converged")])
def test_an_evaluation_on_as_few_samples_says_no_more(reference, word):
    """`wgan evaluate` compares with what the run held out: often the same, or more than a comparison takes."""
    log = compared_with(30, **BY_HEART)
    evaluated = comparison(2000, NEAR) | {"n": 256, "reference": reference}
    del evaluated["reals"], evaluated["fakes"]
    log.evaluations.append(evaluated)
    assert examine(setup(train_count=270), log).verdict == word


def test_shares_of_an_evaluation_have_the_noise_of_counting():
    """0.5 of 12 samples may be 0.26, which is not half of 0.9; of 1,200 it is no less than 0.467, which is."""
    few, many = (
        Log(
            rows(),
            [],
            [{"step": 2000, "reference": count, "metrics": comparison(2000, NEAR | {"recall": 0.5})["metrics"]}],
        )
        for count in (12, 1200)
    )
    assert not History(few).progress.near
    assert History(many).progress.near


def test_copies_of_training_samples_are_not_held_out():
    found = examine(setup(wiring={"data_copies": 50.0}), log())
    assert (found.verdict, "more than those is unknown" in found.summary) == ("learning", True)
    assert examine(setup(wiring={"data_copies": 1.2}), log()).verdict == "converged"


def test_plain_values():
    facts = examine(setup(train_count=64), log(30, compared=POOR)).to_dict()
    assert set(facts) == {"verdict", "summary", "step", "findings"}
    assert set(facts["findings"][0]) >= {"code", "severity", "evidence", "advice"}
    assert facts["findings"][0]["severity"] == "warning"
    assert facts["step"] == 1500


def test_running_medians():
    column = np.array([5.0, 1.0, 3.0, 100.0, 2.0, 4.0])
    np.testing.assert_array_equal(smoothed(column, 3), [3.0, 3.0, 3.0, 4.0])
    assert len(smoothed(column, 7)) == 0


def test_since_is_when_it_began_to_hold_in_most_lines():
    history = History(Log([{"step": step} for step in range(10, 70, 10)]))
    assert history.since(np.array([1, 0, 0, 1, 0, 1], bool)) == 40
    assert history.since(np.array([0, 0, 1, 1, 1, 0], bool)) == 30
    assert history.since(np.zeros(6, bool)) == 60
