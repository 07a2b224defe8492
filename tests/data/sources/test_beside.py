"""What comes beside the samples of tables, files of arrays and torch datasets, and what is given in Python."""

import io
from datetime import datetime

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import Dataset, TensorDataset

from wgan.data import open_pack, open_source
from wgan.data.columns import stored
from wgan.data.sources.cells import columns_in, columns_of
from wgan.data.sources.with_columns import WithColumns, columns_from
from wgan.errors import InputError

RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.integers(0, 256, (12, 8, 8), dtype=np.uint8)
COUNT = len(PICTURES)


def kinds(pack):
    return {name: column.kind for name, (column, _) in pack.columns.items()}


def names_of(pack, name):
    """What a class is called, or which labels there are, for each sample; None is missing."""
    column, rows = pack.columns[name]
    if column.kind == "class":
        return [column.names[place] if place >= 0 else None for place in rows]
    return [[text for text, there in zip(column.names, row, strict=True) if there > 0] for row in rows]


# -- cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "kind", "names", "missing"),
    [
        ([1, 2.5, None, 3], "number", (), 1),
        ([10**400, 1, 1], "class", ("1", str(10**400)), 0),
        ([True, False, None], "class", ("false", "true"), 1),
        (["a", None, "b "], "class", ("a", "b"), 1),
        (["a|b", "b", "a", None], "labels", ("a", "b"), 1),
        (["a; b", "b", "a"], "labels", ("a", "b"), 0),
        (["a|b", "", "b", "a", ""], "labels", ("a", "b"), 0),
        (["a", "", "b", "a", None], "class", ("a", "b"), 2),
        ([1, "", None, 2], "number", (), 2),
        (["a|b", "c|d"], "class", ("a|b", "c|d"), 0),
        (["a|", "a", "a|", "a"], "class", ("a", "a|"), 0),
        (["a|a", "a", "a"], "class", ("a", "a|a"), 0),
        (["x" * 41 + "|b", "b", "x" * 41], "class", ("b", "x" * 41, "x" * 41 + "|b"), 0),
        ([["a", "b"], [], ["b"], ["a"], None], "labels", ("a", "b"), 1),
        ([[10, 9], [9], [10]], "labels", ("9", "10"), 0),
        ([[0, 1, 1], [1, 1, 0], None], "labels", ("0", "1", "2"), 1),
        ([[True, False], [True, True]], "labels", ("0", "1"), 0),
    ],
)
def test_cells_are_classes_labels_or_numbers(cells, kind, names, missing):
    (found,) = columns_of("c", cells)
    column, _ = stored(found)
    assert (column.kind, column.names, column.missing) == (kind, names, missing)


@pytest.mark.parametrize("cells", [[[0.5, 2], None, [3, 4]], [[10, 20], None, [30, 40]]])
def test_lists_of_numbers_of_one_length_are_columns(cells):
    found = columns_of("c", cells)
    assert [column.name for column in found] == ["c_0", "c_1"]
    np.testing.assert_array_equal([column.values for column in found], np.array([cells[0], [np.nan] * 2, cells[2]]).T)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([{"a": 1}], "dict, neither a number nor a text"),
        ([[1.5], [1.0, 2.0]], "lists of numbers of several lengths"),
        ([["a"], ["b"]], "hardly any occurs twice"),
        ([[{}]], "neither numbers nor texts"),
        ([[0.5] * 100], "at most 64 columns"),
        ([1, [1]], "list, neither"),
    ],
)
def test_other_cells_have_a_reason(cells, reason):
    (found,) = columns_of("c", cells)
    assert reason in found.reason


@pytest.mark.parametrize(
    ("values", "kind", "names"),
    [
        (np.array([3, 1, 3], np.uint8), "class", ("1", "3")),
        (np.array([[3], [1]]), "class", ("1", "3")),
        (np.arange(1001), "number", ()),
        (np.array([0.5, 1]), "number", ()),
        (np.array([True, False]), "class", ("false", "true")),
        (np.array(["b", "a"]), "class", ("a", "b")),
        (np.array([b"b", b"a"]), "class", ("a", "b")),
        (np.array([[1, 0, 0], [0, 0, 1]]), "class", ("0", "1", "2")),
        (np.array([[1, 1, 0], [0, 0, 1]]), "labels", ("0", "1", "2")),
        (np.array([[True, False], [False, True]]), "labels", ("0", "1")),
    ],
)
def test_arrays_are_classes_labels_or_numbers(values, kind, names):
    (found,) = columns_in("c", values)
    column, _ = stored(found)
    assert (column.kind, column.names) == (kind, names)


