"""What a generator is asked for: from words to vectors, and from samples back to words."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image

import wgan
from helpers import CONDITIONS, EVERYTHING, NUMBER, Described, small_run
from wgan.errors import InputError
from wgan.runs.asking import WALK, asked
from wgan.runs.inputs import in_batches
from wgan.runs.samples_out import Some, write_each
from wgan.runs.sampling import sheet_of, write_grid
from wgan.types.condition import Condition, Part
from wgan.views.heads import AROUND, LINE

MIXTURE = CONDITIONS["mixture"]


def first(wanted, condition=MIXTURE):
    return asked(condition, wanted).vectors(1, 1)[0].tolist()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["label=dog"], {"label": "dog"}),
        (["label= dog , energy=70"], {"label": "dog", "energy": "70"}),
        (["tags=red|round", "energy=1e1"], {"tags": "red|round", "energy": "10"}),
        (["tags="], {"tags": ""}),
        ({"label": "cat", "energy": np.float32(30), "tags": {"round"}}, {"label": "cat", "energy": "30"}),
        ({"tags": ["red", "round"]}, {"tags": "red|round"}),
        ({"tags": []}, {"tags": ""}),
    ],
)
def test_what_is_asked_for_is_what_the_vector_says(wanted, words):
    (found,) = MIXTURE.in_words(asked(MIXTURE, wanted).vectors(1, 1))
    assert words.items() <= found.items()


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"label": ["dog", "cat", "dog"]}, ["dog", "cat", "dog"]),
        ({"label": np.array(["cat", "dog", "cat"])}, ["cat", "dog", "cat"]),
        ({"energy": torch.tensor([10.0, 40.0, 70.0])}, ["10", "40", "70"]),
        ({"tags": [["red"], ["red", "round"], []]}, ["red", "red|round", ""]),
    ],
)
def test_each_sample_can_be_asked_for_something_else(wanted, words):
    (name,) = wanted
    found = asked(MIXTURE, wanted)
    assert [one[name] for one in MIXTURE.in_words(MIXTURE.to_vectors(found.rows(3)))] == words
    with pytest.raises(InputError, match=rf"There are 4 samples and 3 values of {name}\."):
        found.rows(4)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"tags": [True, False]}, {"tags": MIXTURE.part("tags").names[0]}),
        ({"label": "DOG"}, {"label": "dog"}),
        (["tags=red;round"], {"tags": "red|round"}),
        ({"energy": torch.tensor(40)}, {"energy": "40"}),
    ],
)
def test_what_is_written_otherwise_is_understood(wanted, words):
    (found,) = MIXTURE.in_words(asked(MIXTURE, wanted).vectors(1, 1))
    assert words.items() <= found.items()


def test_a_name_with_an_equals_sign_can_be_asked_for():
    signs = Condition(
        (Part("a=b", "number", samples=9, quantiles=(0.0, 1.0)), Part("a", "class", ("b", "c"), (1, 1), 2))
    )
    assert asked(signs, ["a=b=0.5"]).vectors(1, 1)[0].tolist()[0] == 0.5
    assert asked(signs, ["a=c"]).vectors(1, 1)[0].tolist()[1:] == [0, 1]
    for wanted in (["a="], ["=c"], ["c"]):
        with pytest.raises(InputError, match="asks for nothing"):
            asked(signs, wanted)


@pytest.mark.parametrize("energy", ["1e39", 1e300, float("inf"), "x"])
def test_numbers_that_networks_cannot_take_are_refused(energy):
    with pytest.raises(InputError, match=r"energy is a number from"):
        asked(MIXTURE, {"energy": energy})


ODD = ("a..b", "c,d=e", "x|y", "true", "7", "label=1,energy=2")
ODD_CLASS = Condition((Part("kind", "class", ODD, (1,) * len(ODD), len(ODD)),))
ODD_LABELS = Condition((Part("kind", "labels", ODD, (1,) * len(ODD), len(ODD)),))


@pytest.mark.parametrize("condition", [ODD_CLASS, ODD_LABELS], ids=["class", "labels"])
@pytest.mark.parametrize("name", ODD)
def test_names_may_have_any_signs_in_them(condition, name):
    for wanted in ([f"kind={name}"], {"kind": name}):
        assert first(wanted, condition) == [float(other == name) for other in ODD]


def test_numbers_and_truths_are_names_too():
    assert first({"kind": 7}, ODD_CLASS)[ODD.index("7")] == 1
    assert first({"kind": True}, ODD_CLASS)[ODD.index("true")] == 1


def test_walks_go_from_one_value_to_the_other_along_each_row():
    walk = asked(MIXTURE, ["energy=20..80", "label=cat..eel"])
    assert walk.walking == ("energy", "label")
    vectors = walk.vectors(9, 4)
    energy = vectors[:, 5] * NUMBER.spread + NUMBER.centre
    torch.testing.assert_close(energy, torch.tensor([20.0, 40, 60, 80, 20, 40, 60, 80, 20]))
    torch.testing.assert_close(vectors[:4, 0], torch.tensor([1, 2 / 3, 1 / 3, 0]))
    torch.testing.assert_close(vectors[:4, 2], torch.tensor([0, 1 / 3, 2 / 3, 1]))
    assert torch.equal(vectors[0, 3:5], vectors[3, 3:5]), "what is drawn stays along a row"
    between = asked(ODD_CLASS, ["kind=a..b..7"]).ends["kind"]
    assert (ODD[int(between.start[0])], ODD[int(between.end[0])]) == ("a..b", "7")


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        (["labl=cat"], "Unknown condition 'labl'. Did you mean label"),
        (["label=cart"], "Unknown class of label 'cart'. Did you mean cat"),
        (["label=zebra"], "There are: cat, dog, eel"),
        (["tags=red|rnd"], "Unknown label of tags 'rnd'. Did you mean round"),
        (["energy=hot"], "energy is a number from 10 to 90, and 'hot' is none. Write energy="),
        (["energy=nan"], "and 'nan' is none"),
        (["energy=..80"], "and '' is none"),
        (["dog"], "'dog' asks for nothing"),
        (["label=cat", "label=dog"], "label is asked for twice"),
        ({"label": None}, "Unknown class of label 'None'"),
    ],
)
def test_what_there_is_not_is_told(wanted, complaint):
    with pytest.raises(InputError) as caught:
        asked(MIXTURE, wanted)
    assert complaint in str(caught.value)


def test_of_a_thousand_classes_some_are_listed():
    many = Condition((Part("kind", "class", tuple(f"{number:04}" for number in range(1000)), (1,) * 1000, 1000),))
    with pytest.raises(InputError, match=r"There are: 0000, .* and 936 more\.") as caught:
        asked(many, ["kind=zebra"])
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("number", [1e5, -50.0])
def test_a_number_far_from_what_was_seen_is_warned_of(number):
    with pytest.warns(UserWarning, match="far outside of what the generator has seen, 10 to 90"):
        asked(MIXTURE, {"energy": number})
    assert asked(MIXTURE, {"energy": 95}).ends, "a little is nothing to warn of"


def test_without_a_condition_nothing_can_be_asked_for():
    assert asked(None, None) is asked(None, []) is None
    with pytest.raises(InputError, match="trained without a condition"):
        asked(None, ["label=7"])


@pytest.fixture(scope="module", params=[(8, 8), (2,)], ids=["pictures", "points"])
def run(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("asked") / "run"
    return small_run(path, source=Described(request.param), data__condition=EVERYTHING, training__steps=4)


class TestRuns:
    def test_a_seed_decides_what_is_drawn_and_more_begin_with_the_same(self, run):
        for condition in (None, {"label": "dog"}):
            some = run.sample(5, seed=3, condition=condition)
            torch.testing.assert_close(run.sample(40, seed=3, condition=condition)[:5], some)
            assert not torch.equal(run.sample(5, seed=4, condition=condition), some)
        assert not torch.equal(run.sample(5, condition={"label": "cat"}), run.sample(5, condition={"label": "eel"}))

    def test_load_takes_both_inputs_and_says_so(self, run):
        generator, z = wgan.load(run.path), run.latents(3)
        expected = generator(z, run.conditions(3, {"energy": 40}))
        found = run.sample(3, condition={"energy": 40})
        torch.testing.assert_close(found, expected if run.spec.is_spatial else run.spec.to_stored(expected))
        with pytest.raises(TypeError, match="takes two inputs"):
            generator(z)

    def test_single_files_are_the_samples_and_say_what_was_asked_for(self, run, tmp_path):
        wanted = asked(run.spec.condition, ["label=dog"])
        sheet = sheet_of(run, 7, 2, wanted, single=True)
        for given, told in zip(in_batches(sheet.latents, sheet.conditions), run.batches(7, 2, wanted), strict=True):
            assert torch.equal(given.latents, told.latents)
            assert torch.equal(given.conditions, told.conditions)
        write_each(run, [Some(lambda: run.batches(7, 2, wanted))], tmp_path)
        table = tmp_path / ("metadata.csv" if run.spec.is_spatial else "samples.csv")
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 7
        assert {row["label"] for row in rows} == {"dog"}
        read_back = [{name: row[name] for name in EVERYTHING} for row in rows]
        again = torch.cat([asked(run.spec.condition, one).vectors(1, 1) for one in read_back])
        torch.testing.assert_close(again, sheet.conditions, rtol=0, atol=1e-3)
        assert torch.equal(sheet.conditions, run.conditions(7, {"label": "dog"}, seed=2))
        if run.spec.is_spatial:
            assert {row["file_name"] for row in rows} == {path.name for path in tmp_path.glob("*.png")}

    def test_single_samples_of_no_request_are_those_of_the_data(self, run):
        sheet = sheet_of(run, 30, 0, asked(run.spec.condition, None), single=True)
        assert torch.equal(sheet.conditions, run.conditions(30))
        assert len(sheet.conditions[:, 5].unique()) == 30

    def test_walks_between_latents_may_be_asked_for_something(self, run):
        sheet = sheet_of(run, 15, 0, asked(run.spec.condition, ["label=cat..dog"]), interpolate=True)
        assert (len(sheet.latents), sheet.columns) == (20, 10)
        assert torch.equal(sheet.conditions[:10, :2], sheet.conditions[10:, :2])

    def test_grids_have_a_head_for_each_column(self, run, tmp_path):
        sheet = sheet_of(run, 8, 0, asked(run.spec.condition, None))
        if run.spec.is_spatial:
            assert (sheet.columns, sheet.heads, len(sheet.latents)) == (3, ("cat", "dog", "eel"), 9), "whole rows"
        else:
            assert sheet.by.names == ("cat", "dog", "eel")
        walk = sheet_of(run, 8, 0, asked(run.spec.condition, [f"energy=20{WALK}65"]))
        assert (walk.heads[0], walk.heads[-1], walk.title) == ("20", "65", "energy 20..65")
        np.testing.assert_allclose(walk.by.values, np.linspace(20, 65, 8), rtol=1e-5)
        write_grid(run, walk, tmp_path / "walk.png")
        with Image.open(tmp_path / "walk.png") as drawn:
            assert len(drawn.convert("RGB").getcolors(1 << 20)) > 8


def test_a_walk_of_volumes_stays_in_its_row(tmp_path):
    settings = {"data__condition": ("label",), "data__kind": "volume", "training__steps": 1}
    run = small_run(tmp_path / "run", source=Described((1, 8, 8, 8)), **settings)
    write_grid(run, sheet_of(run, 20, 0, asked(run.spec.condition, ["label=cat..eel"])), tmp_path / "walk.png")
    with Image.open(tmp_path / "walk.png") as drawn:
        assert drawn.width > 10 * (drawn.height - 2 * (LINE + AROUND)), "two rows of ten, with three slices each"
