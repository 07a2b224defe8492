"""Rules on conditions: who does not hear, what the data do not say, and what keeps a run from a good word."""

from dataclasses import replace

import pytest

from diagnosis.rows import ANSWERED, DIGIT, FLOORS, HEARD, comparison, log, rows, setup
from diagnosis.test_rules import codes, few, leak
from wgan.diagnosis import Log, examine
from wgan.types.condition import Condition, Part

ASKED = setup(condition=DIGIT)
MISSED = ANSWERED | {"asked digit": 0.02}


def written(compared=ANSWERED, **signals):
    return log(compared=compared, **{**HEARD, **signals})


def unheard(floor=0.01, **signals):
    """Comparisons in which real samples do not show their condition."""
    lines = rows(**{**HEARD, **signals})
    floors = FLOORS | {"asked digit": floor}
    steps = range(0, 2001, 125)
    return Log(lines, [comparison(step, ANSWERED | {"asked digit": 0.0}, floors=floors) for step in steps])


def test_nothing_stands_against_a_healthy_run_with_a_condition():
    found = examine(ASKED, written())
    assert (found.verdict, found.findings) == ("converged", ())


@pytest.mark.parametrize(
    ("signals", "who"),
    [
        ({"moved": 0.01}, (True, False)),
        ({"held_out_matched": 0.52}, (False, True)),
        ({"held_out_matched": 0.52, "moved": 0.01}, (True, True)),
        ({}, (False, False)),
    ],
)
def test_a_finding_says_who_does_not_hear(signals, who):
    found = codes(ASKED, written(MISSED, **signals))["condition-ignored"]
    assert found.severity == ("error" if any(who) else "warning"), "where both hear, it may come"
    assert "0.02, where chance is 0 and real samples have 0.94" in found.evidence
    assert ("generator moves" in found.evidence, "The critic scores" in found.evidence) == who
    assert examine(ASKED, written(MISSED, **signals)).verdict == ("broken" if any(who) else "stalled")


def test_a_generator_that_comes_to_move_with_its_condition_is_not_deaf():
    """MNIST by networks that put the condition beside their inputs: at step 500 it began to."""
    rising = written(MISSED, moved=lambda place: 0.003 * place)
    assert codes(ASKED, rising)["condition-ignored"].severity == "warning"
    still = written(MISSED, moved=lambda place: 1e-6 * (place + 1))
    assert codes(ASKED, still)["condition-ignored"].severity == "error"


def test_it_is_a_warning_where_half_is_shown_and_nothing_where_more_is_coming():
    some = ANSWERED | {"asked digit": 0.35}
    found = examine(ASKED, written(some))
    assert [(one.code, one.severity) for one in found.findings] == [("condition-ignored", "warning")]
    assert found.verdict == "stalled", "good pictures that are not those asked for are no good word"
    later = {"compared": lambda share: ANSWERED | {"asked digit": 0.35 * share}}
    assert "condition-ignored" not in codes(ASKED, written(**later))


def test_samples_that_show_nothing_yet_are_not_said_to_ignore():
    poor = MISSED | {"precision": 0.1}
    assert "condition-ignored" not in codes(ASKED, written(poor))
    assert "condition-ignored" in codes(ASKED, written(poor, moved=0.0)), "unless they stay where they are"


def test_nobody_is_accused_early():
    ill = MISSED | {"narrowest digit": 0.01}
    assert not {"condition-ignored", "classes-collapsed"} & set(codes(ASKED, written(ill, epoch=0.5)))


def test_conditions_that_say_nothing_are_said_to_say_nothing():
    found = codes(ASKED, unheard(held_out_matched=0.52))["condition-ignored"]
    assert (found.severity, "The conditions say nothing about the samples" in found.evidence) == ("error", True)
    assert "more than 52%" in found.evidence
    assert examine(ASKED, unheard(held_out_matched=0.52)).verdict == "broken"


