"""Columns of packs: what comes beside samples stays with them, and can be asked for."""

import csv
import os
import signal
import subprocess
import sys
import zipfile
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from wgan.data import Folder, find_pack, open_pack, open_source
from wgan.data.columns import MOST_CLASSES, LeftOut, stored
from wgan.data.conditions import MOST_PLACES, chosen, rows_of
from wgan.data.source import Beside, fingerprint
from wgan.data.sources.with_columns import WithColumns, columns_from
from wgan.data.survey import data_facts
from wgan.errors import InputError
from wgan.types.condition import MOST_SETS

POINTS = np.random.default_rng(0).normal(size=(40, 3))


def texts(*values):
    return np.array(values, dtype=object)


def pack_with(**columns):
    """A pack of forty points with these columns, from Python."""
    return open_pack(WithColumns(open_source(POINTS), columns_from(columns)))


# -- what is stored ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beside", "kind", "names", "counts", "missing", "rows"),
    [
        (Beside("a", texts("b", "", " a", "b")), "class", ("a", "b"), (1, 2), 1, [1, -1, 0, 1]),
        (Beside("a", texts("10", "9", "x", "9")), "class", ("9", "10", "x"), (2, 1, 1), 0, [1, 0, 2, 0]),
        (Beside("a", np.array([True, False])), "class", ("false", "true"), (1, 1), 0, [1, 0]),
        (Beside("a", np.array([2, -1, 0]), ("z", "y", "x")), "class", ("z", "y", "x"), (1, 0, 1), 1, [2, -1, 0]),
        (Beside("a", np.array([[1, 0], [-1, -1]], np.int8), ("x", "y")), "labels", ("x", "y"), (1, 0), 1,
         [[1, 0], [-1, -1]]),
        (Beside("a", np.array([[True, True]]), ("x", "y")), "labels", ("x", "y"), (1, 1), 0, [[1, 1]]),
    ],
)  # fmt: skip
def test_classes_and_labels_are_counted(beside, kind, names, counts, missing, rows):
    column, found = stored(beside)
    assert (column.kind, column.names, column.counts, column.missing) == (kind, names, counts, missing)
    assert found.tolist() == rows


def test_numbers_are_described_in_their_own_units():
    numbers = np.array([3.0, np.nan, 5, -1, np.inf, 5])
    column, rows = stored(Beside("a", numbers))
    known = np.array([3.0, 5, -1, 5])
    assert (column.low, column.high, column.missing) == (-1, 5, 2)
    assert (column.mean, column.deviation) == pytest.approx((known.mean(), known.std()))
    assert sum(column.counts) == 4
    np.testing.assert_array_equal(rows, [3, np.nan, 5, -1, np.nan, 5])


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        (Beside("a", texts("", "")), "all of it is missing"),
        (Beside("a", np.array([np.nan])), "all of it is missing"),
        (Beside("a", np.array([-1, -1]), ("x",)), "all of it is missing"),
        (Beside("a", np.array([[-1]], np.int8), ("x",)), "all of it is missing"),
        (Beside("a", texts(*(f"caption {i}" for i in range(30)))), "hardly any occurs twice"),
        (Beside("a", texts(*(f"c{i}" for i in range(MOST_CLASSES + 1)))), "1,001 different texts, and a class has"),
        (Beside("a", np.zeros((2, 1001), bool), tuple(map(str, range(1001)))), "1,001 different labels"),
        (Beside("a", reason="dates"), "dates"),
        (Beside("a", np.array([1e200, -1e200])), "numbers from -1e+200 to 1e+200, too large to be standardised"),
        (Beside("a", np.array([1.7e308, -1.7e308])), "too large to be standardised"),
        (Beside("a", np.arange(30) * 1e-200), "numbers from 0 to 2.9e-199, too close to each other to be standard"),
    ],
)
def test_what_cannot_be_asked_for_says_why(beside, reason):
    found = stored(beside)
    assert isinstance(found, LeftOut)
    assert reason in found.reason


@pytest.mark.parametrize("numbers", [1.6e9 + np.arange(40) % 8 * 1e-6, 1e149 * np.arange(-9, 10), np.full(7, 1e100)])
def test_numbers_of_any_size_are_counted_as_they_are_when_scaled(numbers):
    column, rows = stored(Beside("a", numbers))
    scaled = numbers - numbers.min()
    scaled = scaled / (scaled.max() or 1)
    assert list(column.counts) == np.histogram(scaled, 32, (0, 1))[0].tolist()
    np.testing.assert_array_equal(rows, numbers)