# -- given in Python --------------------------------------------------------------------------------------------


def pandas_frame():
    pandas = pytest.importorskip("pandas")
    kinds = pandas.Categorical(["a", "b", None] * 4)
    return pandas.DataFrame({"energy": np.arange(12.0), "kind": kinds, "n": np.arange(12) % 3, "ok": [True, False] * 6})


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: np.arange(12) % 3, {"condition": "class"}),
        (lambda: torch.arange(12) % 3, {"condition": "class"}),
        (lambda: [i % 3 for i in range(12)], {"condition": "class"}),
        (lambda: ["a", "b"] * 6, {"condition": "class"}),
        (lambda: torch.rand(12).to(torch.bfloat16), {"condition": "number"}),
        (lambda: [0.5, None] * 6, {"condition": "number"}),
        (lambda: np.ma.masked_equal(np.arange(12.0), 3), {"condition": "number"}),
        (lambda: RANDOM.random((12, 5)) < 0.5, {"condition": "labels"}),
        (lambda: torch.rand(12, 2), {"condition_0": "number", "condition_1": "number"}),
        (lambda: {"a": ["x", "y"] * 6, "b": torch.rand(12)}, {"a": "class", "b": "number"}),
        (pandas_frame, {"energy": "number", "kind": "class", "n": "class", "ok": "class"}),
        (lambda: pandas_frame()["energy"], {"energy": "number"}),
        (lambda: pytest.importorskip("pyarrow").table({"a": [1.5] * 12}), {"a": "number"}),
    ],
)
def test_conditions_from_python(make, expected):
    pack = open_pack(WithColumns(open_source(PICTURES), columns_from(make())))
    assert kinds(pack) == expected


def test_a_frame_keeps_its_order_and_holes():
    pack = open_pack(WithColumns(open_source(PICTURES), columns_from(pandas_frame())))
    assert pack.columns["energy"][1].tolist() == list(range(12))
    assert names_of(pack, "kind") == ["a", "b", None] * 4
    assert names_of(pack, "ok") == ["true", "false"] * 6


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (np.zeros(11), "There are 12 samples and 11 values of condition. Give one for each sample"),
        ({"a": np.zeros(12), "b": [1, 2]}, "There are 12 samples and 2 values of b"),
        (np.array([1.0] * 11 + [np.inf]), r"condition is infinite for sample 11 \(counted from 0\)"),
        (np.array(3), "condition is one value, 3"),
        (7, "A condition cannot be a int"),
        ("label", "A condition cannot be a str"),
        ({}, "condition is empty"),
        (np.zeros((12, 8, 8)), r"condition cannot be a condition: an array of shape \(12, 8, 8\)"),
        ([{}] * 12, "condition cannot be a condition: dict"),
    ],
)
def test_conditions_from_python_that_do_not_fit(condition, message):
    with pytest.raises(InputError, match=message):
        WithColumns(open_source(PICTURES), columns_from(condition)).survey()


def test_columns_from_python_lie_beside_pictures_in_folders_too(tmp_path):
    for i in range(12):
        Image.new("L", (8, 8), i).save(tmp_path / f"{i:02}.png")
    (tmp_path / "05.png").write_bytes(b"damaged")
    (tmp_path / "a.txt").write_text("no picture")
    source = WithColumns(open_source(tmp_path), columns_from(np.arange(12.0)))
    pack = open_pack(source)
    np.testing.assert_array_equal(pack.columns["condition"][1], pack.samples[:, 0, 0, 0])
    assert len(pack) == 11
    assert source.identity() != WithColumns(open_source(tmp_path), columns_from(np.arange(12))).identity()
    assert source.unchanged()


