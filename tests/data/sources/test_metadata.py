"""metadata.csv and metadata.jsonl beside pictures, as the hub lays them out."""

import csv
import io
import json
import os
import unicodedata
import zipfile

import numpy as np
import pytest
from PIL import Image

from wgan.data import open_pack, open_source

NAMES = [f"{i:02}.png" for i in range(12)]


@pytest.fixture
def folder(tmp_path):
    """A folder for pictures, whose number is in their pixels."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def draw(folder, names=NAMES):
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), i).save(folder / name)


def as_csv(rows, separator=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, [*rows[0]], delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def pack_of(folder, **settings):
    return open_pack(open_source(folder), **settings)


def values(pack, name):
    """What a column holds, by the number of the picture, in plain values."""
    column, rows = pack.columns[name]
    numbers = pack.samples[:, 0, 0, 0].tolist()
    if column.kind == "number":
        return dict(zip(numbers, rows.tolist(), strict=True))
    if column.kind == "class":
        return dict(zip(numbers, (column.names[place] if place >= 0 else None for place in rows), strict=True))
    named = (
        None if row.min() < 0 else {n for n, there in zip(column.names, row, strict=True) if there} for row in rows
    )
    return dict(zip(numbers, named, strict=True))


ROWS = [
    {"file_name": name, "energy": i / 4, "count": i * 1000, "kind": "ab"[i % 2], "tags": ["x|y", "y", "z"][i % 3]}
    for i, name in enumerate(NAMES)
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("metadata.csv", as_csv(ROWS).encode()),
        ("metadata.csv", b"\xef\xbb\xbf" + as_csv(ROWS).replace("\n", "\r\n").encode()),
        ("metadata.csv", as_csv(ROWS[::-1]).encode("utf-16")),
        ("metadata.csv", as_csv(ROWS, ";").encode()),
        ("metadata.tsv", as_csv(ROWS[5:] + ROWS[:5], "\t").encode()),
        (
            "metadata.csv",
            as_csv([{**row, "energy": str(row["energy"]).replace(".", ",")} for row in ROWS], ";").encode(),
        ),
        ("metadata.jsonl", as_lines(ROWS).encode()),
        ("metadata.jsonl", as_lines([{**row, "tags": row["tags"].split("|")} for row in ROWS[::-1]]).encode() + b"\n"),
    ],
)
def test_each_column_is_read_in_the_order_of_the_pictures(folder, name, content):
    draw(folder)
    (folder / name).write_bytes(content)
    pack = pack_of(folder)
    assert pack.contents.skipped == ()
    assert pack.contents.notes == ()
    assert pack.contents.label_names == ()
    assert [column.kind for column in pack.contents.columns] == ["number", "number", "class", "labels"]
    assert values(pack, "energy") == {i: i / 4 for i in range(12)}
    assert values(pack, "count") == {i: i * 1000 for i in range(12)}
    assert values(pack, "kind") == {i: "ab"[i % 2] for i in range(12)}
    assert values(pack, "tags") == {i: [{"x", "y"}, {"y"}, {"z"}][i % 3] for i in range(12)}


@pytest.mark.parametrize("cells", [["1.5", "", "3"], ["?", "2", "nan"]])
def test_missing_cells_and_pictures_without_a_row(folder, cells):
    draw(folder)
    lines = ["file_name,energy,kind"] + [f"{NAMES[i]},{cell},{'a' if i else ''}" for i, cell in enumerate(cells)]
    (folder / "metadata.csv").write_text("\n".join(lines))
    pack = pack_of(folder)
    found = values(pack, "energy")
    known = {i: float(cell) for i, cell in enumerate(cells) if cell not in ("", "?", "nan")}
    assert {i: value for i, value in found.items() if value == value} == known
    assert pack.columns["energy"][0].missing == 12 - len(known)
    assert values(pack, "kind") == {i: "a" if i in (1, 2) else None for i in range(12)}
    assert pack.contents.notes == ("9 pictures are not in metadata.csv (03.png, 04.png, 05.png ...)",)


def test_names_without_a_picture_and_names_twice_are_told(folder):
    draw(folder)
    rows = [*ROWS, {**ROWS[0], "energy": 99}, {**ROWS[1], "file_name": "gone.png"}]
    (folder / "metadata.csv").write_text(as_csv(rows) + "03.png,1\n")
    pack = pack_of(folder)
    assert pack.contents.notes == (
        "1 name in metadata.csv has no picture (gone.png)",
        "1 name is more than once in metadata.csv: its first row counts (00.png)",
        "1 row of metadata.csv has another number of cells than the header, and is passed over (03.png, 1)",
    )
    assert values(pack, "energy")[0] == 0


def test_paths_are_below_the_folder_of_the_file_and_splits_have_their_own(folder):
    names = [f"train/more/{i}.png" for i in range(6)] + [f"test/{i}.png" for i in range(4)]
    draw(folder, names)
    (folder / "train" / "metadata.csv").write_text(
        "file_name,energy,only\n" + "".join(f"./more\\{i}.png,{i},{i + 10}\n" for i in range(6))
    )
    (folder / "test" / "metadata.jsonl").write_text(
        as_lines([{"file_name": f"{i}.png", "energy": i + 6} for i in range(4)])
    )
    pack = pack_of(folder)
    assert values(pack, "energy") == {i: i for i in range(10)}
    assert {i for i, value in values(pack, "only").items() if value == value} == set(range(6))
    assert len(pack.split(0.1)[1]) == 4
    assert pack.contents.label_names == (), "splits are no labels"
    assert pack.contents.notes == ()


def test_accents_are_the_same_however_they_are_written(folder):
    names = [unicodedata.normalize("NFD", f"größe-é{i}.png") for i in range(3)] + ["日本.png"]
    draw(folder, names)
    rows = [{"file_name": unicodedata.normalize("NFC", name), "kind": "süß"} for name in names]
    (folder / "metadata.csv").write_text(as_csv(rows), encoding="utf-8")
    pack = pack_of(folder)
    assert pack.contents.notes == ()
    assert values(pack, "kind") == dict.fromkeys(range(4), "süß")


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([i % 3 for i in range(12)], ("0", "1", "2")),
        (["10", "9"] * 6, ("9", "10")),
        (["cat", "dog", ""] * 4, ("cat", "dog")),
        ([i / 8 for i in range(12)], ()),
        (list(range(12)), ()),
        (["a|b", "b", "a"] * 4, ()),
    ],
)
@pytest.mark.parametrize("column", ["label", "Class"])
def test_a_column_called_like_labels_is_that_where_no_folders_are(folder, column, cells, names):
    draw(folder)
    rows = [{"file_name": name, column: cell} for name, cell in zip(NAMES, cells, strict=True)]
    (folder / "metadata.csv").write_text(as_csv(rows))
    pack = pack_of(folder)
    assert pack.contents.label_names == names
    if not names:
        assert column in pack.columns
        return
    assert [*pack.columns] == ["label"]
    order = pack.samples[:, 0, 0, 0].tolist()
    assert [names[label] if label >= 0 else "" for label in pack.labels] == [str(cells[i]) for i in order]
    expected = {name: sum(str(cell) == name for cell in cells) for name in names}
    assert open_source(folder).survey().labels == expected


def test_folders_are_labels_before_a_column_is(folder):
    names = [f"{kind}/{i}.png" for i, kind in enumerate(["cats", "dogs"] * 3)]
    draw(folder, names)
    rows = [{"file_name": name, "label": i % 3, "target": i % 2} for i, name in enumerate(names)]
    (folder / "metadata.csv").write_text(as_csv(rows))
    pack = pack_of(folder)
    assert pack.contents.label_names == ("cats", "dogs")
    assert [*pack.columns] == ["label", "target"]
    (left_out,) = pack.contents.left_out
    assert (left_out.name, left_out.reason) == ("label", "the folders of the pictures are the labels")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("metadata.csv", b"name,energy\n00.png,1\n", "it has no column file_name"),
        ("metadata.csv", b"file_name,a,a\n00.png,1,2\n", "two of its columns have one name"),
        ("metadata.csv", b"\0\0\0", "is no text"),
        ("metadata.csv", b"", "has no rows"),
        ("metadata.jsonl", b'{"file_name": "00.png"\n', "Expecting"),
        ("metadata.jsonl", b"[1]\n", "line 1 is no JSON object"),
        ("metadata.jsonl", b'{"file_name": "00.png"}\n{"energy": 1}\n', "line 2 has no file_name"),
        ("metadata.jsonl", b"\xff\xff", "decode"),
        ("metadata.jsonl", b'{"file_name": ' + b"[" * 100_000, "recursion"),
        ("metadata.csv", ("file_name," + ",".join(f"c{i}" for i in range(1500)) + "\n00.png" + ",1" * 1500).encode(),
         "it has 1,500 columns, more than 1,000"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used_are_named_and_pictures_are_read(folder, name, content, why):
    draw(folder)
    (folder / name).write_bytes(content)
    pack = pack_of(folder)
    assert len(pack) == 12
    assert pack.contents.columns == ()
    ((skipped, reason),) = pack.contents.skipped
    assert skipped == name
    assert why in reason


def test_large_files_are_left_out(folder, monkeypatch):
    draw(folder)
    (folder / "metadata.csv").write_text(as_csv(ROWS) + "x" * 3000)
    monkeypatch.setenv("WGAN_MAX_FILE_BYTES", "2000")
    ((_, reason),) = pack_of(folder).contents.skipped
    assert "more than the limit of 2,000" in reason


def test_a_changed_file_makes_another_pack(folder):
    draw(folder)
    without = pack_of(folder)
    (folder / "metadata.csv").write_text(as_csv(ROWS))
    first = pack_of(folder)
    assert first.path != without.path
    assert first.contents.digest == without.contents.digest, "the pictures are the same"
    (folder / "metadata.csv").write_text(as_csv([{**row, "energy": 1 - row["energy"]} for row in ROWS]))
    os.utime(folder / "metadata.csv", (1, 1))
    assert values(pack_of(folder), "energy") == {i: 1 - i / 4 for i in range(12)}
    assert pack_of(folder).path == pack_of(folder).path


@pytest.mark.parametrize("shards", [1, 2])
def test_archives_have_them_too(folder, tmp_path, shards):
    draw(folder)
    paths = []
    for shard in range(shards):
        paths.append(tmp_path / "shards" / f"{shard}.zip")
        paths[-1].parent.mkdir(exist_ok=True)
        own = range(shard, 12, shards)
        with zipfile.ZipFile(paths[-1], "w") as archive:
            for i in own:
                archive.write(folder / NAMES[i], f"set/{NAMES[i]}")
            archive.writestr("set/metadata.jsonl", as_lines([{**ROWS[i], "label": i % 2} for i in own][::-1]))
            archive.writestr("set/a.txt", "no picture")
            archive.writestr("set/05a.png", "damaged")
    pack = pack_of(paths[0] if shards == 1 else tmp_path / "shards")
    assert values(pack, "energy") == {i: i / 4 for i in range(12)}
    assert values(pack, "label") == {i: str(i % 2) for i in range(12)}
    assert {name.rpartition("/")[2] for name, _ in pack.contents.skipped} == {"a.txt", "05a.png"}


def test_prose_is_not_taken_for_labels(folder):
    draw(folder)
    prose = [f"A picture, the {i}th; it shows a shape | and a line" for i in range(12)]
    rows = [{"file_name": name, "caption": text} for name, text in zip(NAMES, prose, strict=True)]
    (folder / "metadata.csv").write_text(as_csv(rows))
    assert values(pack_of(folder), "caption") == dict(enumerate(prose))
    assert np.array_equal(pack_of(folder).samples[:, 0, 0, 0], np.arange(12))


def test_surrogates_are_written_as_escapes(folder):
    """JSON may say them, and no file of text can."""
    draw(folder)
    rows = [{"file_name": name, "\ud800a": ["\udfff", "b"][i % 2], "e": "\U0001f600"} for i, name in enumerate(NAMES)]
    (folder / "metadata.jsonl").write_text(as_lines(rows))
    pack = pack_of(folder)
    assert values(pack, "\\ud800a") == {i: ["\\udfff", "b"][i % 2] for i in range(12)}
    assert {*values(pack, "e").values()} == {"\U0001f600"}


def test_folders_whose_names_are_no_utf8(folder):
    names = [f"{['cat', os.fsdecode(bytes([100, 255]))][i % 2]}/{i:02}.png" for i in range(12)]
    try:
        draw(folder, names)
    except OSError:
        pytest.skip("this file system has names in UTF-8 only")
    condition = pack_of(folder).with_condition(("label",)).spec.condition
    assert condition.parts[0].names == ("cat", "d\\udcff")