def test_numbers_that_differ_by_rounding_are_one():
    pack = pack_with(a=np.where(np.arange(40) % 2, 0.3, 0.1 + 0.2))
    assert pack.columns["a"][0].counts[:2] == (40, 0)
    with pytest.raises(InputError, match=r"a is 0\.3 for every sample"):
        pack.with_condition(("a",))
    with pytest.raises(InputError, match=r"a is 0\.3 for every sample"):
        pack.with_condition(("a:class",))
    near = pack_with(a=1.6e9 + np.arange(40) % 8 * 1e-6).with_condition(("a",))
    assert len({*near.condition_rows[:, 0]}) == 8
    assert near.condition_rows.std() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("numbers", "names"),
    [
        (1234561.0 + np.arange(40) % 3, ("1234561", "1234562", "1234563")),
        ((np.arange(40) % 3 / 10).astype(np.float32), ("0", "0.1", "0.2")),
        (np.where(np.arange(40) % 2, 1.2345678, 1.2345679), ("1.2345678", "1.2345679")),
        (np.where(np.arange(40) % 2, 2.0**52 + 1, 0.5), ("0.5", "4503599627370497")),
    ],
)
def test_numbers_as_classes_keep_their_digits(numbers, names):
    assert pack_with(a=numbers).with_condition(("a:class",)).spec.condition.parts[0].names == names


@pytest.mark.filterwarnings("error")
def test_numbers_far_from_those_of_the_condition_are_unknown():
    narrow, wide = pack_with(a=np.arange(40) * 1e-9), pack_with(a=np.where(np.arange(40) == 3, 1e99, np.arange(40)))
    rows = rows_of(narrow.with_condition(("a",)).spec.condition, wide.columns)
    assert np.flatnonzero(np.isnan(rows[:, 0])).tolist() == [3]


@pytest.mark.parametrize("name", ["\ud800a", "a\udcff"])
def test_texts_that_no_file_can_hold_are_written_as_escapes(name):
    shown = name.encode("unicode_escape").decode()
    pack = pack_with(
        **{name: [[name, "b"][i % 2] for i in range(40)], "c": [[[name], ["d"]][i % 2] for i in range(40)]}
    )
    condition = pack.with_condition((shown, "c")).spec.condition
    assert condition.names == (shown, "c")
    assert {*condition.parts[0].names, *condition.parts[1].names} == {shown, "b", "d"}


def test_labels_are_kept_as_they_occur_together():
    tags = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0]], bool)[np.arange(40) % 5]
    part = pack_with(tags=tags).with_condition(("tags",)).spec.condition.parts[0]
    assert dict(zip(part.sets, part.set_counts, strict=True)) == {(1,): 16, (0,): 8, (2,): 8, (): 8}
    assert part.sets[0] == (1,)


@pytest.mark.parametrize(("width", "share"), [(40, 0.3), (500, 0.5)])
def test_of_too_many_sets_an_even_choice_keeps_how_frequent_labels_are(width, share):
    rows = np.random.default_rng(0).random((5000, width)) < share * np.arange(width) / width
    column = Beside("a", rows, tuple(map(str, range(width))))
    part = chosen(["a"], {"a": stored(column)}, ()).parts[0]
    assert len(part.sets) <= MOST_SETS
    assert sum(map(len, part.sets)) <= MOST_PLACES
    kept = np.zeros(width)
    for places, count in zip(part.sets, part.set_counts, strict=True):
        kept[list(places)] += count
    deviation = np.sqrt(0.25 / sum(part.set_counts))
    np.testing.assert_allclose(kept / sum(part.set_counts), rows.mean(0), atol=4.5 * deviation)


def test_texts_that_are_many_numbers_are_numbers():
    column, rows = stored(Beside("a", texts("", *map(str, range(2000)))))
    assert (column.kind, column.high, column.missing) == ("number", 1999, 1)
    np.testing.assert_array_equal(rows[1:], np.arange(2000))


def test_fingerprints_tell_columns_apart():
    columns = [
        Beside("a", texts("x", "y")), Beside("b", texts("x", "y")), Beside("a", texts("xy", "")),
        Beside("a", np.array([0, 1]), ("x", "y")), Beside("a", np.array([0, 1]), ("y", "x")),
        Beside("a", np.array([0.0, 1.0])), Beside("a", reason="x"),
    ]  # fmt: skip
    found = [fingerprint([column]) for column in columns]
    assert len({*found}) == len(columns)
    assert fingerprint([Beside("a", texts("x", "y"))]) == found[0]


# -- what is asked for ------------------------------------------------------------------------------------------