def test_columns_from_python_come_before_those_of_the_data(tmp_path):
    rows = "".join(f"{i / 7},{i},{'ab'[i % 2]}\n" for i in range(12))
    (tmp_path / "t.csv").write_text("x,energy,kind\n" + rows)
    given = columns_from({"kind": ["c", "d", "d"] * 4})
    source = WithColumns(open_source(tmp_path / "t.csv"), given).asked(("kind", "energy:number"))
    pack = open_pack(source)
    assert pack.shape == (1,)
    assert names_of(pack, "kind") == ["c", "d", "d"] * 4
    assert pack.columns["energy"][1].tolist() == list(range(12))


# -- tables of numbers ------------------------------------------------------------------------------------------


def table(tmp_path, form):
    """The same table in every form: numbers a, b; a time that float32 cannot hold; a text, several labels, dates."""
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    frame = pandas.DataFrame({
        "a": np.arange(40) / 8, "b": np.arange(40.0) ** 2, "kind": ["x", "y", None, "x"] * 10,
        "tags": ["p|q", "q", "p", "p"] * 10, "holes": [1.0, None, None, None] * 10,
        "when": [datetime(2020, 1, 1 + i % 20, i % 24) for i in range(40)], "time": 1.7e9 + np.arange(40) / 64,
    })  # fmt: skip
    if form == "frame":
        return frame
    if form == "arrow":
        return pyarrow.Table.from_pandas(frame, preserve_index=False)
    path = tmp_path / f"t.{form}"
    if form == "parquet":
        pytest.importorskip("pyarrow.parquet").write_table(pyarrow.Table.from_pandas(frame, preserve_index=False), path)
    else:
        frame.to_csv(path, index=False, sep="\t" if form == "tsv" else ",")
    return path


@pytest.mark.parametrize("form", ["frame", "arrow", "parquet", "csv", "tsv"])
def test_other_columns_of_tables_come_beside_the_samples(tmp_path, form):
    data = table(tmp_path, form)
    pack = open_pack(open_source(data))
    assert pack.spec.names == ("a", "b")
    assert kinds(pack) == {"kind": "class", "tags": "labels", "holes": "number", "time": "number"}
    assert names_of(pack, "kind") == ["x", "y", None, "x"] * 10
    assert names_of(pack, "tags") == [["p", "q"], ["q"], ["p"], ["p"]] * 10
    np.testing.assert_array_equal(pack.columns["time"][1], 1.7e9 + np.arange(40) / 64)
    assert pack.columns["holes"][0].missing == 30
    with pytest.raises(InputError, match="when cannot be a condition: dates or times, not numbers"):
        pack.with_condition(("when",))
    with pytest.raises(InputError, match="b is a column of these samples"):
        pack.with_condition(("b",))
    asked = open_pack(open_source(data, condition=("b:number", "kind")))
    assert asked.path != pack.path
    assert asked.spec.names == ("a",)
    np.testing.assert_array_equal(asked.samples[:, 0], np.arange(40) / 8)
    np.testing.assert_array_equal(asked.columns["b"][1], np.arange(40.0) ** 2)
    condition = asked.with_condition(("b:number", "kind")).spec.condition
    assert condition.part("b").centre == pytest.approx((np.arange(40.0) ** 2).mean())
    assert open_pack(open_source(data, condition=("b",))).path == asked.path
    with pytest.raises(InputError, match="no column is left to make samples of"):
        open_source(data, condition=("a", "b", "time"))


def test_lists_in_parquet_are_labels(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    rows = {"a": np.arange(12) / 8, "tags": [["p", "q"], ["q"], ["p"], []] * 3, "ids": [[1, 2], [1], [2], None] * 3}
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(rows), tmp_path / "t.parquet")
    pack = open_pack(open_source(tmp_path / "t.parquet"))
    assert names_of(pack, "tags") == [["p", "q"], ["q"], ["p"], []] * 3
    assert (pack.columns["ids"][0].names, pack.columns["ids"][0].missing) == (("1", "2"), 3)


def test_rows_that_are_left_out_have_no_values_beside(tmp_path):
    rows = "".join(f"{'' if i == 5 else i / 8},{i * i},{'xyz'[i % 3]}\n" for i in range(12))
    (tmp_path / "t.csv").write_text("a,b,kind\n" + rows)
    pack = open_pack(open_source(tmp_path / "t.csv"))
    assert names_of(pack, "kind") == ["xyz"[i % 3] for i in range(12) if i != 5]


