"""Files of other fields as data: what a folder, a stack or a table of them becomes."""

import os

import numpy as np
import pytest
from PIL import Image

from wgan.data import open_pack, open_source
from wgan.errors import InputError

RANDOM = np.random.default_rng(0)
VOLUMES = RANDOM.integers(-1000, 2000, (12, 8, 9, 10), dtype=np.int16)


def pack_of(data, kind=None, **more):
    return open_pack(open_source(data, kind), **more)


def write_arrays(folder, arrays, name="{}.npy"):
    for number, array in enumerate(arrays):
        path = folder / name.format(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, array)


def test_a_folder_of_volumes_one_file_each(tmp_path):
    for name in ("train/solid", "train/porous", "test/solid", "test/porous"):
        write_arrays(tmp_path / name, VOLUMES[:3])
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "train" / "solid" / "9.npy").write_bytes(b"\x93NUMPY")
    pack = pack_of(tmp_path)
    assert (pack.spec.kind, pack.spec.dtype, pack.shape) == ("volume", "int16", (1, 8, 9, 10))
    assert pack.contents.label_names == ("porous", "solid")
    train, held_out = pack.split(0.1)
    assert (len(train), len(held_out)) == (6, 6)
    np.testing.assert_array_equal(np.unique(pack.samples[:, 0], axis=0), np.unique(VOLUMES[:3], axis=0))
    reasons = dict(pack.contents.skipped)
    assert "not named like NumPy" in reasons["readme.txt"]
    assert "Cannot read" in reasons["train/solid/9.npy"]


def test_signals_of_one_axis_each_and_of_several_lengths(tmp_path):
    write_arrays(tmp_path, [np.sin(np.arange(40 + (number == 0)) / 5 + number) for number in range(9)])
    pack = pack_of(tmp_path)
    assert (pack.spec.kind, pack.shape, len(pack)) == ("signal", (1, 40), 9)
    assert set(open_source(tmp_path).survey().sizes) == {(40,), (41,)}


def test_samples_that_do_not_go_together_are_told(tmp_path):
    write_arrays(tmp_path, [np.zeros((2, 99)), np.zeros((3, 99))])
    with pytest.raises(InputError, match="do not go together: 1 signals of 2 channels, 1 signals of 3 channels"):
        pack_of(tmp_path)


def test_what_holds_no_number_is_left_out_and_told(tmp_path):
    volumes = VOLUMES.astype(np.float32)
    volumes[3, 0, 0, 0] = np.nan
    write_arrays(tmp_path, volumes)
    pack = pack_of(tmp_path)
    assert len(pack) == 11
    assert "NaN" in dict(pack.contents.skipped)["3.npy[0]"]


def test_integers_of_different_widths_get_a_type_that_holds_all(tmp_path):
    write_arrays(tmp_path, [VOLUMES[0], VOLUMES[1].astype(np.int32) + 40000])
    assert pack_of(tmp_path).spec.dtype == "float32"
    np.save(tmp_path / "1.npy", VOLUMES[1].astype(np.int32))
    pack = pack_of(tmp_path)
    assert pack.spec.dtype == "int16"
    np.testing.assert_array_equal(pack.samples[:, 0], VOLUMES[:2])


def test_one_array_file_in_a_folder_is_a_data_set(tmp_path):
    np.save(tmp_path / "all.npy", VOLUMES)
    os.rename(tmp_path / "all.npy", tmp_path / "all.NPY")
    assert len(pack_of(tmp_path)) == 12


def test_pages_of_a_stack_are_pictures_or_the_places_of_a_volume(tmp_path):
    pytest.importorskip("tifffile")
    for number in range(3):
        first, *others = (Image.fromarray(page.astype(np.uint16)) for page in VOLUMES[number] + 1000)
        first.save(tmp_path / f"{number}.tif", save_all=True, append_images=others)
    pages = pack_of(tmp_path)
    assert (pages.spec.kind, pages.spec.dtype, pages.shape, len(pages)) == ("picture", "uint16", (1, 9, 10), 24)
    np.testing.assert_array_equal(pages.samples[:, 0], VOLUMES[:3].reshape(-1, 9, 10).astype(int) + 1000)
    stacks = pack_of(tmp_path, "volume")
    assert (stacks.spec.kind, stacks.shape, len(stacks)) == ("volume", (1, 8, 9, 10), 3)
    alone = pack_of(tmp_path / "0.tif")
    np.testing.assert_array_equal(alone.samples, pages.samples[:8])
    one = tmp_path / "one.tif"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(one)
    with pytest.raises(InputError, match="is one sample of shape"):
        open_source(one)


def test_plain_tiffs_go_through_pillow(tmp_path, monkeypatch):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.tif")
    monkeypatch.setitem(__import__("sys").modules, "tifffile", None)
    assert pack_of(tmp_path).shape == (3, 8, 8)


def test_a_table_has_names_labels_and_units(tmp_path):
    pytest.importorskip("pyarrow")
    rows = RANDOM.normal(size=(50, 3)) * [1, 10, 100]
    lines = [",".join(["a", "b", "c", "where", "label"])]
    lines += [",".join([*map(str, row), "north", "xy"[i % 2]]) for i, row in enumerate(rows)]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text("\n".join(lines))
    for place in (tmp_path / "data" / "t.csv", tmp_path / "data"):
        pack = pack_of(place)
        assert (pack.spec.kind, pack.spec.names) == ("points", ("a", "b", "c"))
        assert pack.contents.label_names == ("x", "y")
        np.testing.assert_allclose(pack.spec.centre, rows.mean(0), rtol=1e-4, atol=1e-4)
        assert "where" not in dict(pack.contents.skipped)
        assert pack.columns["where"][0].counts == (50,)
    (tmp_path / "data" / "u.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"holds 2 tables: t\.csv, u\.csv\. Give one of them"):
        open_source(tmp_path / "data")


def test_data_frames(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [1.0, 2, 3], "name": ["a", "b", "c"], "y2": [4, 6, 9]})
    pack = pack_of(frame)
    assert pack.spec.names == ("x", "y2")
    np.testing.assert_array_equal(pack.samples, [[1, 4], [2, 6], [3, 9]])
    frame.drop(columns="name").to_parquet(tmp_path / "t.parquet")
    assert pack_of(tmp_path / "t.parquet").spec.names == ("x", "y2")


def test_hdf5_with_labels(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"], file["labels"], file["notes"] = VOLUMES, np.arange(12) % 3, "text"
    pack = pack_of(tmp_path / "set.h5")
    assert (pack.spec.kind, pack.contents.label_names) == ("volume", ("0", "1", "2"))
    assert "notes" in dict(pack.contents.skipped)


def test_a_folder_that_changes_is_noticed(tmp_path):
    write_arrays(tmp_path, VOLUMES[:4])
    source = open_source(tmp_path)
    first = source.identity()
    np.save(tmp_path / "9.npy", VOLUMES[9])
    assert open_source(tmp_path).identity() != first
    os.remove(tmp_path / "0.npy")
    assert not source.unchanged()
