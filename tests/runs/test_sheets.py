"""How grids of conditional samples are laid out, and what each column is asked for."""

import numpy as np
import pytest
import torch

from helpers import CONDITIONS, LABELS, NUMBER, Described, small_run
from wgan.runs.asking import asked
from wgan.runs.headings import MOST_COLUMNS, across, in_words, title, walk_heads
from wgan.runs.sampling import sheet_of
from wgan.runs.sheets import alike, blocks_of, by_column
from wgan.types import SampleSpec
from wgan.types.condition import Condition, Part

MIXTURE = CONDITIONS["mixture"]
SETS = Part(
    "tags", "labels", ("big", "blue", "red"), (6, 5, 4), 12, sets=((0, 1), (2,), (1,), ()), set_counts=(5, 4, 1, 2)
)


def pictures(*parts, kind="picture"):
    spec = SampleSpec.picture(1, 8, 8) if kind == "picture" else SampleSpec("signal", (1, 64), "float32")
    return spec.__class__(**{**vars(spec), "condition": Condition(parts)})


def sheet(spec, count, columns=8, **settings):
    return by_column(spec, lambda latents: torch.randn(latents, 4), count, columns, 0, **settings)


def test_columns_are_the_most_frequent_classes():
    counts = tuple(range(1, 31))
    many = Part("kind", "class", tuple(map(str, range(30))), counts, sum(counts))
    found = sheet(pictures(many, LABELS, NUMBER), 32)
    assert (found.columns, found.blocks) == (MOST_COLUMNS, 1)
    assert found.heads == tuple(map(str, range(14, 30)))
    assert found.conditions[:16, :30].argmax(1).tolist() == list(range(14, 30))


def test_other_parts_are_the_same_along_a_row_and_drawn_for_each():
    found = sheet(pictures(*MIXTURE.parts), 60)
    wide = len(found.heads)
    rows = found.conditions.reshape(-1, wide, MIXTURE.size)
    assert torch.equal(rows[:, :, 3:], rows[:, :1, 3:].expand(-1, wide, -1))
    assert torch.equal(rows[:, :, :3], torch.eye(3).expand(len(rows), 3, 3))
    assert len(rows[:, 0, -1].unique()) == len(rows), "a number each"
    expected = asked(MIXTURE, {}).rows(len(rows), 0)
    torch.testing.assert_close(rows[:, 0, 3:], expected[:, 1:])
    z = found.latents.reshape(len(rows), wide, -1)
    assert torch.equal(z, z[:, :1].expand_as(z))


def test_columns_of_labels_are_the_sets_that_occur_most_often_first():
    found = across(SETS, 8)
    assert found.heads == ("big|blue", "red", "(none)", "blue")
    assert found.rows == ((1, 1, 0), (0, 0, 1), (0, 0, 0), (0, 1, 0))
    assert across(LABELS, 8).rows == ((1, 0), (0, 1)), "runs that know of no sets: label by label"
    many = tuple((one, other) for one in range(8) for other in range(one))
    part = Part("tags", "labels", tuple("abcdefgh"), (9,) * 8, 99, sets=many, set_counts=tuple(range(1, 29)))
    assert across(part, 8).heads[0] == "g|h"
    assert len(across(part, 8).rows) == MOST_COLUMNS


def test_columns_of_numbers_go_from_low_to_high():
    numbers = [float(head) for head in across(NUMBER, 5).heads]
    assert numbers == sorted(numbers)
    assert 10 < numbers[0] < numbers[-1] < 90


