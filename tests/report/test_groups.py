"""Runs that differ in their seed only are drawn as one, against NumPy."""

import re

import numpy as np
import pytest

from helpers import small_run
from wgan.diagnosis import Diagnosis, Verdict
from wgan.report import write_report
from wgan.report.charts import metrics_over_time, panels
from wgan.report.groups import grouped
from wgan.report.tables import overview, spread_table
from wgan.views import mean_line

RANDOM = np.random.default_rng(0)
HOSTILE = "<img src=x onerror=alert(1)>"
STEPS = {"training__steps": 2}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two seeds of one weight and three of another, in an order in which groups lie apart."""
    folder = tmp_path_factory.mktemp("runs")
    asked = [(10.0, 0, 4), (1.0, 0, 4), (10.0, 1, 2), (1.0, 1, 4), (1.0, 2, 4)]
    return [
        small_run(
            folder / f"{weight:g}-{seed}",
            objective__penalty_weight=weight,
            training__seed=seed,
            output__sample_every=every,
            **STEPS,
        )
        for weight, seed, every in asked
    ]


def names_of(runs):
    return [run.path.name for run in runs]


def test_groups_have_the_same_settings_and_come_in_the_order_of_their_first_runs(runs):
    found = grouped(runs, names_of(runs))
    assert [group.places for group in found.all] == [(0, 2), (1, 3, 4)]
    assert [group.name for group in found.all] == ["penalty_weight=10 (2 seeds)", "penalty_weight=1 (3 seeds)"]
    assert ([group.brief for group in found.all], found.keys) == (["10", "1"], "penalty_weight")
    assert [found.of(place) for place in range(5)] == [0, 1, 0, 1, 1]
    assert found.repeated
    assert found.sorted_out("abcde") == [["a", "c"], ["b", "d", "e"]]


def test_runs_that_repeat_nothing_keep_their_names(runs):
    found = grouped(runs[:2], names_of(runs)[:2])
    assert [group.name for group in found.all] == ["10-0", "1-0"]
    assert not found.repeated
    assert not found.keys


def test_the_same_seed_twice_is_no_group(runs, tmp_path):
    again = small_run(tmp_path / "again", objective__penalty_weight=10.0, **STEPS)
    found = grouped([runs[0], again, runs[1], runs[3]], ["a", "b", "c", "d"])
    assert [group.places for group in found.all] == [(0,), (1,), (2, 3)]
    assert [group.name for group in found.all] == ["a (1 seed)", "b (1 seed)", "penalty_weight=1 (2 seeds)"]


def test_other_data_are_another_group(runs, tmp_path):
    values = RANDOM.integers(0, 256, (60, 8, 8), dtype=np.uint8)
    settings = STEPS | {"objective__penalty_weight": 10.0}
    others = [small_run(tmp_path / f"{seed}", source=values, training__seed=seed, **settings) for seed in (0, 1)]
    found = grouped([runs[0], runs[2], *others], list("abcd"))
    assert [group.places for group in found.all] == [(0, 1), (2, 3)]
    assert found.all[0].name == "digits (2 seeds)"


def course(*values):
    return [{"step": 50 * i, "distance": float(value)} for i, value in enumerate(values)]


def test_a_group_is_drawn_as_the_mean_between_the_lowest_and_the_highest():
    values = RANDOM.normal(size=(3, 40))
    logs = [[course(*row) for row in values], [course(1, 2, 3)]]
    (drawn,) = panels(["a (3 seeds)", "b"], logs)
    group, single = drawn.lines
    np.testing.assert_allclose(group.values, values.mean(0), rtol=1e-9)
    np.testing.assert_array_equal(group.low, values.min(0))
    np.testing.assert_array_equal(group.high, values.max(0))
    assert group.steps == [50 * i for i in range(40)]
    assert (single.values, single.low) == ([1, 2, 3], ())
    assert str(drawn.svg).count("<polygon") == 1


def test_the_band_is_where_two_or_more_have_a_value():
    """The third stops early, the second earlier, which ends the mean; what is not finite is left out."""
    values = np.array([[1, 2, 3, 4, 5, 6], [3, np.inf, 5, np.nan, np.nan, np.nan], [5, 6, 7, 8, np.nan, np.nan]])
    logs = [course(*values[0]), course(*values[1][:3]), course(*values[2][:4])]
    (drawn,) = panels(["all"], [logs])
    (line,) = drawn.lines
    seen = np.where(np.isfinite(values), values, np.nan)
    seen = seen[:, :3]
    np.testing.assert_allclose(line.values, np.nanmean(seen, axis=0))
    np.testing.assert_array_equal(line.low, np.nanmin(seen, axis=0))
    np.testing.assert_array_equal(line.high, np.nanmax(seen, axis=0))


def test_a_gap_parts_the_band():
    logs = [course(1, 2, 3), [row for row in course(3, 4, 5) if row["step"] != 50]]
    (drawn,) = panels(["all"], [logs])
    assert [[step for step, _, _ in piece] for piece in drawn.lines[0].band()] == [[0], [100]]


def test_a_long_band_is_thinned_and_keeps_its_widest_places():
    values = RANDOM.normal(size=(2, 20_000))
    values[0, 12_345] = 90.0
    (drawn,) = panels(["all"], [[course(*row) for row in values]])
    (piece,) = drawn.lines[0].band()
    assert len(piece) <= 300
    assert (piece[0][0], piece[-1][0]) == (0, 50 * 19_999)
    assert max(high for _, _, high in piece) == 90.0
    assert min(low for _, low, _ in piece) == values.min()


def test_a_legend_has_one_entry_for_each_group():
    rows = [{"step": step, "critic_loss": -1.0, "generator_loss": 2.0} for step in (0, 50)]
    (drawn,) = panels(["a", "b"], [[rows, rows], [rows]])
    assert [(entry.name, entry.newest) for entry in drawn.legend] == [("a", ("-1", "2")), ("b", ("-1", "2"))]
    assert [name for _, name in drawn.terms] == ["critic_loss", "generator_loss"]
    assert len(drawn.lines) == 4


def evaluated(value, step=100):
    return [{"step": step, "n": 9, "metrics": {"fid": {"value": value, "floor": 2.0, "better": "lower"}}}]


def test_metrics_of_groups_are_means_and_deviations():
    values = [20.0, 23.0, 29.0]
    (row,) = spread_table([[evaluated(value) for value in values], [evaluated(7.0), evaluated(None)], [[]]])
    assert (row.name, row.better) == ("fid", "lower")
    first, second, third = row.cells
    assert (float(first.mean), first.ends, first.known, first.floor) == (24.0, "20 to 29", 3, "2")
    assert float(first.spread) == pytest.approx(np.std(values, ddof=1), rel=1e-2)
    assert (second.mean, second.spread, second.known, third) == ("7", "", 1, None)


def test_metrics_of_unlike_sizes_are_not_averaged():
    def row(value, n, step):
        return {"step": step, "n": n, "seed": 0, "metrics": {"fid": {"value": value, "better": "lower"}}}

    (found,) = spread_table([[[row(10.0, 50_000, 100_000)], [row(30.0, 64, 500)]]])
    (cell,) = found.cells
    assert (cell.mean, cell.spread, cell.known, cell.of) == ("10", "", 1, "50,000 samples, step 100,000")
    longer = [row(12.0, 50_000, 900), row(99.0, 64, 1000)]
    (found,) = spread_table([[[row(10.0, 50_000, 1000)], longer]])
    assert (found.cells[0].mean, found.cells[0].of) == ("11", "50,000 samples, step 900 to 1,000")


def test_a_mean_ends_where_the_shortest_run_ends():
    runs = [[(0, 1.0), (10, 2.0), (20, 3.0), (25, 3.5)], [(0, 3.0), (10, 4.0), (20, 9.0), (30, 9.0)]]
    line = mean_line("a", runs)
    assert (line.steps, line.values, line.low, line.high) == ([0, 10, 20], [2, 3, 6], [1, 2, 3], [3, 4, 9])
    broken = [(0, 5.0), (10, float("nan")), (20, None)]
    assert mean_line("a", [*runs, broken]).steps == [0]
    assert mean_line("a", [[(0, 1.0)], [(5, 1.0), (10, 2.0)]]).steps == [0]


def test_metrics_over_time_are_bands_too():
    runs = [[*evaluated(value, 100), *evaluated(value / 2, 200)] for value in (20.0, 30.0)]
    (drawn,) = metrics_over_time(["all"], [runs])
    assert (drawn.lines[0].values, drawn.lines[0].low, drawn.lines[0].high) == ([25, 12.5], [20, 10], [30, 15])


def test_verdicts_are_counted():
    known = (("unstable", 50), ("healthy", 100), ("healthy", 100))
    (row,) = overview([[{"diagnosis": Diagnosis(Verdict[name], "", (), step)} for name, step in known]])
    assert [(one.verdict.value, count) for one, count in row.verdicts] == [("healthy", 2), ("unstable", 1)]
    assert row.steps == "50 to 100"


def test_a_page_of_many_runs_has_a_table_of_groups_and_every_verdict(runs, tmp_path):
    for run in runs:
        run.append_evaluation(evaluated(20.0 + run.config.training.seed)[0])
    write_report(runs, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<article>") == 5
    table = page.partition("Groups of runs")[2].partition("</table>")[0]
    names = [group.name for group in grouped(runs, names_of(runs)).all]
    assert re.findall(r"(penalty_weight=\d+ \(\d seeds\))", table) == names
    assert "<b>20.5</b> ± 0.707" in table
    assert "<b>21</b> ± 1<" in table
    differing = page.partition("Settings that differ")[2].partition("</table>")[0]
    assert "<td>0, 1, 2</td>" in differing


def test_hostile_names_are_text(runs, tmp_path, monkeypatch):
    monkeypatch.setattr("wgan.report.groups._text", lambda value: f"{HOSTILE}{value}")
    write_report(runs, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "penalty_weight=&lt;img" in page
    assert "<img src=x" not in page
