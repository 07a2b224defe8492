"""All samples in one file, against `Run.sample`."""

import csv
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from helpers import Described, small_run
from wgan.errors import InputError
from wgan.runs.arrays_out import Work, check_array, write_array
from wgan.runs.asking import asked as asked_for
from wgan.runs.origin import origin
from wgan.types.sample_spec import SampleSpec

RANDOM = np.random.default_rng(0)
SOURCES = {
    "grey": RANDOM.integers(0, 256, (60, 8, 8), dtype=np.uint8),
    "colour": RANDOM.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8),
    "16 bit": RANDOM.integers(100, 4096, (60, 8, 8), dtype=np.uint16),
    "signal": RANDOM.normal(size=(60, 2, 40)) * 3 + 20,
    "volume": RANDOM.integers(0, 256, (60, 5, 6, 7), dtype=np.uint8),
    "points": RANDOM.normal(size=(300, 3)) * [1, 10, 100] + [0, 50, -1000],
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {name: small_run(folder / name, source=values, training__steps=2) for name, values in SOURCES.items()}


def work(run, n, seed=0, wanted=None):
    return Work(run, lambda: run.batches(n, seed, wanted), n, None, origin(run, None, {"seed": seed}))


@pytest.mark.parametrize("name", SOURCES)
def test_an_array_has_the_shape_the_type_and_the_values_of_the_data(runs, tmp_path, name):
    run, n = runs[name], 300
    write_array(work(run, n, 3), tmp_path / "x.npy")
    found = np.load(tmp_path / "x.npy")
    units = run.sample(n, seed=3, units=True).numpy()
    assert found.dtype == units.dtype
    assert found.shape == (n, *SOURCES[name].shape[1:])
    expected = np.moveaxis(units, 1, -1) if name == "colour" else units.reshape(found.shape)
    np.testing.assert_array_equal(found, expected)


def test_an_archive_has_the_latents_and_what_was_asked_for(runs, tmp_path):
    run = runs["grey"]
    write_array(work(run, 270, 1), tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz") as found:
        assert sorted(found) == ["latents", "samples"]
        np.testing.assert_array_equal(found["latents"], run.latents(270, 1).numpy())
        np.testing.assert_array_equal(found["samples"], run.sample(270, seed=1, units=True).numpy()[:, 0])
    asked = small_run(tmp_path / "run", source=Described(), data__condition=("label", "energy"), training__steps=2)
    write_array(work(asked, 270, 1, asked_for(asked.spec.condition, ["label=cat"])), tmp_path / "y.npz")
    with np.load(tmp_path / "y.npz") as found:
        np.testing.assert_array_equal(found["conditions"], asked.conditions(270, {"label": "cat"}, seed=1).numpy())
        expected = asked.sample(270, seed=1, units=True, condition={"label": "cat"}).numpy()[:, 0]
        np.testing.assert_array_equal(found["samples"], expected)


def test_tables_hold_points_and_signals(runs, tmp_path):
    for name in ("points", "signal"):
        run = runs[name]
        write_array(work(run, 5), tmp_path / "x.csv")
        with (tmp_path / "x.csv").open(newline="") as file:
            names, *rows = csv.reader(file)
        units = run.sample(5, units=True).numpy().reshape(5, -1)
        np.testing.assert_allclose(np.array(rows, float), units, rtol=1e-6)
        assert len(names) == units.shape[1] == len(set(names))
    assert (names[0], names[-1]) == ("channel_0_0", "channel_1_39")


@pytest.mark.parametrize("name", ["grey", "colour", "16 bit"])
def test_a_tiff_has_a_page_for_each_picture(runs, tmp_path, name):
    run = runs[name]
    write_array(work(run, 5), tmp_path / "x.tif")
    units = run.sample(5, units=True).numpy()
    with Image.open(tmp_path / "x.tif") as pages:
        assert pages.n_frames == 5
        for number in range(5):
            pages.seek(number)
            np.testing.assert_array_equal(np.atleast_3d(np.asarray(pages)), np.moveaxis(units[number], 0, 2))


def test_memory_does_not_grow_with_the_number(runs, tmp_path):
    run = runs["grey"]
    peaks = []
    for n in (1_000, 50_000):
        tracemalloc.start()
        write_array(work(run, n), tmp_path / "x.npy")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (tmp_path / "x.npy").stat().st_size > 50_000 * 64
    assert peaks[1] < peaks[0] + 100_000


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("x.csv", SampleSpec.picture(1, 8, 8)),
        ("x.tif", SampleSpec.points(3)),
        ("x.tiff", SampleSpec("picture", (5, 8, 8), "float32")),
    ],
)
def test_what_does_not_fit_is_told_with_what_does(tmp_path, name, spec):
    with pytest.raises(InputError, match=r"\.npy, which keeps samples of every kind"):
        check_array(tmp_path / name, spec)