# -- arrays -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.arange(12) % 3, {"label": "class"}),
        (np.eye(3, dtype=int)[np.arange(12) % 3], {"label": "class"}),
        (np.arange(12) / 8, {"y": "number"}),
        (np.arange(36).reshape(12, 3) / 8, {"y_0": "number", "y_1": "number", "y_2": "number"}),
        (np.arange(36).reshape(12, 3) % 2, {"y": "labels"}),
    ],
)
def test_y_of_npz_files(tmp_path, values, expected):
    np.savez(tmp_path / "a.npz", x=PICTURES, y=values)
    assert kinds(open_pack(open_source(tmp_path / "a.npz"))) == expected


def arrays(tmp_path, form):
    """A file of pictures with labels, and three arrays beside them."""
    found = {
        "images": PICTURES, "labels": np.arange(12) % 2, "energy": np.arange(12) / 8,
        "angles": np.arange(24).reshape(12, 2) / 8, "group": np.arange(12) % 3, "other": np.zeros((5, 5)),
    }  # fmt: skip
    path = tmp_path / f"a.{form}"
    if form == "npz":
        np.savez(path, **found)
    elif form == "h5":
        with pytest.importorskip("h5py").File(path, "w") as file:
            for name, values in found.items():
                file[name] = values
    elif form == "zarr":
        group = pytest.importorskip("zarr").open_group(path, mode="w")
        for name, values in found.items():
            group.create_array(name, shape=values.shape, dtype=values.dtype)[...] = values
    else:
        scipy = pytest.importorskip("scipy.io")
        scipy.savemat(path, found | {"images": np.moveaxis(PICTURES, 0, 2), "group": found["group"][None]})
    return path


@pytest.mark.parametrize("form", ["npz", "h5", "zarr", "mat"])
def test_arrays_of_as_many_rows_come_beside_the_samples(tmp_path, form):
    pack = open_pack(open_source(arrays(tmp_path, form)))
    np.testing.assert_array_equal(pack.samples[:, 0], PICTURES)
    assert kinds(pack) == {
        "label": "class", "energy": "number", "angles_0": "number", "angles_1": "number", "group": "class",
    }  # fmt: skip
    np.testing.assert_array_equal(pack.columns["energy"][1], np.arange(12) / 8)
    np.testing.assert_array_equal(pack.columns["angles_1"][1], np.arange(1, 24, 2) / 8)
    assert names_of(pack, "group") == [str(i % 3) for i in range(12)]
    assert [entry.name for entry in pack.contents.skipped] == ["other"]


# -- tables of pictures -----------------------------------------------------------------------------------------


def test_columns_beside_pictures_in_tables(tmp_path):
    datasets = pytest.importorskip("datasets")

    def png(picture):
        content = io.BytesIO()
        Image.fromarray(picture).save(content, "png")
        return {"bytes": content.getvalue(), "path": None}

    features = datasets.Features({
        "image": datasets.Image(), "animal": datasets.ClassLabel(names=["cat", "dog"]),
        "breed": datasets.ClassLabel(names=["z", "y", "x"]), "weight": datasets.Value("float32"),
        "ok": datasets.Value("bool"), "name": datasets.Value("string"), "born": datasets.Value("timestamp[s]"),
        "colours": datasets.Sequence(datasets.ClassLabel(names=["red", "blue"])), "box": {"x": datasets.Value("int32")},
        "tags": datasets.Sequence(datasets.Value("string")), "mask": datasets.Image(),
    })  # fmt: skip
    rows = {
        "image": [*map(png, PICTURES)], "animal": [i % 2 for i in range(12)],
        "breed": [None if i == 4 else i % 3 for i in range(12)],
        "weight": [None if i == 2 else i / 2 for i in range(12)], "ok": [i % 4 == 0 for i in range(12)],
        "name": [f"n{i % 5}" for i in range(12)], "born": [datetime(2020, 1, 1)] * 12,
        "colours": [[0, 1], [1], []] * 4, "box": [{"x": 1}] * 12, "tags": [["p", "q"], ["p"], ["q"]] * 4,
        "mask": [None] * 12,
    }  # fmt: skip
    whole = datasets.Dataset.from_dict(rows, features=features)
    (tmp_path / "set").mkdir()
    whole.select(range(8)).to_parquet(tmp_path / "set" / "train-00000-of-00001.parquet")
    whole.select(range(8, 12)).to_parquet(tmp_path / "set" / "test-00000-of-00001.parquet")
    whole.save_to_disk(tmp_path / "saved")
    for data in (tmp_path / "set", tmp_path / "saved", whole):
        pack = open_pack(open_source(data))
        assert kinds(pack) == {
            "label": "class", "breed": "class", "weight": "number", "ok": "class", "name": "class",
            "colours": "labels", "tags": "labels",
        }  # fmt: skip
        assert pack.columns["breed"][0].names == ("z", "y", "x")
        assert names_of(pack, "breed") == [None if i == 4 else "zyx"[i % 3] for i in range(12)]
        np.testing.assert_array_equal(pack.columns["weight"][1], [np.nan if i == 2 else i / 2 for i in range(12)])
        assert names_of(pack, "colours") == [["blue", "red"], ["blue"], []] * 4
        assert names_of(pack, "tags") == [["p", "q"], ["p"], ["q"]] * 4
        left_out = {column.name: column.reason for column in pack.contents.left_out}
        assert left_out.keys() == {"born", "box", "mask"}
        assert left_out["born"] == "dates or times, not numbers"


