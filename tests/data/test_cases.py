"""Inputs that once went wrong, where they lie beside the checkout: what each is packed as."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from wgan.data import open_pack, open_source
from wgan.errors import InputError
from wgan.recipes.suggest import recipe_for

CASES = Path(__file__).parents[3] / "shared" / "cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not beside the checkout")


class Expected(NamedTuple):
    kind: str = "picture"
    dtype: str = "uint8"
    range: tuple[float, float] | None = (0, 255)
    count: int = 0
    labels: tuple[str, ...] = ()
    held_out: int | None = None
    shape: tuple[int, ...] = ()
    said: str = ""
    """In a note, or in a reason for what was passed over."""


EXPECTED = {
    "16bit-12/data": Expected(dtype="uint16", range=(0, 4095), count=20),
    "16bit-8/data": Expected(dtype="uint16", range=(0, 255), count=20),
    "scan-12-bit/data": Expected(dtype="uint16", range=(0, 4094), count=120),
    "32bit-int/data": Expected(dtype="float32", range=(-1000, 2**31), count=12, said="a few others widen"),
    "float-tiff/data": Expected(dtype="float32", range=(0, 1), count=5),
    "tiff-rgb-float/data": Expected(dtype="float32", range=(0, 1), count=3, shape=(3, 64, 64)),
    "multipage/data": Expected(count=30, shape=(3, 48, 48)),
    "tiff-turned/data": Expected(count=10, shape=(3, 60, 24)),
    "rect-128x64/data": Expected(count=60, shape=(3, 128, 64)),
    "blank-tiles-f/data": Expected(count=100, held_out=10),
    "split-folders/data": Expected(count=60, labels=("cat", "dog"), held_out=20),
    "train-test-folders/data": Expected(count=176, labels=("NORMAL", "PNEUMONIA"), held_out=56),
    "train-test-folders/archive.zip": Expected(count=176, labels=("NORMAL", "PNEUMONIA"), held_out=56),
    "stray-beside/data": Expected(count=20, labels=("cats", "dogs"), said="lies beside the folders that are labels"),
    "arc-dotslash/data.zip": Expected(count=5),
    "zip-backslash/data/litter.zip": Expected(count=60, labels=("cats", "dogs")),
    "zip-backslash/data/slashes.zip": Expected(count=60, labels=("cats", "dogs")),
    "kaggle-mnist/data": Expected(count=360, labels=tuple("0123456789"), shape=(1, 28, 28)),
    "kaggle-mnist/archive.zip": Expected(count=360, labels=tuple("0123456789"), shape=(1, 28, 28)),
    "npy-f64-nd784/data.npy": Expected("points", "float32", None, 40, said="flattened picture of 20x16"),
    "npy-one-below-zero/data.npy": Expected(dtype="float32", range=(0, 1), count=40, said="are clipped"),
    "npy-u8-01/data.npy": Expected(range=(0, 1), count=40),
    "npy-u8-015/data.npy": Expected(range=(0, 13), count=40),
    "npy-z-arr/data.npz": Expected(count=40, shape=(1, 20, 16)),
    "npy-z-labels-onehot/data.npz": Expected(count=40, labels=("0", "1", "2")),
    "csv/data/train.csv": Expected("points", "float32", None, 120, tuple("0123456789"), said="picture of 28x28"),
    "csv/data": Expected("points", "float32", None, 120, tuple("0123456789"), said="data.kind=picture"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_went_wrong_is_right(name):
    expected, pack = EXPECTED[name], open_pack(open_source(CASES / name))
    assert (pack.spec.kind, pack.spec.dtype, len(pack)) == (expected.kind, expected.dtype, expected.count)
    if expected.range:
        assert (pack.spec.low, pack.spec.high) == pytest.approx(expected.range)
        seen = pack.samples_at(np.arange(len(pack)))
        assert seen.max() > 0.5, "what is seen is not black"
    assert pack.contents.label_names == expected.labels
    assert pack.shape == (expected.shape or pack.shape)
    if expected.held_out is not None:
        assert len(pack.split(0.1)[1]) == expected.held_out
    told = [*pack.notes, *(entry.reason for entry in pack.contents.skipped)]
    assert not expected.said or any(expected.said in words for words in told), told


@pytest.mark.parametrize("name", ["lfs/data", "lfs/t.npy", "lfs/t.zip", "lfs/t.parquet", "lfs/kmnist-test-imgs.npz"])
def test_pointers_in_place_of_files_say_what_they_are(name):
    with pytest.raises(InputError, match="a pointer of Git LFS in place of the file: run `git lfs pull`"):
        open_pack(open_source(CASES / name))


def test_whole_rectangles_are_trained_on():
    config, why = recipe_for(open_source(CASES / "rect-128x64" / "data").survey())
    assert config.data.size == (128, 64)
    assert not any("cut off" in reason for reason in why)
