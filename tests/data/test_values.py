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
        (RANDOM.integers(0, 2, (9, 8, 8)), "uint8", 0, 1),
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
    assert given.notes == ("values from 0 to 65535 are clipped to the range",)
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
        ("int32", 0, 256, "uint16"),
        ("int32", -1, 255, "int16"),
        ("uint64", 0, 70000, "float32"),
        ("float64", 0, 1, "float32"),
        ("bool", 0, 1, "uint8"),
    ],
)
def test_the_type_that_is_kept(dtype, low, high, kept):
    assert stored_type(np.dtype(dtype), float(low), float(high)) == kept