# -- torch datasets ---------------------------------------------------------------------------------------------


class Pairs(Dataset):
    """Pictures with these values beside them."""

    def __init__(self, values, classes=None):
        self.values = values
        if classes:
            self.classes = classes

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        return Image.fromarray(PICTURES[index]), self.values[index]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([i % 3 for i in range(12)], {"label": "class"}),
        (torch.arange(12) % 3, {"label": "class"}),
        (["a", "b", None] * 4, {"label": "class"}),
        (torch.arange(12) / 8, {"label": "number"}),
        ([0.5, float("nan"), 2.0] * 4, {"label": "number"}),
        (torch.rand(12, 2), {"label_0": "number", "label_1": "number"}),
        (torch.arange(36).reshape(12, 3) % 2, {"label": "labels"}),
        (torch.rand(12, 3) < 0.5, {"label": "labels"}),
        ([{"energy": i / 3, "kind": i % 2, "x": None} for i in range(12)], {"energy": "number", "kind": "class"}),
        ([None] * 12, {}),
        (torch.rand(12, 4, 4), {}),
        ([Image.new("L", (4, 4))] * 12, {}),
    ],
)
def test_what_is_second_in_a_pair_comes_beside_the_sample(values, expected):
    pack = open_pack(open_source(Pairs(values)))
    assert kinds(pack) == expected
    plain = open_pack(open_source(Pairs([None] * 12)))
    assert plain.contents.digest == pack.contents.digest, "the samples, and so the runs, are the same"


def test_classes_of_torch_datasets_have_names():
    pack = open_pack(open_source(Pairs([i % 3 for i in range(12)], ["owl", "cat", "dog"])))
    assert pack.columns["label"][0].names == ("owl", "cat", "dog")
    assert names_of(pack, "label") == ["owl", "cat", "dog"] * 4
    unfit = open_pack(open_source(Pairs([i % 4 for i in range(12)], ["owl", "cat", "dog"])))
    assert unfit.columns["label"][0].names == ("0", "1", "2", "3")


def test_values_that_are_drawn_belong_to_the_samples_they_were_drawn_with():
    class Drawn(Dataset):
        """Each item is another number each time, and the same number beside it."""

        random = np.random.default_rng(0)

        def __len__(self):
            return 50

        def __getitem__(self, index):
            number = self.random.random()
            return torch.full((2,), number), number

    pack = open_pack(open_source(Drawn()))
    np.testing.assert_allclose(pack.samples[:, 0], pack.columns["label"][1], rtol=1e-6)


def test_tensor_datasets_with_columns_from_python():
    dataset = TensorDataset(torch.from_numpy(PICTURES), torch.arange(12) % 2)
    pack = open_pack(WithColumns(open_source(dataset), columns_from({"energy": np.arange(12.0)})))
    assert kinds(pack) == {"energy": "number", "label": "class"}
    other = open_pack(WithColumns(open_source(dataset), columns_from({"energy": np.arange(12.0)[::-1]})))
    assert other.path != pack.path
    assert other.columns["energy"][1].tolist() == list(range(11, -1, -1))
