"""Samples as files, in the units and the type of the data."""

import csv

import numpy as np
import pytest
from PIL import Image

from helpers import small_run
from wgan.errors import InputError
from wgan.runs.samples_out import Some, usual_format, write_each
from wgan.types.sample_spec import SampleSpec

RANDOM = np.random.default_rng(0)


def some(run, n, seed=0):
    return [Some(lambda: run.batches(n, seed))]


def trained(path, values, **more):
    return small_run(path, source=values, training__steps=4, **more)


def test_16_bit_pictures_come_back_as_such(tmp_path):
    values = RANDOM.integers(100, 4096, (60, 8, 8), dtype=np.uint16)
    run = trained(tmp_path / "run", values)
    units = run.sample(5, seed=1, units=True).numpy()
    assert units.dtype == np.uint16
    assert values.min() <= units.min() <= units.max() <= values.max()
    assert write_each(run, some(run, 5, 1), tmp_path / "each") == 5
    with Image.open(tmp_path / "each" / "000003.png") as image:
        np.testing.assert_array_equal(np.asarray(image), units[3, 0])
    write_each(run, some(run, 5, 1), tmp_path / "each", format="tiff")
    with Image.open(tmp_path / "each" / "000003.tiff") as image:
        np.testing.assert_array_equal(np.asarray(image), units[3, 0])
    with pytest.raises(InputError, match="csv keeps points and signals, not 8x8 grey pictures of uint16"):
        write_each(run, some(run, 1), tmp_path / "each", format="csv")


def test_signals_are_written_value_by_value(tmp_path):
    values = RANDOM.normal(size=(60, 2, 40)) * 3 + 20
    run = trained(tmp_path / "run", values)
    units = run.sample(2, units=True).numpy()
    assert run.spec.kind == "signal"
    write_each(run, some(run, 2), tmp_path / "npy")
    np.testing.assert_array_equal(np.load(tmp_path / "npy" / "000001.npy"), units[1])
    write_each(run, some(run, 2), tmp_path / "csv", format="csv")
    with (tmp_path / "csv" / "000001.csv").open(newline="") as file:
        names, *rows = csv.reader(file)
    assert names == ["channel_0", "channel_1"]
    np.testing.assert_allclose(np.array(rows, float), units[1].T, rtol=1e-6)


def test_rows_of_a_table_are_one_file(tmp_path):
    values = RANDOM.normal(size=(300, 3)) * [1, 10, 100] + [0, 50, -1000]
    run = trained(tmp_path / "run", values)
    write_each(run, some(run, 7), tmp_path / "each")
    with (tmp_path / "each" / "samples.csv").open(newline="") as file:
        names, *rows = csv.reader(file)
    assert len(names) == 3
    np.testing.assert_allclose(np.array(rows, float), run.sample(7).numpy(), rtol=1e-5, atol=1e-4)
    generator = run.generator()
    seen = generator(run.latents(7)).numpy()
    np.testing.assert_allclose(run.sample(7).numpy(), seen * run.spec.spread + run.spec.centre, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("spec", "format"),
    [
        (SampleSpec.picture(3, 8, 8), "png"),
        (SampleSpec("picture", (1, 8, 8), "uint16"), "png"),
        (SampleSpec("picture", (1, 8, 8), "int16"), "tiff"),
        (SampleSpec("picture", (1, 8, 8), "float32"), "tiff"),
        (SampleSpec("picture", (5, 8, 8), "float32"), "npy"),
        (SampleSpec("volume", (1, 8, 8, 8), "uint8"), "npy"),
        (SampleSpec.points(4), "csv"),
    ],
)
def test_the_format_that_people_expect(spec, format):
    assert usual_format(spec) == format