@pytest.mark.parametrize(("reals", "said"), [(8, False), (36, False), (37, True)])
def test_a_handful_of_held_out_samples_says_nothing_about_conditions(reals, said):
    """A share of 36 samples is by chance within 1/4 of a half (three standard deviations)."""
    lines = unheard(held_out_matched=0.52)
    for one in lines.comparisons:
        one["reals"] = reals
    told = codes(ASKED, lines).get("condition-ignored")
    assert (told is not None and "say nothing" in told.evidence) == said
    missed = written(MISSED, held_out_matched=0.52, moved=0.01)
    for one in missed.comparisons:
        one["reals"] = reals
    assert ("The critic scores" in codes(ASKED, missed)["condition-ignored"].evidence) == said


@pytest.mark.parametrize("nearly", [{"floor": 0.1}, {"held_out_matched": lambda place: 0.9 if place < 8 else 0.5}])
def test_conditions_that_neighbours_or_the_critic_hear_say_something(nearly):
    """The critic at any time: near the end, samples are as likely as the data whatever is asked for."""
    floor = nearly.get("floor", 0.01)
    signals = {"held_out_matched": 0.52} | {name: value for name, value in nearly.items() if name != "floor"}
    found = codes(ASKED, unheard(floor, **signals)).get("condition-ignored")
    assert found is None or "say nothing" not in found.evidence


def test_floors_at_chance_do_not_keep_a_run_from_being_near():
    assert examine(ASKED, unheard(held_out_matched=0.9)).verdict in ("healthy", "converged")


def test_one_class_that_is_alike_is_named_and_collapsing():
    lines = written(ANSWERED | {"narrowest digit": 0.05})
    lines.comparisons[-1]["alike"] = {"digit": ["3", "8"]}
    found = examine(ASKED, lines)
    assert (found.verdict, found.findings[0].code) == ("collapsing", "classes-collapsed")
    assert "alike (3, 8): they are 5% as far" in found.findings[0].evidence
    moving = written(lambda share: ANSWERED | {"narrowest digit": 0.01 if share < 0.7 else 0.22})
    assert codes(ASKED, moving)["classes-collapsed"].severity == "warning"
    assert examine(ASKED, moving).verdict == "learning"


def test_where_all_samples_are_alike_classes_are_not_the_cause():
    found = codes(ASKED, written(ANSWERED | {"narrowest digit": 0.05}, diversity=0.1))
    assert ("mode-collapse" in found, "classes-collapsed" in found) == (True, False)


def test_few_samples_of_a_class_are_counted_and_named():
    (found,) = (one for one in codes(setup(condition=few(20))).values() if one.code == "class-starved")
    assert "0 (18)" in found.evidence
    many = replace(DIGIT, parts=(replace(DIGIT.parts[0], counts=(20,) * 10, samples=200),))
    found = codes(setup(condition=many, train_count=180))["class-starved"]
    assert ("4 (18)" in found.evidence, "5 more" in found.evidence) == (True, True)
    number = Condition((Part("heat", "number", quantiles=(0.0, 1.0)),))
    assert "class-starved" not in codes(setup(condition=number))


def test_what_copies_tell_is_no_test_and_no_fault_of_the_networks():
    leaking = setup(condition=DIGIT, wiring={"leaks": (leak(0.9, 0.1), leak(0.5, 0.5))})
    found = examine(leaking, written())
    assert (found.verdict, "more than those is unknown" in found.summary) == ("learning", True)
    assert "condition-ignored" not in codes(leaking, written(MISSED))
    noisy = setup(condition=DIGIT, wiring={"leaks": (leak(0.12, 0.01),)})
    assert examine(noisy, written()).verdict == "converged"


@pytest.mark.parametrize("player", ["generator", "critic"])
def test_a_network_that_drops_its_condition_is_broken_whatever_its_samples(player):
    found = examine(setup(condition=DIGIT, wiring={f"{player}_asked": False}), written())
    assert (found.verdict, found.findings[0].code) == ("broken", "condition-ignored")
    assert f"The {player}" in found.findings[0].evidence


def test_a_run_that_comes_to_show_what_it_is_asked_for_is_learning():
    assert examine(ASKED, written(lambda share: ANSWERED | {"asked digit": 0.4 * share})).verdict == "learning"
