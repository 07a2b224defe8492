"""Ranking: against SciPy's t-test, and what comes first."""

import csv
import io
import math
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest
from scipy import stats

from wgan.sweeps.outcome import Outcome, Taken
from wgan.sweeps.table import ranked, told_apart
from wgan.sweeps.words import ending_lines, table_lines

LAST = Taken("frechet", "last", False)


def runs(setting, values, better="lower", verdict="converged"):
    return [
        Outcome(f"{setting}-{seed}", {"a.b": setting}, seed, "done", 10, 10, value, 1.0, better, 4, 4, verdict)
        for seed, value in enumerate(values)
    ]


def lost(setting, seed, state="diverged"):
    return Outcome(f"{setting}-{seed}", {"a.b": setting}, seed, state, 10, verdict="diverged")


def table(*groups, keys=("a.b",)):
    return ranked(Path("sweep"), LAST, keys, [run for group in groups for run in group])


def test_told_apart_is_students_test_and_a_difference_beyond_the_deviation():
    random = np.random.default_rng(0)
    seen = set()
    for _ in range(200):
        one, other = random.normal(0, 1, random.integers(2, 8)), random.normal(random.choice([0, 1, 3]), 1, 5)
        chance = stats.ttest_ind(one, other).pvalue
        both = np.concatenate([one - one.mean(), other - other.mean()])
        deviation = math.sqrt((both**2).sum() / (len(both) - 2))
        expected = chance < 0.05 and abs(one.mean() - other.mean()) > deviation
        assert told_apart([*one], [[*other]]) == [expected]
        seen.add(expected)
    assert seen == {True, False}
    assert told_apart([1.0], [[2.0, 2.1]]) == [False], "nothing follows from one seed"
    assert told_apart([1.0, 1.0], [[2.0, 2.0]]) == [True]
    assert told_apart([1.0, 1.0], [[1.0, 1.0]]) == [False]


def test_of_many_equal_settings_none_is_told_apart_from_the_luckiest():
    random, sweeps = np.random.default_rng(5), 300
    wrong = 0
    for _ in range(sweeps):
        best, *others = sorted(random.normal(0, 1, (20, 3)).tolist(), key=fmean)
        wrong += any(told_apart(best, others))
    assert wrong / sweeps <= 0.06
    best, *others = sorted([*random.normal(0, 1, (19, 3)).tolist(), [40.0, 41.0, 42.0]], key=fmean)
    assert told_apart(best, others) == [False] * 18 + [True]


def test_the_better_mean_comes_first_in_the_direction_of_the_metric():
    low, high = [1.0, 2.0, 3.0], [10.0, 11.0, 12.5]
    down = table(runs("x", high), runs("y", low))
    assert [(row.rank, row.settings["a.b"], row.apart) for row in down.rows] == [(1, "y", None), (2, "x", True)]
    assert down.rows[0].mean == fmean(low)
    assert down.rows[0].deviation == stdev(low)
    up = table(runs("x", high, "higher"), runs("y", low, "higher"))
    assert [row.settings["a.b"] for row in up.rows] == ["x", "y"]


def test_settings_of_which_a_run_failed_come_last_and_say_so():
    made = table(
        [*runs("lucky", [0.1]), lost("lucky", 1)], runs("safe", [5.0, 6.0]), [lost("never", 0), lost("never", 1)]
    )
    assert [(row.settings["a.b"], row.rank, row.mean) for row in made.rows] == [
        ("safe", 1, 5.5),
        ("lucky", 2, 0.1),
        ("never", None, None),
    ]
    assert made.rows[1].outcomes == {"converged": 1, "diverged": 1}
    told = "\n".join([*table_lines(made), *ending_lines(made)])
    assert "1 converged, 1 diverged" in told
    assert "come after those of which none did" in told


def test_a_run_that_is_not_finished_only_counts_as_that():
    made = table([*runs("x", [1.0]), lost("x", 1, "unfinished")], runs("y", [2.0, 3.0]))
    assert [row.settings["a.b"] for row in made.rows] == ["x", "y"]
    assert made.rows[0].outcomes == {"converged": 1, "unfinished": 1}


@pytest.mark.parametrize(("count", "expected"), [(1, ""), (2, "1..2"), (4, "1..4"), (5, "± 1.581")])
def test_the_spread_of_few_seeds_is_their_range(count, expected):
    made = table(runs("x", [float(value) for value in range(1, count + 1)]))
    assert made.rows[0].spread() == expected
    told = "\n".join(ending_lines(made))
    assert ("With one seed each" in told) == (count == 1)


def test_csv_and_json_have_the_numbers_in_full():
    made = table(runs("x", [1 / 3, 1.0]), runs("y", [2.0, 2.5]))
    first, second = csv.DictReader(io.StringIO(made.to_csv()))
    assert float(first["mean_frechet"]) == fmean([1 / 3, 1.0])
    assert (first["a.b"], first["verdicts"], first["told_apart_from_first"]) == ("x", "2 converged", "")
    assert second["told_apart_from_first"] == ("yes" if told_apart([1 / 3, 1.0], [[2.0, 2.5]])[0] else "no")
    assert made.to_dict()["rows"][0]["runs"][0]["value"] == 1 / 3
    assert "<table" in made._repr_html_()


def test_the_last_value_or_the_best_is_taken():
    def row(step, value):
        return {"step": step, "metrics": {"frechet": {"value": value, "better": "lower"}}}

    rows = [row(1, 5.0), row(2, 3.0), row(3, 4.0)]
    assert LAST.of(rows)["step"] == 3
    assert Taken("frechet", "best", False).of(rows)["step"] == 2
    assert LAST.of([*rows, row(4, None)]) is None, "a run whose last value is no number has none"
    assert Taken("frechet", "best", False).of([*rows, row(4, None)])["step"] == 2
    assert LAST.of([]) is None