def test_each_kind_becomes_a_part_with_rows_in_the_order_of_the_samples():
    random = np.random.default_rng(1)
    kind, energy = random.integers(0, 3, 40), random.normal(50, 10, 40)
    tags = random.random((40, 2)) < 0.5
    energy[3] = np.nan
    pack = pack_with(kind=kind, energy=energy, tags=tags).with_condition(("energy", "kind", "tags"))
    condition = pack.spec.condition
    assert condition.names == ("energy", "kind", "tags")
    rows = pack.condition_rows
    known = energy[~np.isnan(energy)]
    np.testing.assert_allclose(rows[:, 0], (energy - known.mean()) / known.std(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(rows[:, 1:], np.column_stack([kind, tags]))
    vectors = pack.conditions_at(np.arange(3)).numpy()
    np.testing.assert_array_equal(vectors[:, 1:4], np.eye(3)[kind[:3]])
    assert sum(map(len, pack.split(0.1))) == 39, "what is unknown of a sample keeps it out"


def test_a_kind_can_be_chosen():
    digits = np.arange(40) % 10
    pack = pack_with(energy=digits / 4, digit=digits, tags=np.array([digits > 4, digits % 2 == 0]).T)
    as_class, as_number, joined = (
        pack.with_condition((text,)).spec.condition.parts[0] for text in ("energy:class", "digit:number", "tags:class")
    )
    assert as_class.names[:3] == ("0", "0.25", "0.5")
    assert (as_number.kind, as_number.low, as_number.high) == ("number", 0, 9)
    np.testing.assert_allclose(
        pack.with_condition(("digit:number",)).condition_rows[:, 0], (digits - 4.5) / digits.std(), rtol=1e-5
    )
    assert joined.names == ("0", "1", "0|1", "none")
    expected = [("0|1" if d % 2 == 0 else "0") if d > 4 else "1" if d % 2 == 0 else "none" for d in digits]
    assert [row["tags"] for row in _words(pack.with_condition(("tags:class",)))] == expected


def _words(pack):
    import torch

    condition = pack.spec.condition
    return condition.in_words(condition.to_vectors(torch.from_numpy(pack.condition_rows)))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("enrgy",), "Unknown condition 'enrgy'. Did you mean energy"),
        (("constant",), "constant is 7 for every sample: it says nothing, and cannot be a condition. Ask for another"),
        (("nearly",), r"nearly is 1 for every sample of which it is known \(20 lack it\)"),
        (("alike",), "alike is cat for every sample: it says nothing"),
        (("both",), r"both is 0\|1 for every sample: it says nothing"),
        (("nothing",), r"nothing cannot be a condition: all of it is missing\. There are: alike, both"),
        (("prose",), "prose cannot be a condition: 40 different texts in 40 samples"),
        (("energy", "energy:class"), "energy,energy:class names a column twice. Name each once"),
        (("energy:colour",), "'colour' is no kind of condition: write energy:class or energy:number"),
        (("energy:labels",), "energy is of kind number, and cannot be labels"),
        (("alike:number",), "alike holds 'cat', which is no number"),
        (("both:number",), "both holds several labels"),
        (("class",), "Unknown condition 'class'"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_a_paragraph(wanted, message):
    numbers = np.arange(40.0)
    pack = pack_with(
        energy=numbers, constant=np.full(40, 7.0), nearly=np.where(numbers < 20, np.nan, 1), alike=["cat"] * 40,
        both=np.ones((40, 2), bool), nothing=np.full(40, np.nan), prose=[f"a text {i}" for i in range(40)],
    )  # fmt: skip
    with pytest.raises(InputError, match=message):
        pack.with_condition(wanted)


def test_too_many_classes_and_none_at_all():
    labels = np.arange(1200)
    labelled = open_pack(open_source(np.zeros((1200, 8, 8), np.uint8)))
    with pytest.raises(InputError, match=r"nothing beside these samples .* and no label\. Give class folders"):
        labelled.with_condition(("label",))
    pack = _npz(labels)
    with pytest.raises(InputError, match=r"label has 1,200 different values, and a class .* write label:number"):
        pack.with_condition(("label",))
    assert pack.with_condition(("label:number",)).spec.condition.parts[0].high == 1199
    with pytest.raises(InputError, match="The labels of data are asked for as label"):
        pack.with_condition(("y",))
    assert pack.with_condition(()) is pack


def _npz(labels):
    from wgan.data.sources.arrays import Arrays

    return open_pack(Arrays(np.zeros((len(labels), 8, 8), np.uint8), labels))


def test_packs_of_equal_samples_and_other_columns_are_two():
    kinds = np.arange(40) % 2, np.arange(40) % 4 // 2
    packs = [pack_with(kind=kind) for kind in kinds]
    assert packs[0].contents.digest == packs[1].contents.digest
    assert packs[0].path != packs[1].path
    for pack, kind in zip(packs, kinds, strict=True):
        asked = pack.with_condition(("kind",))
        np.testing.assert_array_equal(asked.condition_rows[:, 0], kind)
        assert find_pack(pack.contents.digest, asked.spec.condition).path == pack.path
    with_three = pack_with(kind=np.arange(40) % 3).with_condition(("kind",)).spec.condition
    plain = open_pack(open_source(POINTS))
    assert not plain.gives(with_three)
    assert plain.contents.columns == ()


# -- through damage and kills -----------------------------------------------------------------------------------

CONTENT = {"energy": lambda i: f"{i * 1.5}", "species": lambda i: ("cat", "dog", "owl")[i % 3]}


@pytest.fixture
def photos(tmp_path):
    """Sixty JPEGs of which the number i is in the first pixel; some damaged; their metadata in another order."""
    folder = tmp_path / "photos"
    folder.mkdir()
    order = np.random.default_rng(0).permutation(60)
    with (folder / "metadata.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["energy", "file_name", "species"])
        for i in order.tolist():
            writer.writerow([CONTENT["energy"](i), f"{i:02}.png", CONTENT["species"](i)])
    for i in range(60):
        Image.new("L", (16, 16), i * 4).save(folder / f"{i:02}.png")
    for i in (0, 20, 21, 59):
        path = folder / f"{i:02}.png"
        path.write_bytes(path.read_bytes()[:40])
    (folder / "note.txt").write_text("no picture")
    return folder


def check_aligned(pack):
    numbers = pack.samples[:, 0, 0, 0] // 4
    assert len(pack) == 56
    assert {0, 20, 21, 59}.isdisjoint(numbers.tolist())
    np.testing.assert_array_equal(pack.columns["energy"][1], numbers * 1.5)
    column, places = pack.columns["species"]
    assert [column.names[place] for place in places] == [CONTENT["species"](i) for i in numbers.tolist()]


def test_columns_stay_with_their_pictures_when_others_are_damaged(photos):
    check_aligned(open_pack(open_source(photos)))


def test_columns_stay_with_their_pictures_in_archives(photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in sorted(photos.iterdir()):
            archive.write(path, f"photos/{path.name}")
    check_aligned(open_pack(open_source(tmp_path / "photos.zip")))


@pytest.mark.parametrize("stop", [1, 20, 23, 40, 60])
def test_columns_stay_with_their_pictures_when_packing_stops(photos, monkeypatch, stop):
    samples = Folder.samples

    def stopping(self):
        yield from islice(samples(self), stop)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        source = Folder(photos)
        source.survey()
        patch.setattr(Folder, "samples", stopping)
        with pytest.raises(KeyboardInterrupt):
            open_pack(source)
    pack = open_pack(Folder(photos))
    check_aligned(pack)


KILLED = """
import os, signal, sys
from wgan.data import open_pack, open_source, unfinished_pack
from wgan.data.unfinished_pack import Rows
unfinished_pack.BUFFERED = 1  # every row is written at once
append, count = Rows.append, 0
def killing(self, *args):
    global count
    append(self, *args)
    count += 1
    if count == 30:
        os.kill(os.getpid(), signal.SIGKILL)
Rows.append = killing
open_pack(open_source(sys.argv[1]))
"""


def test_columns_stay_with_their_pictures_after_a_kill(photos):
    done = subprocess.run([sys.executable, "-c", KILLED, str(photos)], env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    seen = []

    def progress(items, total, what):
        seen.append(what)
        return items

    check_aligned(open_pack(open_source(photos), progress=progress))
    assert any("continuing at sample" in what for what in seen)


# -- what is told -----------------------------------------------------------------------------------------------


def test_facts_name_all_that_can_be_asked_for(tmp_path):
    lines = ["a,b,kind,prose"] + [f"{i / 8},{i * i},{'xy'[i % 2]},text {i}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    source = open_source(tmp_path / "t.csv")
    facts = data_facts(source, open_pack(source), 0.1)
    kind, a, b = facts["columns"]
    assert kind == {"name": "kind", "kind": "class", "missing": 0, "names": {"x": 20, "y": 20}, "in_samples": False}
    assert (a["name"], a["in_samples"], a["low"], a["high"]) == ("a", True, 0, 39 / 8)
    assert a["mean"] == pytest.approx(np.arange(40).mean() / 8)
    assert sum(b["histogram"]) == 40
    (prose,) = facts["left_out"]
    assert prose["name"] == "prose"
    assert "hardly any occurs twice" in prose["reason"]
    digits = open_source("digits")
    assert [column["name"] for column in data_facts(digits, open_pack(digits), 0.1)["columns"]] == ["label"]
