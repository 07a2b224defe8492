"""What the values of a pack are, against NumPy, and the range that follows from them."""

import json

import numpy as np
import pytest
from PIL import Image

from wgan.data import open_pack, open_source, read_pack
from wgan.data.values import BINS, measured, stored_type
from wgan.errors import InputError
from wgan.types.sample_spec import SampleSpec

RANDOM = np.random.default_rng(0)


def pack_of(values, **more):
    return open_pack(open_source(values), **more)


@pytest.mark.parametrize(
    ("values", "dtype", "low", "high"),
    [
        (RANDOM.integers(0, 256, (9, 8, 8), dtype=np.uint8), "uint8", 0, 255),
        (RANDOM.integers(0, 100, (9, 8, 8), dtype=np.uint8), "uint8", 0, 255),
        (RANDOM.integers(0, 2, (9, 8, 8), dtype=np.uint8), "uint8", 0, 1),
        (RANDOM.integers(0, 16, (9, 8, 8), dtype=np.uint8) // 15 * 15, "uint8", 0, 15),
        (np.arange(9 * 64).reshape(9, 8, 8) % 2 == 0, "uint8", 0, 1),
        (RANDOM.integers(0, 2, (9, 8, 8)), "uint16", 0, 1),
        (RANDOM.integers(0, 60, (9, 8, 8)), "uint16", 0, 59),
        (RANDOM.integers(0, 250, (9, 8, 8)), "uint8", 0, 255),
        (RANDOM.integers(7, 4096, (90, 8, 8), dtype=np.uint16), "uint16", 7, 4095),
        (RANDOM.integers(0, 256, (90, 8, 8), dtype=np.uint16), "uint16", 0, 255),
        (RANDOM.integers(-1024, 3072, (90, 8, 8), dtype=np.int16), "int16", -1024, 3071),
        (RANDOM.integers(-1024, 3072, (90, 8, 8), dtype=np.int64), "int16", -1024, 3071),
        (RANDOM.integers(0, 65536, (900, 8, 8), dtype=np.uint32), "uint16", 0, 65535),
        (np.array([0, 2**31 - 1] * 32).reshape(1, 8, 8), "float32", 0, 2**31),
        (RANDOM.random((9, 8, 8)), "float32", 0, 1),
        (2 * RANDOM.random((9, 8, 8)) - 1, "float32", -1, 1),
        (np.float16([[[0.0, 30.0], [7, 8]]]), "float32", 0, 30),
    ],
)
def test_the_range_of_a_set_is_measured(values, dtype, low, high):
    spec = pack_of(values).spec
    assert (spec.dtype, spec.low, spec.high) == (dtype, pytest.approx(low, abs=4), pytest.approx(high, rel=1e-3))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_facts_of_values_are_those_of_numpy(dtype):
    rows = (RANDOM.normal(size=(500, 1, 4, 4)) ** 2 * 20).astype(dtype)
    found = measured(rows, SampleSpec("picture", (1, 4, 4), dtype))
    step = 0 if dtype != "float32" else (rows.max() - rows.min()) / 16384
    assert (found.low, found.high) == (pytest.approx(rows.min(), abs=1e-6), pytest.approx(rows.max(), rel=1e-6))
    np.testing.assert_allclose(found.percentiles, np.quantile(rows, [0.001, 0.999], method="higher"), atol=step + 1)
    assert found.levels == (None if dtype == "float32" else len(np.unique(rows)))
    assert sum(found.histogram) == rows.size
    expected, _ = np.histogram(rows, BINS, (float(rows.min()), float(rows.max())))
    assert np.abs(np.cumsum(found.histogram) - np.cumsum(expected)).max() <= 0.02 * rows.size
    spans = np.ptp(rows.reshape(500, -1).astype(float), axis=1)
    assert found.typical_span == pytest.approx(np.median(spans))


def test_columns_are_measured_one_by_one():
    rows = RANDOM.normal(size=(300, 3)) * [1, 50, 0] + [0, -9, 4]
    pack = pack_of(rows)
    np.testing.assert_allclose(pack.spec.centre, rows.astype(np.float32).mean(0), atol=1e-4)
    np.testing.assert_allclose(pack.spec.spread, [*rows.std(0)[:2], 1], rtol=1e-4)
    seen = pack.samples_at(np.arange(300)).numpy()
    np.testing.assert_allclose(seen.std(0), [1, 1, 0], atol=1e-4)


def test_another_range_needs_no_other_pack():
    values = RANDOM.integers(0, 4096, (90, 8, 8), dtype=np.uint16)
    values[0, 0, 0] = 65535
    usual, narrow, given = (pack_of(values, range=each) for each in (None, "percentile", (0.0, 4095.0)))
    assert usual.path == narrow.path == given.path
    assert usual.contents.digest == given.contents.digest
    assert (usual.spec.high, given.spec.high) == (65535, 4095)
    assert 4080 <= narrow.spec.high <= 4095
    assert given.samples_at(np.array([0])).max() == 1, "what lies outside is clipped"
    assert "99.8% of the values lie between" in usual.notes[0]
    assert "data.range=percentile" in usual.notes[0]
    assert given.notes == ("the values go from 0 to 65535, and are clipped to 0 to 4095",)
    with pytest.raises(InputError, match="Points have no range"):
        pack_of(np.eye(4), range=(0.0, 1.0))


def test_a_few_bright_pictures_are_told_of():
    values = RANDOM.integers(0, 100, (50, 8, 8), dtype=np.uint16)
    values[:10] *= 600
    (note,) = pack_of(values).notes
    assert "half of the pictures use less than 0.16% of the range" in note


def test_what_is_constant_is_grey():
    pack = pack_of(np.full((3, 4, 4), 300.0))
    assert pack.samples_at(np.arange(3)).abs().max() == 0
    assert pack.notes == ("every value is 300: there is nothing to learn",)


def test_a_pack_without_measured_values_is_read():
    pack = pack_of(RANDOM.integers(0, 256, (9, 8, 8), dtype=np.uint8))
    facts = json.loads((pack.path / "pack.json").read_text())
    del facts["values"], facts["notes"]
    (pack.path / "pack.json").write_text(json.dumps(facts))
    assert read_pack(pack.path).spec == pack.spec


def test_12_bit_files_keep_their_levels(tmp_path):
    levels = RANDOM.integers(0, 4096, (6, 16, 16)).astype(np.uint16)
    levels[0, 0] = np.linspace(0, 4095, 16)
    for suffix in ("png", "tif"):
        folder = tmp_path / suffix
        folder.mkdir()
        for number, picture in enumerate(levels):
            Image.fromarray(picture).save(folder / f"{number}.{suffix}")
        pack = pack_of(folder)
        np.testing.assert_array_equal(pack.samples[:, 0], levels)
        assert (pack.spec.dtype, pack.spec.low, pack.spec.high) == ("uint16", 0, 4095)


@pytest.mark.parametrize(
    ("dtype", "low", "high", "kept"),
    [
        ("int8", -5, 5, "int16"),
        ("uint16", 0, 9, "uint16"),
        ("int32", 0, 255, "uint8"),
        ("int32", 0, 127, "uint16"),
        ("int32", 0, 256, "uint16"),
        ("int32", -1, 255, "int16"),
        ("uint64", 0, 70000, "float32"),
        ("float64", 0, 1, "float32"),
        ("bool", 0, 1, "uint8"),
    ],
)
def test_the_type_that_is_kept(dtype, low, high, kept):
    assert stored_type(np.dtype(dtype), float(low), float(high)) == kept


def test_values_of_another_type_keep_their_own_range():
    """A run of an older version had floats as bytes: their range says nothing of the floats."""
    pack = pack_of(RANDOM.random((9, 8, 8)))
    assert pack.seen_as(SampleSpec.picture(1, 8, 8)).spec == pack.spec
    run = pack.spec.ranged(-1, 3)
    assert pack.seen_as(run).spec == run


def test_one_extreme_value_does_not_hide_the_others():
    values = RANDOM.random((50, 8, 8))
    values[0, 0, 0] = 1e6
    low, high = pack_of(values, range="percentile").spec.low, pack_of(values, range="percentile").spec.high
    assert (low, high) == (pytest.approx(0, abs=0.01), pytest.approx(1, abs=0.01))


def test_a_range_without_a_value_is_refused():
    with pytest.raises(InputError, match=r"No value lies within data\.range=\[5000,6000\]: they go from 0 to 4095"):
        pack_of(np.array([0, 4095] * 32, np.uint16).reshape(1, 8, 8), range=(5000.0, 6000.0))


@pytest.mark.parametrize(
    "values",
    [1.7e9 + np.arange(192.0).reshape(3, 8, 8), 1e8 + np.arange(192).reshape(3, 8, 8) % 8, np.eye(8)[None] * 1e-50],
)
def test_what_float32_cannot_tell_apart_is_refused(values):
    with pytest.raises(InputError, match="float32 has too few numbers"):
        pack_of(values)


def test_columns_that_float32_cannot_tell_apart_are_left_out():
    rows = np.stack([RANDOM.normal(size=60), 1.7e9 + np.arange(60) / 10], axis=1)
    pack = pack_of(rows)
    assert pack.spec.names == ("column 0",)
    assert "subtract an offset" in dict(pack.contents.skipped)["column 1"]
    with pytest.raises(InputError, match="Float32 has too few numbers"):
        pack_of(rows[:, 1:])


def test_what_an_array_is_named_and_held_out_is_a_part_of_it():
    from wgan.data.sources.arrays import Arrays

    rows, labels = RANDOM.normal(size=(20, 3)), np.arange(20) % 2
    one, other = (open_pack(Arrays(rows, labels, names=names)) for names in (("a", "b", "c"), ("x", "y", "z")))
    assert (one.spec.names, other.spec.names) == (("a", "b", "c"), ("x", "y", "z"))
    held = open_pack(Arrays(rows, labels, names=("a", "b", "c"), tests=labels == 1))
    assert held.split(0.1)[1].tolist() == np.flatnonzero(labels).tolist()
    words = open_pack(Arrays(rows, np.array(["cat", "dog"])[labels]))
    assert words.contents.label_names == ("cat", "dog")


def test_32_bit_files_of_few_values_keep_them(tmp_path):
    levels = RANDOM.integers(0, 200, (4, 8, 8)).astype(np.int32)
    for number, picture in enumerate(levels):
        Image.fromarray(picture).save(tmp_path / f"{number}.tif")
    np.testing.assert_array_equal(pack_of(tmp_path).samples[:, 0], levels)
    Image.fromarray(np.full((8, 8), 60000, np.uint16)).save(tmp_path / "deep.png")
    assert pack_of(tmp_path).samples.max() == 60000
    Image.fromarray(np.full((8, 8), 255, np.uint8)).save(tmp_path / "shallow.png")
    assert pack_of(tmp_path).notes[0].startswith("1 picture of 8 bits among deeper ones")


def test_a_disc_that_shines_does_not_hide_what_matters():
    """As in a CT: air, tissue within 6% of the range, and a disc for calibration that fills 2% of each slice."""
    slices = np.full((40, 32, 32), -1000, np.int16)
    slices[:, 8:24, 8:24] = RANDOM.integers(-200, 300, (40, 16, 16))
    slices[:, 2:6, 2:7] = 30000
    (note,) = pack_of(slices).notes
    assert "95% of the values, beside the commonest ones, lie in 5% of the range" in note
    assert (
        pack_of(slices, range=(-1000.0, 500.0))
        .notes[0]
        .startswith("the values go from -1000 to 30000, and are clipped")
    )
    y, x = np.mgrid[:32, :32][:, None] - RANDOM.uniform(10, 22, (2, 40, 1, 1))
    assert pack_of(np.exp(-(x * x + y * y) / 30)).notes == (), "blobs on a background use all of it"


@pytest.mark.parametrize(("low", "high"), [(1e30, 1e30), (-3e38, 3e38), (1, 1 + 2**-23), (0, 1e-45)])
def test_points_of_any_size_are_counted(low, high):
    rows = np.array([low, high] * 5, np.float32)[:, None]
    values = measured(rows, SampleSpec.points(1))
    assert (values.low, values.high) == (rows.min(), rows.max())
    assert (values.histogram[0], values.histogram[-1]) == ((10, 0) if low == high else (5, 5))