@pytest.mark.parametrize("wide", [1, 2, 3, 5, 8, 10, 16])
@pytest.mark.parametrize("form", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("count", [64, 100, 1000])
def test_blocks_make_a_picture_of_a_sensible_form(wide, form, count):
    latents = -(-count // wide)
    blocks, rows = blocks_of(latents, wide, form)
    assert latents <= blocks * rows < latents + blocks, "no row more than it takes"
    assert blocks == 1 or 1 / 2.1 <= blocks * wide * form / rows <= 2.1
    assert blocks * wide * form / rows >= 1 / 2.1


@pytest.mark.parametrize(("kind", "classes", "columns", "rows"), [("picture", 2, 8, 8), ("signal", 3, 6, 11)])
def test_few_classes_stand_in_several_blocks(kind, classes, columns, rows):
    part = Part("label", "class", tuple(map(str, range(classes))), (9,) * classes, 9 * classes)
    found = sheet(pictures(part, kind=kind), 64)
    assert (found.columns, len(found.latents) // found.columns) == (columns, rows)
    assert len(found.latents) == columns * rows
    assert found.blocks * classes == columns
    assert found.conditions.argmax(1).tolist() == [*range(classes)] * (found.blocks * rows)


def test_a_grid_has_its_rows_however_many_columns_there_are():
    part = Part("label", "class", tuple(map(str, range(10))), (9,) * 10, 90)
    found = sheet(pictures(part), 4, rows=8)
    assert len(found.latents) == 80


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ((3090.0, 12.5, 123456.0), ("3090", "12.5", "123500")),
        ((0.1 + 0.2, 1e-17, -1.0), ("0.3", "0", "-1")),
        ((1e6, 2.5e9), ("1e+06", "2.5e+09")),
        ((1e-7,), ("1e-07",)),
        ((100001.0, 100002.0), ("100001", "100002")),
        ((0.0, 0.0), ("0", "0")),
    ],
)
def test_numbers_are_written_as_people_do(numbers, texts):
    part = Part("mass", "number", quantiles=(0.0, 1.0))
    assert in_words(part, [(number,) for number in numbers]) == texts


@pytest.mark.parametrize(
    ("wanted", "heads", "line"),
    [
        ({"label": ("cat", "eel")}, ("cat", "", "", "eel"), "label cat..eel"),
        ({"energy": (20, 80)}, ("20", "40", "60", "80"), "energy 20..80"),
        ({"energy": (20, 80), "label": ("cat", "eel")}, ("20", "40", "60", "80"), "label cat..eel, energy 20..80"),
        ({"tags": "red|round", "energy": 40}, (), "tags red|round, energy 40"),
        (["tags=..red"], ("(none)", "", "", "red"), "tags (none)..red"),
        ({}, (), ""),
    ],
)
def test_heads_say_what_changes_and_the_title_all_that_is_asked_for(wanted, heads, line):
    request = asked(MIXTURE, wanted)
    assert (walk_heads(request, 4), title(request)) == (heads, line)
    assert walk_heads(request, 1) == heads[:1]


@pytest.fixture(scope="module", params=[(8, 8), (1, 32)], ids=["pictures", "signals"])
def run(request, tmp_path_factory):
    kind = {"data__kind": "signal"} if request.param == (1, 32) else {}
    path = tmp_path_factory.mktemp("sheets") / "run"
    return small_run(
        path, source=Described(request.param), data__condition=("label", "energy"), training__steps=4, **kind
    )


class TestSamples:
    @pytest.mark.parametrize(("n", "wide", "count"), [(5, 5, 5), (10, 10, 10), (12, 10, 20), (1, 1, 1)])
    def test_walks_reach_their_ends(self, run, n, wide, count):
        found = sheet_of(run, n, 0, asked(run.spec.condition, ["label=cat..eel"]))
        assert (len(found.heads), len(found.latents)) == (wide, count)
        assert len(found.latents) % found.columns == 0
        assert found.conditions[:: found.columns, 0].tolist() == [1.0] * (count // found.columns)
        if wide > 1:
            assert found.conditions[wide - 1 :: wide, 2].tolist() == [1.0] * (count // wide)

    def test_rows_are_whole_and_single_samples_are_as_many_as_asked_for(self, run):
        for words in (None, ["label=cat..eel"], ["label=dog"]):
            wanted = asked(run.spec.condition, words)
            assert len(sheet_of(run, 13, 0, wanted, single=True).latents) == 13
            if words != ["label=dog"]:
                found = sheet_of(run, 13, 0, wanted)
                assert len(found.latents) >= 13
                assert len(found.latents) % found.columns == 0


def test_real_samples_are_what_their_columns_are_asked_for():
    spec = pictures(*MIXTURE.parts)
    found, random = sheet(spec, 30), np.random.default_rng(0)
    known = MIXTURE.drawn(lambda place: np.random.default_rng(place), 200)
    places = alike(found, MIXTURE, known, 0)
    assert len(set(places.tolist())) == len(places), "there are enough of each"
    assert known[places, 0].tolist() == found.conditions[:, :3].argmax(1).tolist()
    few = known[random.permutation(np.flatnonzero(known[:, 0] == 1))[:2]]
    assert {*alike(found, MIXTURE, few, 0).tolist()} <= {0, 1}


def test_real_samples_are_those_nearest_to_the_number_of_their_column():
    condition = Condition((NUMBER,))
    found = sheet(pictures(NUMBER), 30, 5)
    known = torch.from_numpy(NUMBER.drawn(np.random.default_rng(1), 500))
    places = alike(found, condition, known, 0).reshape(-1, found.columns)
    for column in range(5):
        away = (known[:, 0] - found.conditions[column, 0]).abs()
        rows = len(places)
        chosen = {*places[:, column].tolist()}
        assert chosen == {*away.argsort(stable=True)[:rows].tolist()}
